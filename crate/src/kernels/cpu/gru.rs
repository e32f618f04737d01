//! Gated recurrent unit (Cho et al. 2014) with the reset gate after the product, as in cuDNN.
//!
//! `y = h₋₁·U + b′`, `z = σ(x_z + y_z)`, `r = σ(x_r + y_r)`, `ĥ = tanh(x_h + r∘y_h)`,
//! `h = z∘h₋₁ + (1−z)∘ĥ`

use super::activation::{sigmoid, tanh};
use super::lanes::{Four, in_fours, load};
use super::product::View;
use super::{Recurrence, Sequences, Shape, Upstream, add_recurrent_gradient, state_or_zeros};
use wide::f32x4;

/// z, r, h.
const GATES: usize = 3;
/// z, r, ĥ, y_h.
const KEPT: usize = 4;

/// What a forward pass gives.
#[derive(Debug)]
pub struct Forward {
    /// All hidden states, `[time, batch, hidden]`; the last one is the final hidden state.
    pub outputs: Vec<f32>,
    /// z, r, ĥ, y_h `[time, batch, 4·hidden]` for a backward pass; empty where they are not kept.
    pub kept: Vec<f32>,
}

/// Runs the cell over all time steps.
///
/// `x` `[time, batch, 3·hidden]` is the input half of the gates z, r, h with its own bias;
/// `recurrent` are the weights `[hidden, 3·hidden]` and `bias` `[3·hidden]` their bias; `h0` is the
/// initial state `[batch, hidden]`.
pub fn forward(
    shape: Shape,
    x: &[f32],
    recurrent: &[f32],
    bias: &[f32],
    h0: Option<&[f32]>,
    sequences: Sequences,
    keep: bool,
) -> Forward {
    let Shape { time, hidden, .. } = shape;
    let width = GATES * hidden;
    let weights = View::new(recurrent, hidden, width);
    let mut recurrence = Recurrence::new(shape, weights, sequences.dropout);
    let mut h = state_or_zeros(shape, h0);
    let mut outputs = Vec::with_capacity(time * shape.state());
    let kept_steps = if keep { time } else { 0 };
    let mut kept = vec![0.0; kept_steps * KEPT * shape.state()];
    let mut kept_rows = kept.chunks_exact_mut(KEPT * hidden);
    let mut forgotten = vec![0.0; KEPT * hidden];
    let biases = bias.repeat(shape.batch);
    let mut y = biases.clone();
    for (step, x) in x.chunks_exact(shape.batch * width).enumerate() {
        y.copy_from_slice(&biases);
        if step > 0 || h0.is_some() {
            recurrence.forward(&h, &mut y);
        }
        let rows = x.chunks_exact(width).zip(y.chunks_exact(width));
        for (row, ((x, y), h)) in rows.zip(h.chunks_exact_mut(hidden)).enumerate() {
            let kept = kept_rows.next().unwrap_or(&mut forgotten);
            if !sequences.over(row, step) {
                let [z, r, candidate, product] = split(kept, hidden);
                product.copy_from_slice(&y[2 * hidden..]);
                let outputs = [z, r, candidate, product, h];
                let [x_z, x_r, x_h] = split_three(x, hidden);
                let [y_z, y_r, _] = split_three(y, hidden);
                in_fours([x_z, x_r, x_h, y_z, y_r], outputs, advance);
            }
        }
        outputs.extend_from_slice(&h);
    }
    Forward { outputs, kept }
}

/// One time step of one sequence: the state before it becomes the one after it. What is kept is
/// filled in around `y`, the product that the reset gate multiplies.
fn advance([x_z, x_r, x_h, y_z, y_r]: [&[Four]; 5], [z, r, candidate, y, h]: [&mut [Four]; 5]) {
    for n in 0..h.len() {
        let update = sigmoid(load(&x_z[n]) + load(&y_z[n]));
        let reset = sigmoid(load(&x_r[n]) + load(&y_r[n]));
        let new = tanh(reset.mul_add(load(&y[n]), load(&x_h[n])));
        z[n] = update.to_array();
        r[n] = reset.to_array();
        candidate[n] = new.to_array();
        h[n] = update.mul_add(load(&h[n]) - new, new).to_array();
    }
}

/// Goes back through all time steps; returns the gradient of the initial state, `[batch, hidden]`.
///
/// `kept` and `outputs` are what [`forward`] gave. `kept` becomes gradients: its first three blocks
/// that of `x`, and its blocks 0, 1 and 3 that of y, so that of `bias` once summed over the rows.
pub fn backward(
    shape: Shape,
    kept: &mut [f32],
    outputs: &[f32],
    recurrent: &[f32],
    h0: Option<&[f32]>,
    sequences: Sequences,
    upstream: Upstream,
) -> Vec<f32> {
    let Shape { batch, hidden, .. } = shape;
    let width = GATES * hidden;
    let weights = View::new(recurrent, hidden, width).transposed();
    let mut recurrence = Recurrence::new(shape, weights, sequences.dropout);
    let h0 = state_or_zeros(shape, h0);
    let mut dh = state_or_zeros(shape, upstream.hidden);
    let mut dy = vec![0.0; batch * width];
    let steps = kept.chunks_exact_mut(batch * KEPT * hidden).enumerate();
    for (step, kept) in steps.rev() {
        upstream.add_output(shape, step, &mut dh);
        let before = match step {
            0 => &h0,
            _ => &outputs[(step - 1) * shape.state()..][..shape.state()],
        };
        let rows = kept.chunks_exact_mut(KEPT * hidden);
        let rows = rows.zip(dy.chunks_exact_mut(width));
        let states = before.chunks_exact(hidden).zip(dh.chunks_exact_mut(hidden));
        for (row, ((kept, dy), (before, dh))) in rows.zip(states).enumerate() {
            if sequences.over(row, step) {
                kept.fill(0.0);
                dy.fill(0.0);
            } else {
                let [z, r, h, y] = split(kept, hidden);
                let (dy_z, rest) = dy.split_at_mut(hidden);
                let (dy_r, dy_h) = rest.split_at_mut(hidden);
                in_fours([before], [z, r, h, y, dy_z, dy_r, dy_h, dh], retreat);
            }
        }
        recurrence.backward(View::new(&dy, batch, width), &mut dh);
    }
    dh
}

/// One time step of one sequence backwards, with the state before it. What was kept becomes
/// gradients, `dy` the gradient of y and `dh` that part of the gradient of the state before which
/// does not come through y.
fn retreat([before]: [&[Four]; 1], [z, r, h, y, dy_z, dy_r, dy_h, dh]: [&mut [Four]; 8]) {
    let one = f32x4::ONE;
    for n in 0..dh.len() {
        let [update, reset] = [load(&z[n]), load(&r[n])];
        let [candidate, product] = [load(&h[n]), load(&y[n])];
        let d_hidden = load(&dh[n]);
        let d_candidate = d_hidden * (one - update) * (one - candidate * candidate);
        let d_update = d_hidden * (load(&before[n]) - candidate) * update * (one - update);
        let d_reset = d_candidate * product * reset * (one - reset);
        let d_product = d_candidate * reset;
        z[n] = d_update.to_array();
        r[n] = d_reset.to_array();
        h[n] = d_candidate.to_array();
        y[n] = d_product.to_array();
        dy_z[n] = d_update.to_array();
        dy_r[n] = d_reset.to_array();
        dy_h[n] = d_product.to_array();
        dh[n] = (d_hidden * update).to_array();
    }
}

/// The gradient of the recurrent weights, `[hidden, 3·hidden]`, from what [`backward`] left in
/// `kept`.
pub fn recurrent_gradient(
    shape: Shape,
    outputs: &[f32],
    h0: Option<&[f32]>,
    dropout: Option<&[f32]>,
    kept: &[f32],
) -> Vec<f32> {
    let Shape { hidden, .. } = shape;
    let width = GATES * hidden;
    let mut sum = vec![0.0; hidden * width];
    // The gradient of y lies in blocks 0 and 1, and in block 3.
    for (from, to, blocks) in [(0, 0, 2), (3, 2, 1)] {
        let rows = shape.time * shape.batch;
        let kept = &kept[from * hidden..];
        let dy = View::strided(kept, rows, blocks * hidden, KEPT * hidden);
        let sum = &mut sum[to * hidden..];
        add_recurrent_gradient(shape, outputs, h0, dropout, dy, sum, width);
    }
    sum
}

/// The gates of one sequence.
fn split_three(gates: &[f32], hidden: usize) -> [&[f32]; GATES] {
    let (z, rest) = gates.split_at(hidden);
    let (r, h) = rest.split_at(hidden);
    [z, r, h]
}

/// What is kept of one sequence.
fn split(kept: &mut [f32], hidden: usize) -> [&mut [f32]; KEPT] {
    let (first, second) = kept.split_at_mut(2 * hidden);
    let (z, r) = first.split_at_mut(hidden);
    let (h, y) = second.split_at_mut(hidden);
    [z, r, h, y]
}
