//! The kernels on a GPU: Burn's CubeCL tensors in and out of the launches of [`gpu`](super::gpu).

use super::Rule;
use super::gpu::{self, gru, lstm, product, rnn, rows, softmax, update};
use super::primitives::{
    GruGradients, GruWalk, LstmGradients, LstmWalk, Optional, Primitives, RnnGradients, RnnWalk,
    SequenceTensors, Updates, Upstream,
};
use crate::config::Activation;
use burn::backend::ops::FloatTensorOps;
use burn::backend::{Shape, TensorMetadata};
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::slice;
use burn_cubecl::ops::reshape;
use burn_cubecl::tensor::CubeTensor;

fn sequences(sequences: SequenceTensors<CubeBackend>) -> gpu::Sequences {
    gpu::Sequences {
        lengths: sequences.lengths,
        dropout: sequences.dropout,
    }
}

fn upstream(upstream: Upstream<CubeBackend>) -> gpu::Upstream {
    gpu::Upstream {
        outputs: upstream.outputs,
        hidden: upstream.hidden,
        cell: upstream.cell,
    }
}

/// The gradient of the GRU's recurrent bias, `[3·hidden]`: blocks z, r and, of the candidate, the
/// recurrent half of `blocks` `[time, batch, 4·hidden]`, summed up.
fn recurrent_bias_gradient(blocks: CubeTensor) -> CubeTensor {
    let [time, batch, width] = blocks.shape().dims();
    let hidden = width / 4;
    let all = rows::sum(reshape(blocks, Shape::new([time * batch, width])));
    let parts = [0..2 * hidden, 3 * hidden..width].map(|part| slice(all.clone(), &[part]));
    CubeBackend::float_cat(parts.into(), 0)
}

impl Primitives for CubeBackend {
    type LstmKept = lstm::Kept;
    type GruKept = gru::Kept;
    type RnnKept = rnn::Kept;

    fn lstm_forward(
        input_half: CubeTensor,
        recurrent: CubeTensor,
        hidden: Option<CubeTensor>,
        cell: Option<CubeTensor>,
        given: SequenceTensors<Self>,
        keep: bool,
    ) -> LstmWalk<Self> {
        let given = sequences(given);
        let walk = lstm::forward(input_half, recurrent, hidden, cell, &given, keep);
        LstmWalk {
            outputs: walk.outputs,
            hidden: walk.hidden,
            cell: walk.cell,
            kept: walk.kept,
        }
    }

    fn lstm_backward(
        kept: lstm::Kept,
        recurrent: CubeTensor,
        _hidden: Option<CubeTensor>,
        _cell: Option<CubeTensor>,
        given: SequenceTensors<Self>,
        gradients: Upstream<Self>,
    ) -> LstmGradients<Self> {
        let given = sequences(given);
        let memory = kept.memory.clone();
        let back = lstm::backward(kept, recurrent, upstream(gradients), &given);
        LstmGradients {
            recurrent: lstm::recurrent_gradient(memory, back.dz.clone(), &given),
            input_half: back.dz,
            hidden: back.dh0,
            cell: back.dc0,
        }
    }

    fn gru_forward(
        input_half: CubeTensor,
        recurrent: CubeTensor,
        bias: CubeTensor,
        hidden: Option<CubeTensor>,
        given: SequenceTensors<Self>,
        keep: bool,
    ) -> GruWalk<Self> {
        let given = sequences(given);
        let walk = gru::forward(input_half, recurrent, bias, hidden, &given, keep);
        GruWalk {
            outputs: walk.outputs,
            hidden: walk.hidden,
            kept: walk.kept,
        }
    }

    fn gru_backward(
        kept: gru::Kept,
        recurrent: CubeTensor,
        _hidden: Option<CubeTensor>,
        given: SequenceTensors<Self>,
        gradients: Upstream<Self>,
    ) -> GruGradients<Self> {
        let given = sequences(given);
        let memory = kept.memory.clone();
        let back = gru::backward(kept, recurrent, upstream(gradients), &given);
        GruGradients {
            recurrent: gru::recurrent_gradient(memory, back.dz.clone(), &given),
            bias: recurrent_bias_gradient(back.dz.clone()),
            input_half: back.dx(),
            hidden: back.dh0,
        }
    }

    fn rnn_forward(
        input_half: CubeTensor,
        recurrent: CubeTensor,
        activation: Activation,
        hidden: Option<CubeTensor>,
        given: SequenceTensors<Self>,
        keep: bool,
    ) -> RnnWalk<Self> {
        let given = sequences(given);
        let walk = rnn::forward(input_half, recurrent, hidden, activation, &given, keep);
        RnnWalk {
            outputs: walk.outputs,
            hidden: walk.hidden,
            kept: walk.kept,
        }
    }

    fn rnn_backward(
        kept: rnn::Kept,
        recurrent: CubeTensor,
        activation: Activation,
        _hidden: Option<CubeTensor>,
        given: SequenceTensors<Self>,
        gradients: Upstream<Self>,
    ) -> RnnGradients<Self> {
        let given = sequences(given);
        let memory = kept.memory.clone();
        let back = rnn::backward(kept, recurrent, activation, upstream(gradients), &given);
        RnnGradients {
            recurrent: rnn::recurrent_gradient(memory, back.dz.clone(), &given),
            input_half: back.dz,
            hidden: back.dh0,
        }
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
        let loss = softmax::cross_entropy(logits, targets, mask, gradient);
        let [nats, correct] = [0..1, 1..2].map(|part| slice(loss.sums.clone(), &[part]));
        (nats, correct, loss.gradient)
    }
}

impl Updates for CubeBackend {
    fn update(
        rule: Rule,
        weight: CubeTensor,
        gradient: CubeTensor,
        means: CubeTensor,
        scale: Optional<Self>,
    ) -> (CubeTensor, CubeTensor) {
        update::update(rule, weight, gradient, means, scale.into_option())
    }

    fn add_squares(others: Optional<Self>, gradient: CubeTensor) -> CubeTensor {
        update::add_squares(others.into_option(), gradient)
    }

    fn clip_scale(squares: CubeTensor, limit: f64) -> CubeTensor {
        update::clip_scale(squares, limit)
    }
}
