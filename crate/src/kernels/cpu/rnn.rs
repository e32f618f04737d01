//! Elman's simple recurrent network (Elman 1990): `h = activation(x + h₋₁·U)`.

use super::activation::tanh;
use super::lanes::{in_fours, load};
use super::product::View;
use super::{Recurrence, Sequences, Shape, Upstream, state_or_zeros};
use crate::config::Activation;
use wide::f32x4;

impl Activation {
    #[inline(always)]
    fn apply(self, x: f32x4) -> f32x4 {
        match self {
            Self::Tanh => tanh(x),
            Self::Relu => x.simd_lt(f32x4::ZERO).bitselect(f32x4::ZERO, x),
        }
    }

    /// The derivative, from the function's value.
    #[inline(always)]
    fn derivative(self, y: f32x4) -> f32x4 {
        match self {
            Self::Tanh => f32x4::ONE - y * y,
            Self::Relu => y.simd_gt(f32x4::ZERO) & f32x4::ONE,
        }
    }
}

/// What a backward pass gives.
#[derive(Debug)]
pub struct Backward {
    /// The gradient of `x`, `[time, batch, hidden]`.
    pub x: Vec<f32>,
    /// The gradient of the initial state, `[batch, hidden]`.
    pub h0: Vec<f32>,
}

/// Runs the cell over all time steps.
///
/// `x` `[time, batch, hidden]`, bias included, becomes the hidden states; the last one is the final
/// state. `recurrent` are the weights `[hidden, hidden]`; `h0` is the initial state
/// `[batch, hidden]`.
pub fn forward(
    shape: Shape,
    x: &mut [f32],
    recurrent: &[f32],
    activation: Activation,
    h0: Option<&[f32]>,
    sequences: Sequences,
) {
    let Shape { hidden, .. } = shape;
    let weights = View::new(recurrent, hidden, hidden);
    let mut recurrence = Recurrence::new(shape, weights, sequences.dropout);
    let initial = state_or_zeros(shape, h0);
    let mut before = initial.as_slice();
    for (step, now) in x.chunks_exact_mut(shape.state()).enumerate() {
        if step > 0 || h0.is_some() {
            recurrence.forward(before, now);
        }
        in_fours([], [now], |[], [h]| {
            for h in h {
                *h = activation.apply(load(h)).to_array();
            }
        });
        let rows = now
            .chunks_exact_mut(hidden)
            .zip(before.chunks_exact(hidden));
        for (row, (now, before)) in rows.enumerate() {
            if sequences.over(row, step) {
                now.copy_from_slice(before);
            }
        }
        before = now;
    }
}

/// Goes back through all time steps; `outputs` are the hidden states that [`forward`] gave.
pub fn backward(
    shape: Shape,
    outputs: &[f32],
    recurrent: &[f32],
    activation: Activation,
    sequences: Sequences,
    upstream: Upstream,
) -> Backward {
    let Shape { batch, hidden, .. } = shape;
    let weights = View::new(recurrent, hidden, hidden).transposed();
    let mut recurrence = Recurrence::new(shape, weights, sequences.dropout);
    let mut dh = state_or_zeros(shape, upstream.hidden);
    let mut dx = vec![0.0; outputs.len()];
    let steps = dx.chunks_exact_mut(shape.state());
    let steps = steps.zip(outputs.chunks_exact(shape.state())).enumerate();
    for (step, (dx, h)) in steps.rev() {
        upstream.add_output(shape, step, &mut dh);
        in_fours([h, &dh], [dx], |[h, dh], [dx]| {
            for n in 0..dx.len() {
                dx[n] = (load(&dh[n]) * activation.derivative(load(&h[n]))).to_array();
            }
        });
        let rows = dx.chunks_exact_mut(hidden).zip(dh.chunks_exact_mut(hidden));
        for (row, (dx, dh)) in rows.enumerate() {
            // A state that stands still hands its gradient on; any other one's is used up.
            let none = if sequences.over(row, step) { dx } else { dh };
            none.fill(0.0);
        }
        recurrence.backward(View::new(dx, batch, hidden), &mut dh);
    }
    Backward { x: dx, h0: dh }
}
