//! Matrix products of any strides.

use super::{MOST_WORKGROUPS, Quad, empty, rows};
use burn::backend::TensorMetadata;
use burn_cubecl::{kernel::into_contiguous, tensor::CubeTensor};
use cubecl::prelude::*;

/// Invocations along each side of a workgroup.
const SIDE: usize = 8;

/// How much of `k` is in workgroup memory at a time.
const DEPTH: usize = 16;

/// Levels of that depth in one turn of the inner loop.
const UNROLL: usize = 4;

/// Workgroups that keep a GPU busy.
const ENOUGH_WORKGROUPS: usize = 64;

/// The shortest part of a sum over `k` that is worth a workgroup of its own.
const SHORTEST_PART: usize = 256;

/// `a·b + bias`: `[.., m, k]` by `[.., k, n]` gives `[.., m, n]`; the bias `[n]` is added to each row.
///
/// Of rank 2 or 3, with equal batches. Strides are read as they are: a transposed view needs no copy.
pub fn product(a: CubeTensor, b: CubeTensor, bias: Option<CubeTensor>) -> CubeTensor {
    let mut shape = a.shape();
    let (a, b) = (Matrix::of(a), Matrix::of(b));
    let rank = shape.num_dims();
    shape[rank - 1] = b.columns;
    let out = empty(&a.tensor, shape);
    multiply(&a, &b, bias, None, &Matrix::of(out.clone()));
    out
}

/// `Σ (h[t−1]∘m)ᵀ·dz[t]` over all time steps: the gradient of recurrent weights, one product.
///
/// `memory` holds the state before each step, `[time·batch, hidden]` from value `start` on. `dz` is
/// `[time, batch, width]`, of which `columns` count, each a first one and how many; `dropout` is the mask m
/// `[batch, hidden]`.
pub(super) fn recurrent_gradient(
    memory: CubeTensor,
    start: usize,
    dz: &CubeTensor,
    columns: &[(usize, usize)],
    hidden: usize,
    dropout: Option<CubeTensor>,
) -> CubeTensor {
    let [time, batch, width] = dz.shape().dims();
    let out = empty(dz, [hidden, columns.iter().map(|(_, count)| count).sum()]);
    let mut target = Matrix::of(out.clone());
    let states = Matrix {
        tensor: memory,
        batch: 1,
        rows: hidden,
        columns: time * batch,
        offset: start,
        strides: [0, 1, hidden],
    };
    for &(first, count) in columns {
        let gates = Matrix {
            tensor: dz.clone(),
            batch: 1,
            rows: time * batch,
            columns: count,
            offset: first,
            strides: [0, width, 1],
        };
        target.columns = count;
        multiply(&states, &gates, None, dropout.as_ref(), &target);
        target.offset += count;
    }
    out
}

/// A matrix, or a batch of them, somewhere in a buffer.
struct Matrix {
    tensor: CubeTensor,
    batch: usize,
    rows: usize,
    columns: usize,
    /// Where the first value is.
    offset: usize,
    /// From one matrix, row and column to the next.
    strides: [usize; 3],
}

impl Matrix {
    fn of(tensor: CubeTensor) -> Self {
        let (shape, strides) = (tensor.shape(), tensor.meta.strides());
        let rank = shape.num_dims();
        let (rows, columns) = (shape[rank - 2], shape[rank - 1]);
        let batch = if rank == 3 { shape[0] } else { 1 };
        let step = if batch > 1 { strides[0] } else { 0 };
        let strides = [step, strides[rank - 2], strides[rank - 1]];
        Self {
            tensor,
            batch,
            rows,
            columns,
            offset: 0,
            strides,
        }
    }

    fn launch_arg(&self) -> PlaceLaunch {
        let [batch, row, column] = self.strides;
        PlaceLaunch::new(self.offset, batch, row, column)
    }
}

/// Fills `out` with `a·b + bias`; `mask` `[period, m]` scales the row of `a` in column `k % period`.
fn multiply(
    a: &Matrix,
    b: &Matrix,
    bias: Option<CubeTensor>,
    mask: Option<&CubeTensor>,
    out: &Matrix,
) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    let quads = quads(m, n, out.batch);
    let tile = SIDE * 4 * quads;
    let workgroups = m.div_ceil(tile) * n.div_ceil(tile) * out.batch;
    // A long sum for few workgroups is cut into parts, which a second dispatch adds up.
    let parts = (ENOUGH_WORKGROUPS / workgroups).min(k / SHORTEST_PART);
    let contiguous = out.strides[1] == n && out.offset == 0;
    let parts = if bias.is_none() && out.batch == 1 && contiguous {
        parts.max(1)
    } else {
        1
    };
    if parts == 1 {
        return launch(a, b, bias, mask, out, quads, k);
    }
    let length = k.div_ceil(parts).next_multiple_of(DEPTH);
    let parts = k.div_ceil(length);
    let sums = Matrix::of(empty(&out.tensor, [parts, m, n]));
    launch(a, b, None, mask, &sums, quads, length);
    rows::sum_into(sums.tensor, parts, m * n, out.tensor.clone());
}

/// How many rows, and columns, each invocation computes, in fours: eight of each need the fewest
/// loads for a product, four make more workgroups of a small matrix.
fn quads(m: usize, n: usize, batch: usize) -> usize {
    let workgroups = m.div_ceil(64) * n.div_ceil(64) * batch;
    if m.min(n) <= 32 || workgroups < 8 {
        1
    } else {
        2
    }
}

/// One dispatch. Where `part < k` the batch of `out` is the parts of the sum.
fn launch(
    a: &Matrix,
    b: &Matrix,
    bias: Option<CubeTensor>,
    mask: Option<&CubeTensor>,
    out: &Matrix,
    quads: usize,
    part: usize,
) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    let tile = SIDE * 4 * quads;
    // Rows of tiles, of all matrices of the batch or parts of the sum; in two dimensions where one is too few.
    let strips = m.div_ceil(tile);
    let total = strips * out.batch;
    let y = total.min(MOST_WORKGROUPS);
    let grid = CubeCount::Static(n.div_ceil(tile) as u32, y as u32, total.div_ceil(y) as u32);
    // What is absent still takes a binding.
    let absent = || a.tensor.clone();
    let period = mask.map_or(1, |mask| mask.shape()[0]);
    let flags = (u32::from(bias.is_some()), mask.is_some());
    // SAFETY: rows, columns and `k` are clamped to the shapes before any value is read or written.
    unsafe {
        product_kernel::launch_unchecked(
            &a.tensor.client,
            grid,
            CubeDim::new_2d(SIDE as u32, SIDE as u32),
            a.tensor.clone().into_buffer_arg(),
            b.tensor.clone().into_buffer_arg(),
            into_contiguous(bias.unwrap_or_else(absent)).into_buffer_arg(),
            into_contiguous(mask.cloned().unwrap_or_else(absent)).into_buffer_arg(),
            out.tensor.clone().into_buffer_arg(),
            a.launch_arg(),
            b.launch_arg(),
            out.launch_arg(),
            m,
            n,
            k,
            part,
            strips,
            total,
            period,
            flags.0,
            flags.1,
            quads,
        );
    }
}

/// Where the values of a matrix are in its buffer.
#[derive(CubeType, CubeLaunch)]
struct Place {
    offset: usize,
    batch: usize,
    row: usize,
    column: usize,
}

#[cube]
impl Place {
    fn at(&self, batch: usize, row: usize, column: usize) -> usize {
        self.offset + batch * self.batch + row * self.row + column * self.column
    }
}

/// A workgroup computes a square of `out`: it brings a strip of `a` and of `b` at a time into
/// workgroup memory, four rows or columns together, and each invocation multiplies its own.
#[cube(launch_unchecked)]
fn product_kernel(
    a: &[f32],
    b: &[f32],
    bias: &[f32],
    mask: &[f32],
    out: &mut [f32],
    a_place: Place,
    b_place: Place,
    out_place: Place,
    m: usize,
    n: usize,
    k: usize,
    part: usize,
    strips: usize,
    total: usize,
    period: usize,
    biased: u32,
    #[comptime] masked: bool,
    #[comptime] quads: usize,
) {
    let tile = comptime![SIDE * 4 * quads];
    let width = comptime![SIDE * quads];
    let units = comptime![SIDE * SIDE];
    let (x, y) = (UNIT_POS_X as usize, UNIT_POS_Y as usize);
    let unit = y * SIDE + x;
    let first_column = CUBE_POS_X as usize * tile;
    let index = (CUBE_POS_Z * CUBE_COUNT_Y + CUBE_POS_Y) as usize;
    let there = index < total;
    let index = min(index, total - 1);
    let first_row = index % strips * tile;
    // Either the batch or the parts of the sum; with one of them there is but one of the other.
    let batch = index / strips;
    let start = select(part < k, batch * part, 0usize);
    let end = select(part < k, min(start + part, k), k);

    let mut a_strip = Shared::<[Quad]>::new_slice(comptime![DEPTH * SIDE * quads]);
    let mut b_strip = Shared::<[Quad]>::new_slice(comptime![DEPTH * SIDE * quads]);
    let mut sums = Array::<Quad>::new(comptime![4 * quads * quads]);
    #[unroll]
    for i in 0..comptime![4 * quads * quads] {
        sums[i] = Quad::new(0.0f32);
    }

    let turns = (end - start).div_ceil(DEPTH);
    for turn in 0..turns {
        let from = start + turn * DEPTH;
        // Neighbouring invocations read neighbouring values, whichever way the matrix lies.
        #[unroll]
        for i in 0..comptime![DEPTH * SIDE * quads / (SIDE * SIDE)] {
            let entry = unit + comptime![i * units];
            let (depth, quad) = own_place(entry, a_place.column < a_place.row, width);
            let column = min(from + depth, end - 1);
            let inside = from + depth < end;
            let mut values = Quad::new(0.0f32);
            #[unroll]
            for lane in 0..4usize {
                let row = min(first_row + quad * 4 + lane, m - 1);
                let mut value = a[a_place.at(batch, row, column)];
                if masked {
                    value *= mask[column % period * m + row];
                }
                values.insert(lane, value);
            }
            a_strip[depth * width + quad] = select(inside, values, Quad::new(0.0f32));
            let (depth, quad) = own_place(entry, b_place.row < b_place.column, width);
            let row = min(from + depth, end - 1);
            let mut values = Quad::new(0.0f32);
            #[unroll]
            for lane in 0..4usize {
                let column = min(first_column + quad * 4 + lane, n - 1);
                values.insert(lane, b[b_place.at(batch, row, column)]);
            }
            b_strip[depth * width + quad] = values;
        }
        sync_cube();
        for step in 0..comptime![DEPTH / UNROLL] {
            #[unroll]
            for level in 0..UNROLL {
                let depth = (step * UNROLL + level) * width;
                #[unroll]
                for i in 0..quads {
                    let left = a_strip[depth + y * quads + i];
                    #[unroll]
                    for j in 0..quads {
                        let right = b_strip[depth + x * quads + j];
                        #[unroll]
                        for lane in 0..4usize {
                            let at = comptime![(i * 4 + lane) * quads + j];
                            sums[at] = fma(Quad::new(left.extract(lane)), right, sums[at]);
                        }
                    }
                }
            }
        }
        sync_cube();
    }

    #[unroll]
    for i in 0..comptime![4 * quads] {
        let row = first_row + y * comptime![4 * quads] + i;
        #[unroll]
        for j in 0..comptime![4 * quads] {
            let column = first_column + x * comptime![4 * quads] + j;
            if there && row < m && column < n {
                let mut sum = sums[comptime![i * quads + j / 4]].extract(comptime![j % 4]);
                if biased != 0 {
                    sum += bias[column];
                }
                out[out_place.at(batch, row, column)] = sum;
            }
        }
    }
}

/// The place `(depth, quad)` in a strip that this invocation fills: neighbours go down its depth,
/// or along its quads.
#[cube]
fn own_place(entry: usize, along_depth: bool, #[comptime] width: usize) -> (usize, usize) {
    let depth = select(along_depth, entry % DEPTH, entry / width);
    let quad = select(along_depth, entry / DEPTH, entry % width);
    (depth, quad)
}
