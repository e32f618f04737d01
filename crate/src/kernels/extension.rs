//! The kernels as a Burn backend extension: what a network calls, with or without gradients.

use super::cross_entropy::{LOGITS_AT_ONCE, chunked_cross_entropy};
use super::primitives::{Optional, Primitives, SequenceTensors};
use crate::config::Activation;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, backend_extension};

/// The kernels that networks are made of; each is a function of [`super`] with the same name.
#[backend_extension(Autodiff: cfg(feature = "train"), Cube: cfg(feature = "webgpu"), Flex)]
pub trait Kernels: Backend {
    /// Outputs, final hidden state, final cell state.
    fn lstm(
        input_half: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        #[extension_type] hidden: Optional<Self>,
        #[extension_type] cell: Optional<Self>,
        #[extension_type] lengths: Optional<Self>,
        #[extension_type] dropout: Optional<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// Outputs and final hidden state.
    fn gru(
        input_half: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        #[extension_type] hidden: Optional<Self>,
        #[extension_type] lengths: Optional<Self>,
        #[extension_type] dropout: Optional<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// Outputs and final hidden state.
    fn rnn(
        input_half: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        activation: Activation,
        #[extension_type] hidden: Optional<Self>,
        #[extension_type] lengths: Optional<Self>,
        #[extension_type] dropout: Optional<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    fn product(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self>;

    fn linear(
        rows: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    fn gather(weight: FloatTensor<Self>, ids: IntTensor<Self>) -> FloatTensor<Self>;

    fn one_hot_linear(
        weight: FloatTensor<Self>,
        ids: IntTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Nats and correct rows.
    fn cross_entropy(
        rows: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        targets: IntTensor<Self>,
        mask: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

/// Without gradients a kernel is its primitive.
impl<B: Primitives> Kernels for B {
    fn lstm(
        input_half: FloatTensor<B>,
        recurrent: FloatTensor<B>,
        hidden: Optional<B>,
        cell: Optional<B>,
        lengths: Optional<B>,
        dropout: Optional<B>,
    ) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
        let sequences = SequenceTensors::new(lengths, dropout);
        let walk = B::lstm_forward(
            input_half,
            recurrent,
            hidden.into_option(),
            cell.into_option(),
            sequences,
            false,
        );
        (walk.outputs, walk.hidden, walk.cell)
    }

    fn gru(
        input_half: FloatTensor<B>,
        recurrent: FloatTensor<B>,
        bias: FloatTensor<B>,
        hidden: Optional<B>,
        lengths: Optional<B>,
        dropout: Optional<B>,
    ) -> (FloatTensor<B>, FloatTensor<B>) {
        let sequences = SequenceTensors::new(lengths, dropout);
        let walk = B::gru_forward(
            input_half,
            recurrent,
            bias,
            hidden.into_option(),
            sequences,
            false,
        );
        (walk.outputs, walk.hidden)
    }

    fn rnn(
        input_half: FloatTensor<B>,
        recurrent: FloatTensor<B>,
        activation: Activation,
        hidden: Optional<B>,
        lengths: Optional<B>,
        dropout: Optional<B>,
    ) -> (FloatTensor<B>, FloatTensor<B>) {
        let sequences = SequenceTensors::new(lengths, dropout);
        let walk = B::rnn_forward(
            input_half,
            recurrent,
            activation,
            hidden.into_option(),
            sequences,
            false,
        );
        (walk.outputs, walk.hidden)
    }

    fn product(left: FloatTensor<B>, right: FloatTensor<B>) -> FloatTensor<B> {
        <B as Primitives>::product(left, right, None)
    }

    fn linear(
        rows: FloatTensor<B>,
        weight: FloatTensor<B>,
        bias: FloatTensor<B>,
    ) -> FloatTensor<B> {
        <B as Primitives>::product(rows, weight, Some(bias))
    }

    fn gather(weight: FloatTensor<B>, ids: IntTensor<B>) -> FloatTensor<B> {
        <B as Primitives>::gather(weight, ids, None)
    }

    fn one_hot_linear(
        weight: FloatTensor<B>,
        ids: IntTensor<B>,
        bias: FloatTensor<B>,
    ) -> FloatTensor<B> {
        <B as Primitives>::gather(weight, ids, Some(bias))
    }

    fn cross_entropy(
        rows: FloatTensor<B>,
        weight: FloatTensor<B>,
        bias: FloatTensor<B>,
        targets: IntTensor<B>,
        mask: FloatTensor<B>,
    ) -> (FloatTensor<B>, FloatTensor<B>) {
        let sums =
            chunked_cross_entropy::<B>(rows, weight, bias, targets, mask, false, LOGITS_AT_ONCE);
        (sums.nats, sums.correct)
    }
}
