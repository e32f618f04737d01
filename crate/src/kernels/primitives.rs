//! What a device must be able to compute: values in, values out, no gradients recorded.

use super::Rule;
use crate::config::Activation;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, ExtensionType, backend_extension};
use std::fmt::Debug;

/// A tensor that may be missing, in a form that a backend extension can pass on.
#[derive(Clone, Debug, ExtensionType)]
pub enum Optional<B: Backend> {
    Given(FloatTensor<B>),
    Missing,
}

impl<B: Backend> From<Option<FloatTensor<B>>> for Optional<B> {
    fn from(tensor: Option<FloatTensor<B>>) -> Self {
        tensor.map_or(Self::Missing, Self::Given)
    }
}

impl<B: Backend> Optional<B> {
    pub fn into_option(self) -> Option<FloatTensor<B>> {
        match self {
            Self::Given(tensor) => Some(tensor),
            Self::Missing => None,
        }
    }
}

/// What a scan knows about the sequences of its batch; see [`Sequences`](super::Sequences).
#[derive(Clone, Debug)]
pub struct SequenceTensors<B: Backend> {
    /// `[batch]`
    pub lengths: Option<FloatTensor<B>>,
    /// `[batch, hidden]`
    pub dropout: Option<FloatTensor<B>>,
}

impl<B: Backend> SequenceTensors<B> {
    pub fn new(lengths: Optional<B>, dropout: Optional<B>) -> Self {
        Self {
            lengths: lengths.into_option(),
            dropout: dropout.into_option(),
        }
    }
}

/// Gradients of what a scan returned; none where nothing depends on it.
#[derive(Clone, Debug)]
pub struct Upstream<B: Backend> {
    /// Of all hidden states, `[time, batch, hidden]`.
    pub outputs: Option<FloatTensor<B>>,
    /// Of the final hidden state, `[batch, hidden]`.
    pub hidden: Option<FloatTensor<B>>,
    /// Of the LSTM's final cell state, `[batch, hidden]`.
    pub cell: Option<FloatTensor<B>>,
}

/// What an LSTM's walk through time returns.
#[derive(Clone, Debug)]
pub struct LstmWalk<B: Primitives> {
    /// `[time, batch, hidden]`
    pub outputs: FloatTensor<B>,
    /// The final hidden state, `[batch, hidden]`.
    pub hidden: FloatTensor<B>,
    /// The final cell state, `[batch, hidden]`.
    pub cell: FloatTensor<B>,
    /// What the way back needs, if it was asked for.
    pub kept: Option<B::LstmKept>,
}

/// What a GRU's walk through time returns.
#[derive(Clone, Debug)]
pub struct GruWalk<B: Primitives> {
    /// `[time, batch, hidden]`
    pub outputs: FloatTensor<B>,
    /// The final hidden state, `[batch, hidden]`.
    pub hidden: FloatTensor<B>,
    /// What the way back needs, if it was asked for.
    pub kept: Option<B::GruKept>,
}

/// What a simple recurrent network's walk through time returns.
#[derive(Clone, Debug)]
pub struct RnnWalk<B: Primitives> {
    /// `[time, batch, hidden]`
    pub outputs: FloatTensor<B>,
    /// The final hidden state, `[batch, hidden]`.
    pub hidden: FloatTensor<B>,
    /// What the way back needs, if it was asked for.
    pub kept: Option<B::RnnKept>,
}

/// Gradients of what an LSTM's walk took.
pub struct LstmGradients<B: Backend> {
    pub input_half: FloatTensor<B>,
    pub recurrent: FloatTensor<B>,
    pub hidden: FloatTensor<B>,
    pub cell: FloatTensor<B>,
}

/// Gradients of what a GRU's walk took.
pub struct GruGradients<B: Backend> {
    pub input_half: FloatTensor<B>,
    pub recurrent: FloatTensor<B>,
    pub bias: FloatTensor<B>,
    pub hidden: FloatTensor<B>,
}

/// Gradients of what a simple recurrent network's walk took.
pub struct RnnGradients<B: Backend> {
    pub input_half: FloatTensor<B>,
    pub recurrent: FloatTensor<B>,
    pub hidden: FloatTensor<B>,
}

/// The kernels of a device. Shapes and meanings are those of the functions of [`super`] with the
/// same names; initial states may be missing, which means zeros, and `keep` asks for what the way
/// back needs. The gradient of recurrent weights, `Σₜ (h[t−1]∘dropout)ᵀ·gates[t]`, is one product over
/// all time steps.
pub trait Primitives: Backend {
    /// What an LSTM's walk leaves for the way back, as the device likes it.
    type LstmKept: Clone + Debug + Send + 'static;
    /// What a GRU's walk leaves for the way back.
    type GruKept: Clone + Debug + Send + 'static;
    /// What a simple recurrent network's walk leaves for the way back.
    type RnnKept: Clone + Debug + Send + 'static;

    fn lstm_forward(
        input_half: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        hidden: Option<FloatTensor<Self>>,
        cell: Option<FloatTensor<Self>>,
        sequences: SequenceTensors<Self>,
        keep: bool,
    ) -> LstmWalk<Self>;

    fn lstm_backward(
        kept: Self::LstmKept,
        recurrent: FloatTensor<Self>,
        hidden: Option<FloatTensor<Self>>,
        cell: Option<FloatTensor<Self>>,
        sequences: SequenceTensors<Self>,
        upstream: Upstream<Self>,
    ) -> LstmGradients<Self>;

    fn gru_forward(
        input_half: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        hidden: Option<FloatTensor<Self>>,
        sequences: SequenceTensors<Self>,
        keep: bool,
    ) -> GruWalk<Self>;

    fn gru_backward(
        kept: Self::GruKept,
        recurrent: FloatTensor<Self>,
        hidden: Option<FloatTensor<Self>>,
        sequences: SequenceTensors<Self>,
        upstream: Upstream<Self>,
    ) -> GruGradients<Self>;

    fn rnn_forward(
        input_half: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        activation: Activation,
        hidden: Option<FloatTensor<Self>>,
        sequences: SequenceTensors<Self>,
        keep: bool,
    ) -> RnnWalk<Self>;

    fn rnn_backward(
        kept: Self::RnnKept,
        recurrent: FloatTensor<Self>,
        activation: Activation,
        hidden: Option<FloatTensor<Self>>,
        sequences: SequenceTensors<Self>,
        upstream: Upstream<Self>,
    ) -> RnnGradients<Self>;

    /// `left·right`, plus a bias on every row if there is one; of matrices or batches of them.
    fn product(
        left: FloatTensor<Self>,
        right: FloatTensor<Self>,
        bias: Option<FloatTensor<Self>>,
    ) -> FloatTensor<Self>;

    /// Rows of a table by id, plus a bias on every row if there is one.
    fn gather(
        weight: FloatTensor<Self>,
        ids: IntTensor<Self>,
        bias: Option<FloatTensor<Self>>,
    ) -> FloatTensor<Self>;

    /// The way back of a gather: row `v` is the sum of the rows of `gradient` whose id is `v`.
    /// `[vocabulary, width]`
    fn segmented_sum(
        gradient: FloatTensor<Self>,
        ids: IntTensor<Self>,
        vocabulary: usize,
    ) -> FloatTensor<Self>;

    /// `[rows, width]` to `[width]`.
    fn sum_rows(rows: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Of logits `[rows, classes]`: the sum of the losses and the number of rows that were right,
    /// each `[1]` and weighted by the mask, and, if asked for, the gradient of the loss for the logits.
    fn softmax_cross_entropy(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        mask: FloatTensor<Self>,
        gradient: bool,
    ) -> (
        FloatTensor<Self>,
        FloatTensor<Self>,
        Option<FloatTensor<Self>>,
    );
}

/// The optimizer's kernels, which work off the tape, as a backend extension.
#[backend_extension(Cube: cfg(feature = "webgpu"), Flex)]
pub trait Updates: Backend {
    /// The weight and its running means after a step; see [`super::update`]. Adam's second mean is `square`.
    fn update(
        rule: Rule,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        #[extension_type] square: Optional<Self>,
        #[extension_type] scale: Optional<Self>,
    ) -> (
        FloatTensor<Self>,
        FloatTensor<Self>,
        Option<FloatTensor<Self>>,
    );

    /// A gradient's sum of squares, in as many parts as the device likes, on top of the sums of others.
    fn add_squares(
        #[extension_type] others: Optional<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::clip_scale`]; `squares` are the sums of [`Updates::add_squares`].
    fn clip_scale(squares: FloatTensor<Self>, limit: f64) -> FloatTensor<Self>;
}
