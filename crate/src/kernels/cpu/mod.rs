//! The kernels for the CPU: plain functions over slices of numbers, row-major, time first.
//!
//! Results depend on nothing but their inputs: every sum has one fixed order. The compiler is asked
//! for small code and neither unrolls nor vectorises, so the loops that matter do both themselves.

pub mod activation;
pub mod gru;
mod lanes;
pub mod lstm;
pub mod product;
pub mod rnn;
pub mod rows;
pub mod softmax;
pub mod update;

use lanes::{in_fours, load};
use product::{Packed, View};

/// The extent of a scan.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Time steps, at least one.
    pub time: usize,
    /// Sequences, at least one.
    pub batch: usize,
    /// Width of the hidden state, at least one.
    pub hidden: usize,
}

impl Shape {
    /// Numbers in the state of one time step.
    fn state(self) -> usize {
        self.batch * self.hidden
    }
}

/// What is particular about each sequence of a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sequences<'a> {
    /// How many time steps are real, whole numbers `[batch]`: past them the state stands still.
    /// All of them where absent.
    pub lengths: Option<&'a [f32]>,
    /// Recurrent dropout (Gal and Ghahramani 2016): what multiplies the hidden state,
    /// `[batch, hidden]`, where it enters the product with the recurrent weights, at every time
    /// step alike.
    pub dropout: Option<&'a [f32]>,
}

impl Sequences<'_> {
    /// Whether the sequence of this row ended before this time step.
    fn over(&self, row: usize, step: usize) -> bool {
        self.lengths
            .is_some_and(|lengths| lengths[row] <= step as f32)
    }
}

/// Gradients of the loss that reach a scan, where there are any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Upstream<'a> {
    /// Of all hidden states, `[time, batch, hidden]`.
    pub outputs: Option<&'a [f32]>,
    /// Of the final hidden state, `[batch, hidden]`.
    pub hidden: Option<&'a [f32]>,
    /// Of the final cell state, `[batch, hidden]`; only an LSTM has one.
    pub cell: Option<&'a [f32]>,
}

impl Upstream<'_> {
    /// Adds the gradient of the output of one time step.
    fn add_output(&self, shape: Shape, step: usize, gradient: &mut [f32]) {
        if let Some(outputs) = self.outputs {
            let size = shape.state();
            add(gradient, &outputs[step * size..][..size]);
        }
    }
}

/// A state `[batch, hidden]` to begin with: zeros where there is none.
fn state_or_zeros(shape: Shape, state: Option<&[f32]>) -> Vec<f32> {
    state.map_or_else(|| vec![0.0; shape.state()], <[f32]>::to_vec)
}

/// The product of a state, after dropout, with the recurrent weights, one time step after another.
struct Recurrence<'a> {
    weights: Packed<'a>,
    shape: Shape,
    dropout: Option<&'a [f32]>,
    scratch: Vec<f32>,
}

impl<'a> Recurrence<'a> {
    /// With weights `[hidden, width]` for the forward pass, `[width, hidden]` for the backward pass.
    fn new(shape: Shape, weights: View<'a>, dropout: Option<&'a [f32]>) -> Self {
        Self {
            weights: Packed::new(weights, shape.batch),
            shape,
            dropout,
            scratch: Vec::new(),
        }
    }

    /// `sums += (state∘dropout)·weights`
    fn forward(&mut self, state: &[f32], sums: &mut [f32]) {
        let Shape { batch, hidden, .. } = self.shape;
        let state = match self.dropout {
            None => state,
            Some(dropout) => {
                self.scratch.clear();
                self.scratch.resize(state.len(), 0.0);
                add_product(&mut self.scratch, state, dropout);
                &self.scratch
            }
        };
        self.weights
            .multiply_add(View::new(state, batch, hidden), sums);
    }

    /// `gradient += (sums·weights)∘dropout`
    fn backward(&mut self, sums: View, gradient: &mut [f32]) {
        match self.dropout {
            None => self.weights.multiply_add(sums, gradient),
            Some(dropout) => {
                self.scratch.clear();
                self.scratch.resize(gradient.len(), 0.0);
                self.weights.multiply_add(sums, &mut self.scratch);
                add_product(gradient, &self.scratch, dropout);
            }
        }
    }
}

/// The gradient of the recurrent weights, `[hidden, width]`, given the gradient of their products
/// with the states, `[time, batch, width]`: one product over all time steps.
pub fn recurrent_gradient(
    shape: Shape,
    outputs: &[f32],
    h0: Option<&[f32]>,
    dropout: Option<&[f32]>,
    gradients: &[f32],
) -> Vec<f32> {
    let width = gradients.len() / (shape.time * shape.batch);
    let mut sum = vec![0.0; shape.hidden * width];
    let gradients = View::new(gradients, shape.time * shape.batch, width);
    add_recurrent_gradient(shape, outputs, h0, dropout, gradients, &mut sum, width);
    sum
}

/// Adds up the gradient of recurrent weights whose rows are `stride` apart.
fn add_recurrent_gradient(
    shape: Shape,
    outputs: &[f32],
    h0: Option<&[f32]>,
    dropout: Option<&[f32]>,
    gradients: View,
    sum: &mut [f32],
    stride: usize,
) {
    let Shape { batch, hidden, .. } = shape;
    let later = &outputs[..(shape.time - 1) * shape.state()];
    let mut add_states = |states: &[f32], gradients: View| {
        let count = states.len() / hidden;
        let dropped = dropout.map(|dropout| multiply_each(states, dropout));
        let states = View::new(dropped.as_deref().unwrap_or(states), count, hidden);
        product::multiply_add(states.transposed(), gradients, sum, stride);
    };
    if let Some(h0) = h0 {
        add_states(h0, gradients.row_block(0, batch));
    }
    if !later.is_empty() {
        add_states(later, gradients.row_block(batch, later.len() / hidden));
    }
}

/// Each of the states times the same factors.
fn multiply_each(states: &[f32], factors: &[f32]) -> Vec<f32> {
    let mut products = vec![0.0; states.len()];
    let states = states.chunks_exact(factors.len());
    for (product, state) in products.chunks_exact_mut(factors.len()).zip(states) {
        add_product(product, state, factors);
    }
    products
}

/// `sum += term`
fn add(sum: &mut [f32], term: &[f32]) {
    in_fours([term], [sum], |[term], [sum]| {
        for (sum, term) in sum.iter_mut().zip(term) {
            *sum = (load(sum) + load(term)).to_array();
        }
    });
}

/// `sum += a∘b`
fn add_product(sum: &mut [f32], a: &[f32], b: &[f32]) {
    in_fours([a, b], [sum], |[a, b], [sum]| {
        for (sum, (a, b)) in sum.iter_mut().zip(a.iter().zip(b)) {
            *sum = load(a).mul_add(load(b), load(sum)).to_array();
        }
    });
}
