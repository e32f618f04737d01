//! Long short-term memory, forward and backward through all time steps in one dispatch each.

use super::product::recurrent_gradient;
use super::scan::{
    Memory, Spread, final_gradients, initial_gradient, load, multiply, multiply_back, padded,
    sigmoid, store, tanh, transposed,
};
use super::{Quad, writable};
use crate::kernels::primitives::{LstmGradients, LstmWalk, SequenceTensors, Upstream};
use burn::backend::TensorMetadata;
use burn_cubecl::{CubeBackend, kernel::into_contiguous, tensor::CubeTensor};
use cubecl::prelude::*;

/// The two states of which every step is kept.
const HIDDEN: usize = 0;
const CELL: usize = 1;

/// What the walk backward needs of the walk forward.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Gates i, f, g, o after their activation, `[time, batch, 4·hidden]`.
    gates: CubeTensor,
    /// The initial states and those after each step, in one buffer.
    memory: CubeTensor,
    layout: Memory,
}

/// Walks through time: `i, f, o = σ(·)`, `g = tanh(·)`, `c = f∘c₋₁ + i∘g`, `h = o∘tanh(c)` (Hochreiter and
/// Schmidhuber 1997; Gers et al. 2000).
///
/// `x` `[time, batch, 4·hidden]` is the input half of the gates, bias included, `recurrent`
/// `[hidden, 4·hidden]` the recurrent weights; absent initial states `[batch, hidden]` are zero. With `keep`
/// the gates are written over `x` where nothing else uses it.
pub fn forward(
    x: CubeTensor,
    recurrent: CubeTensor,
    h0: Option<CubeTensor>,
    c0: Option<CubeTensor>,
    sequences: SequenceTensors<CubeBackend>,
    keep: bool,
) -> LstmWalk<CubeBackend> {
    let [time, batch, width] = x.shape().dims();
    let hidden = width / 4;
    let gates = into_contiguous(x);
    let gates = if keep { writable(gates) } else { gates };
    let recurrent = into_contiguous(recurrent);
    let layout = Memory::new(time, batch, hidden, if keep { 2 } else { 1 });
    let memory = layout.allocate(&gates, 2);
    let spread = Spread::new(hidden, 1, 4);
    let given = (u32::from(h0.is_some()), u32::from(c0.is_some()));
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
            &gates.client,
            spread.workgroups(batch),
            spread.units(),
            spread.vector(),
            gates.clone().into_buffer_arg(),
            recurrent.clone().into_buffer_arg(),
            memory.clone().into_buffer_arg(),
            or_absent(h0),
            or_absent(c0),
            or_absent(sequences.lengths),
            or_absent(sequences.dropout.clone()),
            time,
            batch,
            layout.first(HIDDEN),
            if keep { layout.first(CELL) } else { 0 },
            layout.last(HIDDEN),
            layout.last(CELL),
            given.0,
            given.1,
            keep,
            flags.0,
            flags.1,
            spread,
        );
    }
    LstmWalk {
        outputs: layout.steps(&memory, HIDDEN),
        hidden: layout.final_value(&memory, HIDDEN),
        cell: layout.final_value(&memory, CELL),
        kept: keep.then_some(Kept {
            gates,
            memory,
            layout,
        }),
    }
}

/// Walks back through time. The gradients of the gates are written over them where nothing else uses them.
pub fn backward(
    kept: Kept,
    recurrent: CubeTensor,
    sequences: SequenceTensors<CubeBackend>,
    upstream: Upstream<CubeBackend>,
) -> LstmGradients<CubeBackend> {
    let Kept {
        gates,
        memory,
        layout,
    } = kept;
    let [time, batch, width] = gates.shape().dims();
    let hidden = width / 4;
    let gates = writable(gates);
    let recurrent = transposed(recurrent);
    let (states, given) = final_gradients(&gates, &layout, &[upstream.hidden, upstream.cell]);
    let spread = Spread::new(hidden, 4, 8);
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
            &gates.client,
            spread.workgroups(batch),
            spread.units(),
            spread.vector(),
            gates.clone().into_buffer_arg(),
            memory.clone().into_buffer_arg(),
            recurrent.clone().into_buffer_arg(),
            or_absent(upstream.outputs),
            states.clone().into_buffer_arg(),
            or_absent(sequences.lengths),
            or_absent(sequences.dropout.clone()),
            time,
            batch,
            layout.first(CELL),
            layout.last(CELL) - layout.last(HIDDEN),
            from_outputs,
            given[HIDDEN],
            given[CELL],
            flags.0,
            flags.1,
            spread,
        );
    }
    LstmGradients {
        recurrent: recurrent_gradient(
            memory,
            layout.initial(HIDDEN),
            &gates,
            &[(0, width)],
            hidden,
            sequences.dropout,
        ),
        input_half: gates,
        hidden: initial_gradient(&states, &layout, HIDDEN),
        cell: initial_gradient(&states, &layout, CELL),
    }
}

#[cube(launch_unchecked)]
fn forward_kernel<N: Size>(
    gates: &mut [Vector<f32, N>],
    recurrent: &[Vector<f32, N>],
    memory: &mut [Vector<f32, N>],
    h0: &[Vector<f32, N>],
    c0: &[Vector<f32, N>],
    lengths: &[f32],
    dropout: &[Vector<f32, N>],
    time: usize,
    batch: usize,
    outputs: usize,
    cells: usize,
    last_hidden: usize,
    last_cell: usize,
    h0_given: u32,
    c0_given: u32,
    #[comptime] keep: bool,
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
    let mut c = Array::<Quad>::new(rows);
    let mut mask = Array::<Quad>::new(rows);
    let mut sums = Array::<Quad>::new(comptime![4 * rows]);
    #[unroll]
    for r in 0..rows {
        h[r] = Quad::new(0.0f32);
        c[r] = Quad::new(0.0f32);
        let at = min(row + r, batch - 1) * hidden + unit;
        if h0_given != 0 {
            h[r] = load(h0, at, unit, hidden);
        }
        if c0_given != 0 {
            c[r] = load(c0, at, unit, hidden);
        }
        if has_dropout {
            mask[r] = load(dropout, at, unit, hidden);
        }
        if keep && row + r < batch {
            let at = (row + r) * hidden + unit;
            store(memory, outputs - step + at, unit, h[r], hidden);
            store(memory, cells - step + at, unit, c[r], hidden);
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
            let at = (t * batch + min(row + r, batch - 1)) * comptime![4 * hidden] + unit;
            #[unroll]
            for gate in 0..4usize {
                sums[comptime![r * 4 + gate]] =
                    load(&*gates, at + comptime![gate * hidden], unit, hidden);
            }
        }
        sync_cube();
        multiply(
            &mut sums, &tile, first, recurrent, 0usize, unit, rows, 4usize, hidden,
        );
        sync_cube();
        #[unroll]
        for r in 0..rows {
            let i = sigmoid(sums[comptime![r * 4]]);
            let f = sigmoid(sums[comptime![r * 4 + 1]]);
            let g = tanh(sums[comptime![r * 4 + 2]]);
            let o = sigmoid(sums[comptime![r * 4 + 3]]);
            let cell = f * c[r] + i * g;
            let state = o * tanh(cell);
            if has_lengths {
                let goes_on = f32::cast_from(t) < lengths[min(row + r, batch - 1)];
                c[r] = select(goes_on, cell, c[r]);
                h[r] = select(goes_on, state, h[r]);
            } else {
                c[r] = cell;
                h[r] = state;
            }
            if row + r < batch {
                let at = (t * batch + row + r) * hidden + unit;
                store(memory, outputs + at, unit, h[r], hidden);
                if keep {
                    store(memory, cells + at, unit, c[r], hidden);
                    let at = (t * batch + row + r) * comptime![4 * hidden] + unit;
                    store(gates, at, unit, i, hidden);
                    store(gates, at + hidden, unit, f, hidden);
                    store(gates, at + comptime![2 * hidden], unit, g, hidden);
                    store(gates, at + comptime![3 * hidden], unit, o, hidden);
                }
            }
        }
    }

    #[unroll]
    for r in 0..rows {
        if row + r < batch {
            let at = (row + r) * hidden + unit;
            store(memory, last_hidden + at, unit, h[r], hidden);
            store(memory, last_cell + at, unit, c[r], hidden);
        }
    }
}

#[cube(launch_unchecked)]
fn backward_kernel<N: Size>(
    gates: &mut [Vector<f32, N>],
    memory: &[Vector<f32, N>],
    recurrent: &[Vector<f32, N>],
    upstream: &[Vector<f32, N>],
    states: &mut [Vector<f32, N>],
    lengths: &[f32],
    dropout: &[Vector<f32, N>],
    time: usize,
    batch: usize,
    cells: usize,
    cell_state: usize,
    from_outputs: u32,
    from_hidden: u32,
    from_cell: u32,
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
    let one = Quad::new(1.0f32);
    let zero = Quad::new(0.0f32);

    let mut tile = Shared::<[Quad]>::new_slice(comptime![spread.gates * spread.tile()]);
    let mut dh = Array::<Quad>::new(rows);
    let mut dc = Array::<Quad>::new(rows);
    let mut sums = Array::<Quad>::new(rows);
    let mut dz = Array::<Quad>::new(comptime![4 * rows]);
    #[unroll]
    for r in 0..rows {
        dh[r] = zero;
        dc[r] = zero;
        let at = min(row + r, batch - 1) * hidden + unit;
        if from_hidden != 0 {
            dh[r] = load(&*states, at, unit, hidden);
        }
        if from_cell != 0 {
            dc[r] = load(&*states, cell_state + at, unit, hidden);
        }
    }

    for back in 0..time {
        let t = time - 1 - back;
        #[unroll]
        for r in 0..rows {
            let clamped = min(row + r, batch - 1);
            let at = (t * batch + clamped) * comptime![4 * hidden] + unit;
            let i = load(&*gates, at, unit, hidden);
            let f = load(&*gates, at + hidden, unit, hidden);
            let g = load(&*gates, at + comptime![2 * hidden], unit, hidden);
            let o = load(&*gates, at + comptime![3 * hidden], unit, hidden);
            let at = (t * batch + clamped) * hidden + unit;
            let cell = tanh(load(memory, cells + at, unit, hidden));
            let before = load(memory, cells + at - step, unit, hidden);
            if from_outputs != 0 {
                dh[r] += load(upstream, at, unit, hidden);
            }
            let through = dc[r] + dh[r] * o * (one - cell * cell);
            dz[comptime![r * 4]] = through * g * i * (one - i);
            dz[comptime![r * 4 + 1]] = through * before * f * (one - f);
            dz[comptime![r * 4 + 2]] = through * i * (one - g * g);
            dz[comptime![r * 4 + 3]] = dh[r] * cell * o * (one - o);
            if has_lengths {
                let goes_on = f32::cast_from(t) < lengths[clamped];
                dc[r] = select(goes_on, through * f, dc[r]);
                // What a sequence that is over hands on as it is.
                dh[r] = select(goes_on, zero, dh[r]);
                #[unroll]
                for gate in 0..4usize {
                    let at = comptime![r * 4 + gate];
                    dz[at] = select(goes_on, dz[at], zero);
                }
            } else {
                dc[r] = through * f;
                dh[r] = zero;
            }
            if row + r < batch {
                let at = (t * batch + row + r) * comptime![4 * hidden] + unit;
                #[unroll]
                for gate in 0..4usize {
                    let value = dz[comptime![r * 4 + gate]];
                    store(gates, at + comptime![gate * hidden], unit, value, hidden);
                }
            }
            sums[r] = zero;
        }
        multiply_back(
            &mut sums, &dz, &mut tile, recurrent, first, quad, 4usize, spread,
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
            let at = (row + r) * hidden + unit;
            store(states, at, unit, dh[r], hidden);
            store(states, cell_state + at, unit, dc[r], hidden);
        }
    }
}
