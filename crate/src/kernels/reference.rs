//! The kernels in plain Burn operations: the definition of what is correct. Each function computes
//! what the one of [`super`] with the same name does.

use super::rule::{
    ADAM_BETA_1, ADAM_BETA_2, ADAM_EPSILON, AdamFactors, CLIP_EPSILON, RMSPROP_EPSILON, RMSPROP_RHO,
};
use super::{Rule, Sequences};
use crate::config::Activation;
use burn::prelude::*;
use burn::tensor::activation::{relu, sigmoid};

/// Splits `[time, batch, width]` into its time steps, each `[batch, width]`.
///
/// By halves: the gradient of a slice is as large as what it was cut from, so cutting each step
/// out of the whole would make the backward pass quadratic in time.
fn time_steps(x: Tensor<3>) -> Vec<Tensor<2>> {
    let [time, batch, width] = x.dims();
    if time == 1 {
        return vec![x.reshape([batch, width])];
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

impl Sequences {
    /// `new` where the sequence goes on at this time step, `old` where it is over. `[batch, hidden]`
    fn hold(&self, step: usize, new: Tensor<2>, old: Tensor<2>) -> Tensor<2> {
        match &self.lengths {
            None => new,
            Some(lengths) => {
                let over = lengths.clone().lower_equal_elem(step as f32);
                let shape = new.shape();
                new.mask_where(over.unsqueeze_dim::<2>(1).expand(shape), old)
            }
        }
    }

    /// The hidden state as it enters the recurrent product.
    fn drop_out(&self, hidden: Tensor<2>) -> Tensor<2> {
        match &self.dropout {
            None => hidden,
            Some(mask) => hidden * mask.clone(),
        }
    }
}

fn zeros(input_half: &Tensor<3>, recurrent: &Tensor<2>) -> Tensor<2> {
    let shape = [input_half.dims()[1], recurrent.dims()[0]];
    Tensor::zeros(shape, &input_half.device())
}

pub fn lstm_scan(
    input_half: Tensor<3>,
    recurrent: Tensor<2>,
    initial: Option<(Tensor<2>, Tensor<2>)>,
    sequences: &Sequences,
) -> (Tensor<3>, (Tensor<2>, Tensor<2>)) {
    let width = recurrent.dims()[0];
    let (mut h, mut c) = initial.unwrap_or_else(|| {
        let zeros = zeros(&input_half, &recurrent);
        (zeros.clone(), zeros)
    });
    let mut outputs = Vec::with_capacity(input_half.dims()[0]);
    for (step, x) in time_steps(input_half).into_iter().enumerate() {
        let gates = x + sequences.drop_out(h.clone()).matmul(recurrent.clone());
        let i = sigmoid(gate(&gates, 0, width));
        let f = sigmoid(gate(&gates, 1, width));
        let g = gate(&gates, 2, width).tanh();
        let o = sigmoid(gate(&gates, 3, width));
        let next_c = f * c.clone() + i * g;
        let next_h = o * next_c.clone().tanh();
        c = sequences.hold(step, next_c, c);
        h = sequences.hold(step, next_h, h);
        outputs.push(h.clone());
    }
    (join(outputs), (h, c))
}

pub fn gru_scan(
    input_half: Tensor<3>,
    recurrent: Tensor<2>,
    recurrent_bias: Tensor<1>,
    initial: Option<Tensor<2>>,
    sequences: &Sequences,
) -> (Tensor<3>, Tensor<2>) {
    let width = recurrent.dims()[0];
    let bias = recurrent_bias.unsqueeze::<2>();
    let mut h = initial.unwrap_or_else(|| zeros(&input_half, &recurrent));
    let mut outputs = Vec::with_capacity(input_half.dims()[0]);
    for (step, x) in time_steps(input_half).into_iter().enumerate() {
        let y = sequences.drop_out(h.clone()).matmul(recurrent.clone()) + bias.clone();
        let z = sigmoid(gate(&x, 0, width) + gate(&y, 0, width));
        let r = sigmoid(gate(&x, 1, width) + gate(&y, 1, width));
        let candidate = (gate(&x, 2, width) + r * gate(&y, 2, width)).tanh();
        let next = candidate.clone() + z * (h.clone() - candidate);
        h = sequences.hold(step, next, h);
        outputs.push(h.clone());
    }
    (join(outputs), h)
}

pub fn rnn_scan(
    input_half: Tensor<3>,
    recurrent: Tensor<2>,
    activation: Activation,
    initial: Option<Tensor<2>>,
    sequences: &Sequences,
) -> (Tensor<3>, Tensor<2>) {
    let mut h = initial.unwrap_or_else(|| zeros(&input_half, &recurrent));
    let mut outputs = Vec::with_capacity(input_half.dims()[0]);
    for (step, x) in time_steps(input_half).into_iter().enumerate() {
        let sum = x + sequences.drop_out(h.clone()).matmul(recurrent.clone());
        let next = match activation {
            Activation::Tanh => sum.tanh(),
            Activation::Relu => relu(sum),
        };
        h = sequences.hold(step, next, h);
        outputs.push(h.clone());
    }
    (join(outputs), h)
}

pub fn linear(rows: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    rows.matmul(weight) + bias.unsqueeze::<2>()
}

pub fn one_hot_linear(weight: Tensor<2>, ids: Tensor<1, Int>, bias: Tensor<1>) -> Tensor<2> {
    weight.select(0, ids) + bias.unsqueeze::<2>()
}

pub fn cross_entropy(
    rows: Tensor<2>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    targets: Tensor<1, Int>,
    mask: Tensor<1>,
) -> (Tensor<1>, Tensor<1>) {
    let logits = linear(rows, weight, bias);
    // The maximum is a constant here: subtracting it changes no probability.
    let shifted = logits.clone() - logits.detach().max_dim(1);
    let right = shifted
        .clone()
        .gather(1, targets.unsqueeze_dim(1))
        .squeeze_dim(1); // [rows]
    let total = shifted.exp().sum_dim(1).log().squeeze_dim(1); // [rows]
    let best = right.clone().detach().greater_equal_elem(0.0).float();
    let nats = ((total - right) * mask.clone()).sum();
    (nats, (best * mask.detach()).sum())
}

pub fn update(
    rule: Rule,
    weight: Tensor<1>,
    gradient: Tensor<1>,
    mean: Tensor<1>,
    square: Option<Tensor<1>>,
    scale: Option<Tensor<1>>,
) -> (Tensor<1>, Vec<Tensor<1>>) {
    let gradient = match scale {
        None => gradient,
        Some(scale) => gradient * scale,
    };
    let blend = |old: Tensor<1>, new: Tensor<1>, keep: f64| old * keep + new * (1.0 - keep);
    match rule {
        Rule::Sgd { rate, momentum } => {
            let velocity = mean * momentum + gradient;
            (weight - velocity.clone() * rate, vec![velocity])
        }
        Rule::RmsProp { rate } => {
            let square = blend(mean, gradient.clone().square(), RMSPROP_RHO);
            let step = gradient * rate / (square.clone() + RMSPROP_EPSILON).sqrt();
            (weight - step, vec![square])
        }
        Rule::Adam { rate, step, decay } => {
            let factors = AdamFactors::new(rate, step, decay);
            let square = square.unwrap_or_else(|| gradient.zeros_like());
            let mean = blend(mean, gradient.clone(), ADAM_BETA_1);
            let square = blend(square, gradient.square(), ADAM_BETA_2);
            let root = square.clone().sqrt() * factors.root + ADAM_EPSILON;
            let step = mean.clone() * factors.rate / root;
            (weight * factors.keep - step, vec![mean, square])
        }
    }
}

pub fn clip_scale(gradients: impl Iterator<Item = Tensor<1>>, limit: f64) -> Option<Tensor<1>> {
    let squares = gradients.map(|values| values.square().sum());
    let total = squares.reduce(|total, squares| total + squares)?;
    Some(((total.sqrt() + CLIP_EPSILON).recip() * limit).clamp_max(1.0))
}
