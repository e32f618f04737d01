//! The recurrence itself, and what stands around it in every training step: kernels of our own.
//!
//! [`reference`] computes everything here in plain Burn operations and so defines what is correct.
//! The kernels compute the same in few passes over memory: on the CPU as tight loops (`cpu`), on a
//! GPU as a handful of dispatches (`gpu`). Both stand behind one trait, `Primitives`, which
//! `autodiff` gives its gradients.
//!
//! All scans take the input half of the gates for every time step, `x·W` with its bias,
//! and compute the recurrent half as they go. Sequences are padded at their end to a common
//! length: past its own last step a sequence's state stands still, so that the state after the
//! last time step is each sequence's own final state, whatever the padding.

#[cfg(feature = "train")]
mod autodiff;
mod cpu;
mod cross_entropy;
#[cfg(feature = "webgpu")]
mod cube;
mod extension;
mod flex;
#[cfg(feature = "webgpu")]
mod gpu;
mod primitives;
pub mod reference;
mod rule;

use crate::config::Activation;
use burn::backend::Dispatch;
use burn::prelude::*;
pub use cross_entropy::LOGITS_AT_ONCE;
use extension::Kernels;
use primitives::{Optional, Updates};
pub use rule::Rule;
use std::cell::Cell;

/// WebGPU's default limit on what one binding of a kernel holds, in bytes.
pub const BINDING_BYTES: usize = 128 << 20;

thread_local! {
    static USE_REFERENCE: Cell<bool> = const { Cell::new(false) };
}

/// Lets plain Burn operations take the kernels' place on this thread, until told otherwise: to
/// compare the two.
pub fn use_reference(on: bool) {
    USE_REFERENCE.set(on);
}

fn reference_wanted() -> bool {
    USE_REFERENCE.get()
}

/// What a scan knows about the sequences of its batch, beside their values.
#[derive(Clone, Debug, Default)]
pub struct Sequences {
    /// Each sequence's own number of time steps, `[batch]`, in whole numbers; `None` where all
    /// run to the end.
    lengths: Option<Tensor<1>>,
    /// What the hidden state is multiplied by where it enters the recurrent product, `[batch, hidden]`.
    dropout: Option<Tensor<2>>,
}

impl Sequences {
    /// Sequences of these lengths, padded to `time` steps.
    pub fn new(lengths: &[usize], time: usize, device: &Device) -> Self {
        let ragged = lengths.iter().any(|&length| length < time);
        let lengths = ragged.then(|| {
            let lengths: Vec<f32> = lengths.iter().map(|&length| length as f32).collect();
            let count = lengths.len();
            Tensor::from_data(TensorData::new(lengths, [count]), device)
        });
        Self {
            lengths,
            dropout: None,
        }
    }

    /// The same with recurrent dropout (Gal and Ghahramani 2016): one mask `[batch, hidden]` of
    /// zeros and `1/(1 − rate)` for all time steps.
    pub fn with_dropout(self, mask: Tensor<2>) -> Self {
        Self {
            dropout: Some(mask),
            ..self
        }
    }

    /// The same sequences from time step `start` on.
    pub fn after(&self, start: usize) -> Self {
        Self {
            lengths: self.lengths.clone().map(|lengths| lengths - start as f32),
            dropout: self.dropout.clone(),
        }
    }

    fn dispatched(&self) -> [Optional<Dispatch>; 2] {
        [
            self.lengths.clone().map(Tensor::into_dispatch).into(),
            self.dropout.clone().map(Tensor::into_dispatch).into(),
        ]
    }
}

/// Long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000), gates i, f, g, o:
///
/// `i, f, o = σ(·)`, `g = tanh(·)`, `c = f∘c₋₁ + i∘g`, `h = o∘tanh(c)`
///
/// Takes the input half `[time, batch, 4·hidden]`, bias included, the recurrent weights
/// `[hidden, 4·hidden]` and the initial hidden and cell states `[batch, hidden]`, zeros where none
/// are given. At least one time step. Returns all hidden states `[time, batch, hidden]` and the
/// final hidden and cell states.
pub fn lstm_scan(
    input_half: Tensor<3>,
    recurrent: Tensor<2>,
    initial: Option<(Tensor<2>, Tensor<2>)>,
    sequences: &Sequences,
) -> (Tensor<3>, (Tensor<2>, Tensor<2>)) {
    if reference_wanted() {
        return reference::lstm_scan(input_half, recurrent, initial, sequences);
    }
    let (hidden, cell) = initial.unzip();
    let [lengths, dropout] = sequences.dispatched();
    let (outputs, hidden, cell) = <Dispatch as Kernels>::lstm(
        input_half.into_dispatch(),
        recurrent.into_dispatch(),
        hidden.map(Tensor::into_dispatch).into(),
        cell.map(Tensor::into_dispatch).into(),
        lengths,
        dropout,
    );
    let state = (Tensor::from_dispatch(hidden), Tensor::from_dispatch(cell));
    (Tensor::from_dispatch(outputs), state)
}

/// Gated recurrent unit (Cho et al. 2014) with the reset gate after the product, as cuDNN, Keras
/// (`reset_after=True`) and PyTorch have it; gates z, r, h:
///
/// `z, r = σ(·)`, `ĥ = tanh(x·Wₕ + bₕ + r∘(h₋₁·Uₕ + b′ₕ))`, `h = z∘h₋₁ + (1−z)∘ĥ`
///
/// Takes the input half `[time, batch, 3·hidden]` with its own bias, the recurrent weights
/// `[hidden, 3·hidden]`, the recurrent bias `[3·hidden]`, which the reset gate multiplies, and
/// the initial state `[batch, hidden]`, zeros where none is given. At least one time step.
/// Returns all hidden states and the final one.
pub fn gru_scan(
    input_half: Tensor<3>,
    recurrent: Tensor<2>,
    recurrent_bias: Tensor<1>,
    initial: Option<Tensor<2>>,
    sequences: &Sequences,
) -> (Tensor<3>, Tensor<2>) {
    if reference_wanted() {
        return reference::gru_scan(input_half, recurrent, recurrent_bias, initial, sequences);
    }
    let [lengths, dropout] = sequences.dispatched();
    let (outputs, hidden) = <Dispatch as Kernels>::gru(
        input_half.into_dispatch(),
        recurrent.into_dispatch(),
        recurrent_bias.into_dispatch(),
        initial.map(Tensor::into_dispatch).into(),
        lengths,
        dropout,
    );
    (
        Tensor::from_dispatch(outputs),
        Tensor::from_dispatch(hidden),
    )
}

/// Elman's simple recurrent network (Elman 1990): `h = activation(x·W + b + h₋₁·U)`.
///
/// Takes the input half `[time, batch, hidden]`, bias included, the recurrent weights
/// `[hidden, hidden]` and the initial state `[batch, hidden]`, zeros where none is given. At least
/// one time step. Returns all hidden states and the final one.
pub fn rnn_scan(
    input_half: Tensor<3>,
    recurrent: Tensor<2>,
    activation: Activation,
    initial: Option<Tensor<2>>,
    sequences: &Sequences,
) -> (Tensor<3>, Tensor<2>) {
    if reference_wanted() {
        return reference::rnn_scan(input_half, recurrent, activation, initial, sequences);
    }
    let [lengths, dropout] = sequences.dispatched();
    let (outputs, hidden) = <Dispatch as Kernels>::rnn(
        input_half.into_dispatch(),
        recurrent.into_dispatch(),
        activation,
        initial.map(Tensor::into_dispatch).into(),
        lengths,
        dropout,
    );
    (
        Tensor::from_dispatch(outputs),
        Tensor::from_dispatch(hidden),
    )
}

/// The matrix product of two matrices, or of equal batches of them: `[.., m, k]` by `[.., k, n]`.
pub fn product<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
    const { assert!(D == 2 || D == 3) };
    let (a, b) = (left.dims(), right.dims());
    // The kernels do not look again.
    assert_eq!(
        (&a[..D - 2], a[D - 1]),
        (&b[..D - 2], b[D - 2]),
        "{a:?} by {b:?}"
    );
    if reference_wanted() {
        return left.matmul(right);
    }
    let product = <Dispatch as Kernels>::product(left.into_dispatch(), right.into_dispatch());
    Tensor::from_dispatch(product)
}

/// A dense layer: rows `[rows, input]` times weights `[input, output]` plus the bias `[output]`.
pub fn linear(rows: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    assert_eq!([rows.dims()[1], bias.dims()[0]], weight.dims());
    if reference_wanted() {
        return reference::linear(rows, weight, bias);
    }
    Tensor::from_dispatch(<Dispatch as Kernels>::linear(
        rows.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
    ))
}

/// Row `ids[i]` of the weights `[vocabulary, width]` for each of the ids `[rows]`.
pub fn gather(weight: Tensor<2>, ids: Tensor<1, Int>) -> Tensor<2> {
    if reference_wanted() {
        return weight.select(0, ids);
    }
    Tensor::from_dispatch(<Dispatch as Kernels>::gather(
        weight.into_dispatch(),
        ids.into_dispatch(),
    ))
}

/// The same with a bias `[width]` on every row: a dense layer on one-hot vectors that are never made.
pub fn one_hot_linear(weight: Tensor<2>, ids: Tensor<1, Int>, bias: Tensor<1>) -> Tensor<2> {
    if reference_wanted() {
        return reference::one_hot_linear(weight, ids, bias);
    }
    Tensor::from_dispatch(<Dispatch as Kernels>::one_hot_linear(
        weight.into_dispatch(),
        ids.into_dispatch(),
        bias.into_dispatch(),
    ))
}

/// The cross-entropy of a dense layer's softmax on rows `[rows, hidden]` against the right classes
/// `[rows]`; row `i` counts `mask[i]` times. Returns the sum in nats `[1]`, and how many rows gave
/// the right class the highest logit `[1]`, which has no gradient.
///
/// The logits `[rows, classes]` live for one chunk of rows only, in the forward pass: their gradient
/// is taken on the spot, so that nothing of their size is kept for the backward pass.
pub fn cross_entropy(
    rows: Tensor<2>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    targets: Tensor<1, Int>,
    mask: Tensor<1>,
) -> (Tensor<1>, Tensor<1>) {
    if reference_wanted() {
        return reference::cross_entropy(rows, weight, bias, targets, mask);
    }
    let (nats, correct) = <Dispatch as Kernels>::cross_entropy(
        rows.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        targets.into_dispatch(),
        mask.into_dispatch(),
    );
    let correct = Tensor::<1>::from_dispatch(correct);
    (Tensor::from_dispatch(nats), correct)
}

/// One step of an optimizer for one weight, all flat and off the tape: the weight, its gradient and its
/// running means, `[n]` each, and what all gradients are multiplied by first `[1]`. Adam has two
/// means, of gradients and of their squares, the other rules have one. Returns the new weight and means.
pub fn update(
    rule: Rule,
    weight: Tensor<1>,
    gradient: Tensor<1>,
    means: Vec<Tensor<1>>,
    scale: Option<Tensor<1>>,
) -> (Tensor<1>, Vec<Tensor<1>>) {
    let mut means = means.into_iter();
    let mean = means.next().unwrap_or_else(|| gradient.zeros_like());
    let square = match rule {
        Rule::Adam { .. } => Some(means.next().unwrap_or_else(|| gradient.zeros_like())),
        Rule::Sgd { .. } | Rule::RmsProp { .. } => None,
    };
    if reference_wanted() {
        return reference::update(rule, weight, gradient, mean, square, scale);
    }
    let (weight, mean, square) = <Dispatch as Updates>::update(
        rule,
        weight.into_dispatch(),
        gradient.into_dispatch(),
        mean.into_dispatch(),
        square.map(Tensor::into_dispatch).into(),
        scale.map(Tensor::into_dispatch).into(),
    );
    let means = [Some(mean), square].into_iter().flatten();
    (
        Tensor::from_dispatch(weight),
        means.map(Tensor::from_dispatch).collect(),
    )
}

/// What to multiply gradients by so that their common norm is at most `limit` (Pascanu et al. 2013):
/// `min(1, limit / norm)`, `[1]`; none where there are no gradients. It never leaves the device.
pub fn clip_scale(gradients: impl Iterator<Item = Tensor<1>>, limit: f64) -> Option<Tensor<1>> {
    if reference_wanted() {
        return reference::clip_scale(gradients, limit);
    }
    let add = |others: Optional<Dispatch>, gradient: Tensor<1>| {
        let sums = <Dispatch as Updates>::add_squares(others, gradient.into_dispatch());
        Optional::Given(sums)
    };
    let squares = gradients.fold(Optional::Missing, add).into_option()?;
    let scale = <Dispatch as Updates>::clip_scale(squares, limit);
    Some(Tensor::from_dispatch(scale))
}
