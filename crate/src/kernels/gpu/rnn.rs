//! The simple recurrent network, forward and backward through all time steps in one dispatch each.

use super::product::recurrent_gradient;
use super::scan::{
    Memory, Spread, final_gradients, initial_gradient, load, multiply, multiply_back, padded,
    store, tanh, transposed,
};
use super::{Quad, empty};
use crate::config::Activation;
use crate::kernels::primitives::{RnnGradients, RnnWalk, SequenceTensors, Upstream};
use burn::backend::TensorMetadata;
use burn_cubecl::{CubeBackend, kernel::into_contiguous, tensor::CubeTensor};
use cubecl::prelude::*;

/// What the walk backward needs of the walk forward.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The initial state and those after each step, in one buffer.
    memory: CubeTensor,
    layout: Memory,
}

/// Walks through time: `h = activation(x + h₋₁·U)` (Elman 1990).
///
/// `x` `[time, batch, hidden]` is the input half, bias included, `recurrent` `[hidden, hidden]` the recurrent
/// weights; an absent initial state `[batch, hidden]` is zero.
pub fn forward(
    x: CubeTensor,
    recurrent: CubeTensor,
    h0: Option<CubeTensor>,
    activation: Activation,
    sequences: SequenceTensors<CubeBackend>,
    keep: bool,
) -> RnnWalk<CubeBackend> {
    let [time, batch, hidden] = x.shape().dims();
    let x = into_contiguous(x);
    let recurrent = into_contiguous(recurrent);
    let layout = Memory::new(time, batch, hidden, 1);
    let memory = layout.allocate(&x, 1);
    let spread = Spread::new(hidden, 1, 8);
    let given = u32::from(h0.is_some());
    let flags = (sequences.lengths.is_some(), sequences.dropout.is_some());
    // What is absent still takes a binding.
    let or_absent = |tensor: Option<CubeTensor>| {
        tensor
            .map_or_else(|| recurrent.clone(), into_contiguous)
            .into_buffer_arg()
    };
    // SAFETY: rows are clamped to the batch, units to the hidden size.
    unsafe {
        forward_kernel::launch_unchecked(
            &x.client.clone(),
            spread.workgroups(batch),
            spread.units(),
            spread.vector(),
            x.into_buffer_arg(),
            recurrent.clone().into_buffer_arg(),
            memory.clone().into_buffer_arg(),
            or_absent(h0),
            or_absent(sequences.lengths),
            or_absent(sequences.dropout.clone()),
            time,
            batch,
            layout.first(0),
            layout.last(0),
            given,
            activation == Activation::Relu,
            flags.0,
            flags.1,
            spread,
        );
    }
    RnnWalk {
        outputs: layout.steps(&memory, 0),
        hidden: layout.final_value(&memory, 0),
        kept: keep.then_some(Kept { memory, layout }),
    }
}

/// Walks back through time.
pub fn backward(
    kept: Kept,
    recurrent: CubeTensor,
    activation: Activation,
    sequences: SequenceTensors<CubeBackend>,
    upstream: Upstream<CubeBackend>,
) -> RnnGradients<CubeBackend> {
    let Kept { memory, layout } = kept;
    let dims = layout.dims();
    let [time, batch, hidden] = dims;
    let recurrent = transposed(recurrent);
    let (states, given) = final_gradients(&memory, &layout, &[upstream.hidden]);
    let dz = empty(&memory, dims);
    let spread = Spread::new(hidden, 1, 8);
    let from_outputs = u32::from(upstream.outputs.is_some());
    let flags = (sequences.lengths.is_some(), sequences.dropout.is_some());
    // What is absent still takes a binding.
    let or_absent = |tensor: Option<CubeTensor>| {
        tensor
            .map_or_else(|| recurrent.clone(), into_contiguous)
            .into_buffer_arg()
    };
    // SAFETY: rows are clamped to the batch, units to the hidden size.
    unsafe {
        backward_kernel::launch_unchecked(
            &dz.client,
            spread.workgroups(batch),
            spread.units(),
            spread.vector(),
            memory.clone().into_buffer_arg(),
            recurrent.clone().into_buffer_arg(),
            or_absent(upstream.outputs),
            dz.clone().into_buffer_arg(),
            states.clone().into_buffer_arg(),
            or_absent(sequences.lengths),
            or_absent(sequences.dropout.clone()),
            time,
            batch,
            layout.first(0),
            from_outputs,
            given[0],
            activation == Activation::Relu,
            flags.0,
            flags.1,
            spread,
        );
    }
    RnnGradients {
        recurrent: recurrent_gradient(
            memory,
            layout.initial(0),
            &dz,
            &[(0, hidden)],
            hidden,
            sequences.dropout,
        ),
        input_half: dz,
        hidden: initial_gradient(&states, &layout, 0),
    }
}

#[cube(launch_unchecked)]
fn forward_kernel<N: Size>(
    x: &[Vector<f32, N>],
    recurrent: &[Vector<f32, N>],
    memory: &mut [Vector<f32, N>],
    h0: &[Vector<f32, N>],
    lengths: &[f32],
    dropout: &[Vector<f32, N>],
    time: usize,
    batch: usize,
    outputs: usize,
    last: usize,
    h0_given: u32,
    #[comptime] relu: bool,
    #[comptime] has_lengths: bool,
    #[comptime] has_dropout: bool,
    #[comptime] spread: Spread,
) {
    let hidden = comptime![spread.hidden];
    let rows = comptime![spread.rows];
    let quad = UNIT_POS_X as usize;
    let unit = quad * 4;
    let first = UNIT_POS_Y as usize * rows;
    let row = CUBE_POS_X as usize * comptime![spread.rows * spread.lanes] + first;
    let step = batch * hidden;

    let mut tile = Shared::<[Quad]>::new_slice(comptime![spread.tile()]);
    let mut h = Array::<Quad>::new(rows);
    let mut mask = Array::<Quad>::new(rows);
    let mut sums = Array::<Quad>::new(rows);
    #[unroll]
    for r in 0..rows {
        h[r] = Quad::new(0.0f32);
        let at = min(row + r, batch - 1) * hidden + unit;
        if h0_given != 0 {
            h[r] = load(h0, at, unit, hidden);
        }
        if has_dropout {
            mask[r] = load(dropout, at, unit, hidden);
        }
        if row + r < batch {
            store(memory, outputs - step + at, unit, h[r], hidden);
        }
    }

    for t in 0..time {
        #[unroll]
        for r in 0..rows {
            let mut state = h[r];
            if has_dropout {
                state *= mask[r];
            }
            tile[(first + r) * spread.quads + quad] = padded(state, unit, hidden);
            let at = (t * batch + min(row + r, batch - 1)) * hidden + unit;
            sums[r] = load(x, at, unit, hidden);
        }
        sync_cube();
        multiply(
            &mut sums, &tile, first, recurrent, 0usize, unit, rows, 1usize, hidden,
        );
        sync_cube();
        #[unroll]
        for r in 0..rows {
            let mut state = sums[r];
            if relu {
                state = max(state, Quad::new(0.0f32));
            } else {
                state = tanh(state);
            }
            if has_lengths {
                let goes_on = f32::cast_from(t) < lengths[min(row + r, batch - 1)];
                state = select(goes_on, state, h[r]);
            }
            h[r] = state;
            if row + r < batch {
                let at = (t * batch + row + r) * hidden + unit;
                store(memory, outputs + at, unit, state, hidden);
            }
        }
    }

    #[unroll]
    for r in 0..rows {
        if row + r < batch {
            store(memory, last + (row + r) * hidden + unit, unit, h[r], hidden);
        }
    }
}

#[cube(launch_unchecked)]
fn backward_kernel<N: Size>(
    memory: &[Vector<f32, N>],
    recurrent: &[Vector<f32, N>],
    upstream: &[Vector<f32, N>],
    dz: &mut [Vector<f32, N>],
    states: &mut [Vector<f32, N>],
    lengths: &[f32],
    dropout: &[Vector<f32, N>],
    time: usize,
    batch: usize,
    outputs: usize,
    from_outputs: u32,
    from_hidden: u32,
    #[comptime] relu: bool,
    #[comptime] has_lengths: bool,
    #[comptime] has_dropout: bool,
    #[comptime] spread: Spread,
) {
    let hidden = comptime![spread.hidden];
    let rows = comptime![spread.rows];
    let quad = UNIT_POS_X as usize;
    let unit = quad * 4;
    let first = UNIT_POS_Y as usize * rows;
    let row = CUBE_POS_X as usize * comptime![spread.rows * spread.lanes] + first;
    let zero = Quad::new(0.0f32);

    let mut tile = Shared::<[Quad]>::new_slice(comptime![spread.tile()]);
    let mut dh = Array::<Quad>::new(rows);
    let mut sums = Array::<Quad>::new(rows);
    let mut slopes = Array::<Quad>::new(rows);
    #[unroll]
    for r in 0..rows {
        dh[r] = zero;
        if from_hidden != 0 {
            let at = min(row + r, batch - 1) * hidden + unit;
            dh[r] = load(&*states, at, unit, hidden);
        }
    }

    for back in 0..time {
        let t = time - 1 - back;
        #[unroll]
        for r in 0..rows {
            let clamped = min(row + r, batch - 1);
            let at = (t * batch + clamped) * hidden + unit;
            let h = load(memory, outputs + at, unit, hidden);
            if from_outputs != 0 {
                dh[r] += load(upstream, at, unit, hidden);
            }
            let mut slope = dh[r];
            if relu {
                slope = select_many(h.greater_than(&zero), slope, zero);
            } else {
                slope *= Quad::new(1.0f32) - h * h;
            }
            if has_lengths {
                let goes_on = f32::cast_from(t) < lengths[clamped];
                // What a sequence that is over hands on as it is.
                dh[r] = select(goes_on, zero, dh[r]);
                slope = select(goes_on, slope, zero);
            } else {
                dh[r] = zero;
            }
            slopes[r] = slope;
            if row + r < batch {
                store(dz, at, unit, slope, hidden);
            }
            sums[r] = zero;
        }
        multiply_back(
            &mut sums, &slopes, &mut tile, recurrent, first, quad, 1usize, spread,
        );
        #[unroll]
        for r in 0..rows {
            if has_dropout {
                let at = min(row + r, batch - 1) * hidden + unit;
                sums[r] *= load(dropout, at, unit, hidden);
            }
            dh[r] += sums[r];
        }
    }

    #[unroll]
    for r in 0..rows {
        if row + r < batch {
            store(states, (row + r) * hidden + unit, unit, dh[r], hidden);
        }
    }
}
