//! Long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000).
//!
//! `i, f, o = σ(·)`, `g = tanh(·)`, `c = f∘c₋₁ + i∘g`, `h = o∘tanh(c)`

use super::activation::{sigmoid, tanh};
use super::lanes::{Four, in_fours, load};
use super::product::View;
use super::{Recurrence, Sequences, Shape, Upstream, state_or_zeros};
use wide::f32x4;

/// i, f, g, o.
const GATES: usize = 4;

/// What a forward pass gives.
#[derive(Debug)]
pub struct Forward {
    /// All hidden states, `[time, batch, hidden]`; the last one is the final hidden state.
    pub outputs: Vec<f32>,
    /// All cell states, `[time, batch, hidden]`, where they are kept for a backward pass, else the
    /// final one alone, `[batch, hidden]`.
    pub cells: Vec<f32>,
}

/// What a backward pass gives besides the gradient of `x`.
#[derive(Debug)]
pub struct Backward {
    /// The gradient of the initial hidden state, `[batch, hidden]`.
    pub h0: Vec<f32>,
    /// The gradient of the initial cell state, `[batch, hidden]`.
    pub c0: Vec<f32>,
}

/// Runs the cell over all time steps.
///
/// `x` `[time, batch, 4·hidden]` is the input half of the gates i, f, g, o, bias included; it becomes
/// the gates after their activation, as [`backward`] needs them. `recurrent` are the weights
/// `[hidden, 4·hidden]`; `h0` and `c0` the initial states `[batch, hidden]`. `keep` is for the cell
/// states.
pub fn forward(
    shape: Shape,
    x: &mut [f32],
    recurrent: &[f32],
    h0: Option<&[f32]>,
    c0: Option<&[f32]>,
    sequences: Sequences,
    keep: bool,
) -> Forward {
    let Shape { time, hidden, .. } = shape;
    let width = GATES * hidden;
    let weights = View::new(recurrent, hidden, width);
    let mut recurrence = Recurrence::new(shape, weights, sequences.dropout);
    let mut h = state_or_zeros(shape, h0);
    let mut c = state_or_zeros(shape, c0);
    let mut outputs = Vec::with_capacity(time * shape.state());
    let mut cells = Vec::with_capacity(if keep { time * shape.state() } else { 0 });
    for (step, gates) in x.chunks_exact_mut(shape.batch * width).enumerate() {
        if step > 0 || h0.is_some() {
            recurrence.forward(&h, gates);
        }
        let states = h.chunks_exact_mut(hidden).zip(c.chunks_exact_mut(hidden));
        for (row, (gates, (h, c))) in gates.chunks_exact_mut(width).zip(states).enumerate() {
            if !sequences.over(row, step) {
                let [i, f, g, o] = split(gates, hidden);
                in_fours([], [i, f, g, o, h, c], advance);
            }
        }
        outputs.extend_from_slice(&h);
        if keep {
            cells.extend_from_slice(&c);
        }
    }
    let cells = if keep { cells } else { c };
    Forward { outputs, cells }
}

/// One time step of one sequence: the states before it become those after it.
fn advance([]: [&[Four]; 0], [i, f, g, o, h, c]: [&mut [Four]; 6]) {
    for n in 0..h.len() {
        let input = sigmoid(load(&i[n]));
        let forget = sigmoid(load(&f[n]));
        let candidate = tanh(load(&g[n]));
        let output = sigmoid(load(&o[n]));
        let cell = forget.mul_add(load(&c[n]), input * candidate);
        i[n] = input.to_array();
        f[n] = forget.to_array();
        g[n] = candidate.to_array();
        o[n] = output.to_array();
        c[n] = cell.to_array();
        h[n] = (output * tanh(cell)).to_array();
    }
}

/// Goes back through all time steps.
///
/// `gates` and `cells` are what [`forward`] kept; the gates become the gradient of `x`.
pub fn backward(
    shape: Shape,
    gates: &mut [f32],
    cells: &[f32],
    recurrent: &[f32],
    c0: Option<&[f32]>,
    sequences: Sequences,
    upstream: Upstream,
) -> Backward {
    let Shape { batch, hidden, .. } = shape;
    let width = GATES * hidden;
    let weights = View::new(recurrent, hidden, width).transposed();
    let mut recurrence = Recurrence::new(shape, weights, sequences.dropout);
    let c0 = state_or_zeros(shape, c0);
    let mut dh = state_or_zeros(shape, upstream.hidden);
    let mut dc = state_or_zeros(shape, upstream.cell);
    let steps = gates.chunks_exact_mut(batch * width).enumerate();
    for (step, gates) in steps.rev() {
        upstream.add_output(shape, step, &mut dh);
        for row in 0..batch {
            let gates = &mut gates[row * width..][..width];
            if sequences.over(row, step) {
                gates.fill(0.0);
                continue;
            }
            let at = row * hidden;
            let now = step * shape.state() + at;
            let before = match step {
                0 => &c0[at..],
                _ => &cells[now - shape.state()..],
            };
            let cells = [&before[..hidden], &cells[now..][..hidden]];
            let (dh, dc) = (&mut dh[at..][..hidden], &mut dc[at..][..hidden]);
            let [i, f, g, o] = split(gates, hidden);
            in_fours(cells, [i, f, g, o, dh, dc], retreat);
        }
        recurrence.backward(View::new(gates, batch, width), &mut dh);
    }
    Backward { h0: dh, c0: dc }
}

/// One time step of one sequence backwards, with the cell states before and after it. The gates
/// become their gradients, `dc` that of the cell state before; `dh` is used up.
fn retreat([before, after]: [&[Four]; 2], [i, f, g, o, dh, dc]: [&mut [Four]; 6]) {
    let one = f32x4::ONE;
    for n in 0..dh.len() {
        let [input, forget] = [load(&i[n]), load(&f[n])];
        let [candidate, output] = [load(&g[n]), load(&o[n])];
        let [before, after] = [load(&before[n]), tanh(load(&after[n]))];
        let d_hidden = load(&dh[n]);
        let d_cell = load(&dc[n]) + d_hidden * output * (one - after * after);
        i[n] = (d_cell * candidate * input * (one - input)).to_array();
        f[n] = (d_cell * before * forget * (one - forget)).to_array();
        g[n] = (d_cell * input * (one - candidate * candidate)).to_array();
        o[n] = (d_hidden * after * output * (one - output)).to_array();
        dc[n] = (d_cell * forget).to_array();
        dh[n] = f32x4::ZERO.to_array();
    }
}

/// The gates of one sequence.
fn split(gates: &mut [f32], hidden: usize) -> [&mut [f32]; GATES] {
    let (first, second) = gates.split_at_mut(2 * hidden);
    let (i, f) = first.split_at_mut(hidden);
    let (g, o) = second.split_at_mut(hidden);
    [i, f, g, o]
}
