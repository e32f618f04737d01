//! The kernels on a GPU: what Burn's CubeCL backend launches of [`gpu`](super::gpu).

use super::Rule;
use super::gpu::{gru, lstm, product, rnn, rows, softmax, update};
use super::primitives::{
    GruGradients, GruWalk, LstmGradients, LstmWalk, Optional, Primitives, RnnGradients, RnnWalk,
    SequenceTensors, Updates, Upstream,
};
use crate::config::Activation;
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;

impl Primitives for CubeBackend {
    type LstmKept = lstm::Kept;
    type GruKept = gru::Kept;
    type RnnKept = rnn::Kept;

    fn lstm_forward(
        input_half: CubeTensor,
        recurrent: CubeTensor,
        hidden: Option<CubeTensor>,
        cell: Option<CubeTensor>,
        sequences: SequenceTensors<Self>,
        keep: bool,
    ) -> LstmWalk<Self> {
        lstm::forward(input_half, recurrent, hidden, cell, sequences, keep)
    }

    fn lstm_backward(
        kept: lstm::Kept,
        recurrent: CubeTensor,
        _hidden: Option<CubeTensor>,
        _cell: Option<CubeTensor>,
        sequences: SequenceTensors<Self>,
        upstream: Upstream<Self>,
    ) -> LstmGradients<Self> {
        lstm::backward(kept, recurrent, sequences, upstream)
    }

    fn gru_forward(
        input_half: CubeTensor,
        recurrent: CubeTensor,
        bias: CubeTensor,
        hidden: Option<CubeTensor>,
        sequences: SequenceTensors<Self>,
        keep: bool,
    ) -> GruWalk<Self> {
        gru::forward(input_half, recurrent, bias, hidden, sequences, keep)
    }

    fn gru_backward(
        kept: gru::Kept,
        recurrent: CubeTensor,
        _hidden: Option<CubeTensor>,
        sequences: SequenceTensors<Self>,
        upstream: Upstream<Self>,
    ) -> GruGradients<Self> {
        gru::backward(kept, recurrent, sequences, upstream)
    }

    fn rnn_forward(
        input_half: CubeTensor,
        recurrent: CubeTensor,
        activation: Activation,
        hidden: Option<CubeTensor>,
        sequences: SequenceTensors<Self>,
        keep: bool,
    ) -> RnnWalk<Self> {
        rnn::forward(input_half, recurrent, hidden, activation, sequences, keep)
    }

    fn rnn_backward(
        kept: rnn::Kept,
        recurrent: CubeTensor,
        activation: Activation,
        _hidden: Option<CubeTensor>,
        sequences: SequenceTensors<Self>,
        upstream: Upstream<Self>,
    ) -> RnnGradients<Self> {
        rnn::backward(kept, recurrent, activation, sequences, upstream)
    }

    fn product(left: CubeTensor, right: CubeTensor, bias: Option<CubeTensor>) -> CubeTensor {
        product::product(left, right, bias)
    }

    fn gather(weight: CubeTensor, ids: CubeTensor, bias: Option<CubeTensor>) -> CubeTensor {
        rows::gather(weight, ids, bias)
    }

    fn segmented_sum(gradient: CubeTensor, ids: CubeTensor, vocabulary: usize) -> CubeTensor {
        rows::gather_gradient(gradient, ids, vocabulary)
    }

    fn sum_rows(all: CubeTensor) -> CubeTensor {
        rows::sum(all)
    }

    fn softmax_cross_entropy(
        logits: CubeTensor,
        targets: CubeTensor,
        mask: CubeTensor,
        gradient: bool,
    ) -> (CubeTensor, CubeTensor, Option<CubeTensor>) {
        softmax::cross_entropy(logits, targets, mask, gradient)
    }
}

impl Updates for CubeBackend {
    fn update(
        rule: Rule,
        weight: CubeTensor,
        gradient: CubeTensor,
        mean: CubeTensor,
        square: Optional<Self>,
        scale: Optional<Self>,
    ) -> (CubeTensor, CubeTensor, Option<CubeTensor>) {
        let (square, scale) = (square.into_option(), scale.into_option());
        update::update(rule, weight, gradient, mean, square, scale)
    }

    fn add_squares(others: Optional<Self>, gradient: CubeTensor) -> CubeTensor {
        update::add_squares(others.into_option(), gradient)
    }

    fn clip_scale(squares: CubeTensor, limit: f64) -> CubeTensor {
        update::clip_scale(squares, limit)
    }
}
