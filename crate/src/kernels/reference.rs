//! The recurrence in plain Burn operations: the definition of what is correct.

use super::Mask;
use crate::config::Activation;
use burn::prelude::*;
use burn::tensor::activation::{relu, sigmoid};

/// Splits `[time, batch, width]` into its time steps, each `[batch, width]`.
///
/// By halves: the gradient of a slice is as large as what it was cut from, so cutting each step
/// out of the whole would make the backward pass quadratic in time.
pub fn time_steps(x: Tensor<3>) -> Vec<Tensor<2>> {
    let [time, batch, width] = x.dims();
    if time <= 1 {
        return (0..time)
            .map(|_| x.clone().reshape([batch, width]))
            .collect();
    }
    let half = time / 2;
    let mut steps = time_steps(x.clone().narrow(0, 0, half));
    steps.extend(time_steps(x.narrow(0, half, time - half)));
    steps
}

/// Joins time steps `[batch, hidden]` into `[time, batch, hidden]`.
fn join(steps: Vec<Tensor<2>>) -> Tensor<3> {
    Tensor::stack(steps, 0)
}

/// Columns `index·width .. (index + 1)·width` of the gates.
fn gate(gates: &Tensor<2>, index: usize, width: usize) -> Tensor<2> {
    gates.clone().narrow(1, index * width, width)
}

/// Long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000), gates i, f, g, o:
///
/// `i, f, o = σ(·)`, `g = tanh(·)`, `c = f∘c₋₁ + i∘g`, `h = o∘tanh(c)`
///
/// Takes the input half `[time, batch, 4·hidden]`, bias included, the recurrent weights
/// `[hidden, 4·hidden]` and the initial hidden and cell states `[batch, hidden]`.
/// Returns all hidden states `[time, batch, hidden]` and the final hidden and cell states.
pub fn lstm_scan(
    input_half: Tensor<3>,
    recurrent: Tensor<2>,
    initial: (Tensor<2>, Tensor<2>),
    mask: &Mask,
) -> (Tensor<3>, (Tensor<2>, Tensor<2>)) {
    let width = recurrent.dims()[0];
    let (mut h, mut c) = initial;
    let mut outputs = Vec::with_capacity(input_half.dims()[0]);
    for (step, x) in time_steps(input_half).into_iter().enumerate() {
        let gates = x + h.clone().matmul(recurrent.clone());
        let i = sigmoid(gate(&gates, 0, width));
        let f = sigmoid(gate(&gates, 1, width));
        let g = gate(&gates, 2, width).tanh();
        let o = sigmoid(gate(&gates, 3, width));
        let next_c = f * c.clone() + i * g;
        let next_h = o * next_c.clone().tanh();
        c = mask.hold(step, next_c, c);
        h = mask.hold(step, next_h, h);
        outputs.push(h.clone());
    }
    (join(outputs), (h, c))
}

/// Gated recurrent unit (Cho et al. 2014) with the reset gate after the product, as cuDNN, Keras
/// (`reset_after=True`) and PyTorch have it; gates z, r, h:
///
/// `z, r = σ(·)`, `ĥ = tanh(x·Wₕ + bₕ + r∘(h₋₁·Uₕ + b′ₕ))`, `h = z∘h₋₁ + (1−z)∘ĥ`
///
/// Takes the input half `[time, batch, 3·hidden]` with its own bias, the recurrent weights
/// `[hidden, 3·hidden]` and the recurrent bias `[3·hidden]`, which the reset gate multiplies, and
/// the initial state `[batch, hidden]`. Returns all hidden states and the final one.
pub fn gru_scan(
    input_half: Tensor<3>,
    recurrent: Tensor<2>,
    recurrent_bias: Tensor<1>,
    initial: Tensor<2>,
    mask: &Mask,
) -> (Tensor<3>, Tensor<2>) {
    let width = recurrent.dims()[0];
    let bias = recurrent_bias.unsqueeze::<2>();
    let mut h = initial;
    let mut outputs = Vec::with_capacity(input_half.dims()[0]);
    for (step, x) in time_steps(input_half).into_iter().enumerate() {
        let y = h.clone().matmul(recurrent.clone()) + bias.clone();
        let z = sigmoid(gate(&x, 0, width) + gate(&y, 0, width));
        let r = sigmoid(gate(&x, 1, width) + gate(&y, 1, width));
        let candidate = (gate(&x, 2, width) + r * gate(&y, 2, width)).tanh();
        let next = candidate.clone() + z * (h.clone() - candidate);
        h = mask.hold(step, next, h);
        outputs.push(h.clone());
    }
    (join(outputs), h)
}

/// Elman's simple recurrent network (Elman 1990): `h = activation(x·W + b + h₋₁·U)`.
///
/// Takes the input half `[time, batch, hidden]`, bias included, the recurrent weights
/// `[hidden, hidden]` and the initial state `[batch, hidden]`. Returns all hidden states and the
/// final one.
pub fn rnn_scan(
    input_half: Tensor<3>,
    recurrent: Tensor<2>,
    activation: Activation,
    initial: Tensor<2>,
    mask: &Mask,
) -> (Tensor<3>, Tensor<2>) {
    let mut h = initial;
    let mut outputs = Vec::with_capacity(input_half.dims()[0]);
    for (step, x) in time_steps(input_half).into_iter().enumerate() {
        let sum = x + h.clone().matmul(recurrent.clone());
        let next = match activation {
            Activation::Tanh => sum.tanh(),
            Activation::Relu => relu(sum),
        };
        h = mask.hold(step, next, h);
        outputs.push(h.clone());
    }
    (join(outputs), h)
}
