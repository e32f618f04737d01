//! Gated recurrent unit, forward and backward through all time steps in one dispatch each.

use super::product::recurrent_gradient;
use super::scan::{
    Memory, Spread, final_gradients, initial_gradient, load, multiply, multiply_back, padded,
    place, sigmoid, store, tanh, transposed,
};
use super::{Quad, empty, rows, writable};
use crate::kernels::primitives::{GruGradients, GruWalk, SequenceTensors, Upstream};
use burn::backend::ops::FloatTensorOps;
use burn::backend::{Slice, TensorMetadata};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::reshape;
use burn_cubecl::{CubeBackend, tensor::CubeTensor};
use cubecl::prelude::*;

/// What the walk backward needs of the walk forward.
#[derive(Clone, Debug)]
pub struct Kept {
    /// z, r, ĥ after their activation and the recurrent half of ĥ before the reset gate,
    /// `[time, batch, 4·hidden]`.
    gates: CubeTensor,
    /// The initial state and those after each step, in one buffer.
    memory: CubeTensor,
    layout: Memory,
}

/// Walks through time with the reset gate after the product, as cuDNN has it:
/// `z, r = σ(·)`, `ĥ = tanh(x·Wₕ + bₕ + r∘(h₋₁·Uₕ + b′ₕ))`, `h = z∘h₋₁ + (1−z)∘ĥ` (Cho et al. 2014).
///
/// `x` `[time, batch, 3·hidden]` is the input half of the gates z, r, h with its own bias, `recurrent`
/// `[hidden, 3·hidden]` the recurrent weights with theirs, `[3·hidden]`; an absent initial state
/// `[batch, hidden]` is zero.
pub fn forward(
    x: CubeTensor,
    recurrent: CubeTensor,
    recurrent_bias: CubeTensor,
    h0: Option<CubeTensor>,
    sequences: SequenceTensors<CubeBackend>,
    keep: bool,
) -> GruWalk<CubeBackend> {
    let [time, batch, width] = x.shape().dims();
    let hidden = width / 3;
    let x = into_contiguous(x);
    let recurrent = into_contiguous(recurrent);
    let layout = Memory::new(time, batch, hidden, 1);
    let memory = layout.allocate(&x, 1);
    let given = u32::from(h0.is_some());
    // There is no binding left for it.
    if let Some(h0) = h0 {
        place(h0, &memory, layout.initial(0));
    }
    let gates = if keep {
        empty(&x, [time, batch, 4 * hidden])
    } else {
        empty(&x, [4])
    };
    let spread = Spread::new(hidden, 1, 4);
    let flags = (sequences.lengths.is_some(), sequences.dropout.is_some());
    // What is absent still takes a binding.
    let or_absent = |tensor: Option<CubeTensor>| {
        tensor
            .map_or_else(|| recurrent.clone(), into_contiguous)
            .into_buffer_arg()
    };
    // SAFETY: rows are clamped to the batch, units to the hidden size; without `keep` no gate is written.
    unsafe {
        forward_kernel::launch_unchecked(
            &x.client.clone(),
            spread.workgroups(batch),
            spread.units(),
            spread.vector(),
            x.into_buffer_arg(),
            recurrent.clone().into_buffer_arg(),
            into_contiguous(recurrent_bias).into_buffer_arg(),
            memory.clone().into_buffer_arg(),
            gates.clone().into_buffer_arg(),
            or_absent(sequences.lengths),
            or_absent(sequences.dropout.clone()),
            time,
            batch,
            layout.first(0),
            layout.last(0),
            given,
            keep,
            flags.0,
            flags.1,
            spread,
        );
    }
    GruWalk {
        outputs: layout.steps(&memory, 0),
        hidden: layout.final_value(&memory, 0),
        kept: keep.then_some(Kept {
            gates,
            memory,
            layout,
        }),
    }
}

/// Walks back through time. The gradients of z, r and ĥ before their activation and of the recurrent half
/// of ĥ, four blocks, are written over what was kept where nothing else uses it: the input half has
/// blocks 0, 1, 2 for its gradient, the recurrent half blocks 0, 1, 3.
pub fn backward(
    kept: Kept,
    recurrent: CubeTensor,
    sequences: SequenceTensors<CubeBackend>,
    upstream: Upstream<CubeBackend>,
) -> GruGradients<CubeBackend> {
    let Kept {
        gates,
        memory,
        layout,
    } = kept;
    let [time, batch, width] = gates.shape().dims();
    let hidden = width / 4;
    let gates = writable(gates);
    let recurrent = transposed(recurrent);
    let (states, given) = final_gradients(&gates, &layout, &[upstream.hidden]);
    let spread = Spread::new(hidden, 3, 8);
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
            layout.first(0),
            from_outputs,
            given[0],
            flags.0,
            flags.1,
            spread,
        );
    }
    let columns = [(0, 2 * hidden), (3 * hidden, hidden)];
    GruGradients {
        recurrent: recurrent_gradient(
            memory,
            layout.initial(0),
            &gates,
            &columns,
            hidden,
            sequences.dropout,
        ),
        bias: bias_gradient(&gates, &columns),
        input_half: first_columns(gates, 3 * hidden),
        hidden: initial_gradient(&states, &layout, 0),
    }
}

/// The first columns of `[time, batch, width]`, as a view.
fn first_columns(mut tensor: CubeTensor, columns: usize) -> CubeTensor {
    let [time, batch, _] = tensor.shape().dims();
    tensor.meta.shape = [time, batch, columns].into();
    tensor
}

/// The sum over `[time, batch, width]` of these columns, each a first one and how many: the gradient of the
/// recurrent bias.
fn bias_gradient(gates: &CubeTensor, columns: &[(usize, usize)]) -> CubeTensor {
    let [time, batch, width] = gates.shape().dims();
    let sums = rows::sum(reshape(gates.clone(), [time * batch, width].into()));
    let parts = columns.iter().map(|&(first, count)| {
        let part = Slice::from(first..first + count);
        CubeBackend::float_slice(sums.clone(), &[part])
    });
    CubeBackend::float_cat(parts.collect(), 0)
}

#[cube(launch_unchecked)]
fn forward_kernel<N: Size>(
    x: &[Vector<f32, N>],
    recurrent: &[Vector<f32, N>],
    bias: &[Vector<f32, N>],
    memory: &mut [Vector<f32, N>],
    gates: &mut [Vector<f32, N>],
    lengths: &[f32],
    dropout: &[Vector<f32, N>],
    time: usize,
    batch: usize,
    outputs: usize,
    last: usize,
    h0_given: u32,
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
    let mut mask = Array::<Quad>::new(rows);
    let mut biases = Array::<Quad>::new(3usize);
    let mut sums = Array::<Quad>::new(comptime![3 * rows]);
    #[unroll]
    for gate in 0..3usize {
        biases[gate] = load(bias, comptime![gate * hidden] + unit, unit, hidden);
    }
    #[unroll]
    for r in 0..rows {
        h[r] = Quad::new(0.0f32);
        let at = min(row + r, batch - 1) * hidden + unit;
        if h0_given != 0 {
            h[r] = load(&*memory, outputs - step + at, unit, hidden);
        } else if keep && row + r < batch {
            store(memory, outputs - step + at, unit, h[r], hidden);
        }
        if has_dropout {
            mask[r] = load(dropout, at, unit, hidden);
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
            #[unroll]
            for gate in 0..3usize {
                sums[comptime![r * 3 + gate]] = biases[gate];
            }
        }
        sync_cube();
        multiply(
            &mut sums, &tile, first, recurrent, 0usize, unit, rows, 3usize, hidden,
        );
        sync_cube();
        #[unroll]
        for r in 0..rows {
            let clamped = min(row + r, batch - 1);
            let at = (t * batch + clamped) * comptime![3 * hidden] + unit;
            let z = sigmoid(load(x, at, unit, hidden) + sums[comptime![r * 3]]);
            let r_gate = sigmoid(load(x, at + hidden, unit, hidden) + sums[comptime![r * 3 + 1]]);
            let recurrent_half = sums[comptime![r * 3 + 2]];
            let input_half = load(x, at + comptime![2 * hidden], unit, hidden);
            let candidate = tanh(input_half + r_gate * recurrent_half);
            let state = candidate + z * (h[r] - candidate);
            if has_lengths {
                let goes_on = f32::cast_from(t) < lengths[clamped];
                h[r] = select(goes_on, state, h[r]);
            } else {
                h[r] = state;
            }
            if row + r < batch {
                let at = t * batch + row + r;
                store(memory, outputs + at * hidden + unit, unit, h[r], hidden);
                if keep {
                    let at = at * comptime![4 * hidden] + unit;
                    store(gates, at, unit, z, hidden);
                    store(gates, at + hidden, unit, r_gate, hidden);
                    store(gates, at + comptime![2 * hidden], unit, candidate, hidden);
                    store(
                        gates,
                        at + comptime![3 * hidden],
                        unit,
                        recurrent_half,
                        hidden,
                    );
                }
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
    gates: &mut [Vector<f32, N>],
    memory: &[Vector<f32, N>],
    recurrent: &[Vector<f32, N>],
    upstream: &[Vector<f32, N>],
    states: &mut [Vector<f32, N>],
    lengths: &[f32],
    dropout: &[Vector<f32, N>],
    time: usize,
    batch: usize,
    outputs: usize,
    from_outputs: u32,
    from_hidden: u32,
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
    let mut sums = Array::<Quad>::new(rows);
    // Of the recurrent half: z, r and the candidate's.
    let mut dy = Array::<Quad>::new(comptime![3 * rows]);
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
            let at = (t * batch + clamped) * comptime![4 * hidden] + unit;
            let z = load(&*gates, at, unit, hidden);
            let r_gate = load(&*gates, at + hidden, unit, hidden);
            let candidate = load(&*gates, at + comptime![2 * hidden], unit, hidden);
            let recurrent_half = load(&*gates, at + comptime![3 * hidden], unit, hidden);
            let at = (t * batch + clamped) * hidden + unit;
            let before = load(memory, outputs + at - step, unit, hidden);
            if from_outputs != 0 {
                dh[r] += load(upstream, at, unit, hidden);
            }
            let mut inner = dh[r] * (one - z) * (one - candidate * candidate);
            let mut reset = inner * recurrent_half * r_gate * (one - r_gate);
            let mut update = dh[r] * (before - candidate) * z * (one - z);
            if has_lengths {
                let goes_on = f32::cast_from(t) < lengths[clamped];
                // What a sequence that is over hands on as it is.
                dh[r] = select(goes_on, dh[r] * z, dh[r]);
                inner = select(goes_on, inner, zero);
                reset = select(goes_on, reset, zero);
                update = select(goes_on, update, zero);
            } else {
                dh[r] *= z;
            }
            dy[comptime![r * 3]] = update;
            dy[comptime![r * 3 + 1]] = reset;
            dy[comptime![r * 3 + 2]] = inner * r_gate;
            if row + r < batch {
                let at = (t * batch + row + r) * comptime![4 * hidden] + unit;
                store(gates, at, unit, update, hidden);
                store(gates, at + hidden, unit, reset, hidden);
                store(gates, at + comptime![2 * hidden], unit, inner, hidden);
                store(
                    gates,
                    at + comptime![3 * hidden],
                    unit,
                    inner * r_gate,
                    hidden,
                );
            }
            sums[r] = zero;
        }
        multiply_back(
            &mut sums, &dy, &mut tile, recurrent, first, quad, 3usize, spread,
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
