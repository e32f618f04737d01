//! Sums over rows, rows of a table by their ids, and the gradient of that.

use super::{MOST_UNITS, empty, vector, workgroups};
use burn::backend::TensorMetadata;
use burn_cubecl::{kernel::into_contiguous, tensor::CubeTensor};
use cubecl::prelude::*;

/// Invocations along the columns of a workgroup, and along its rows.
const COLUMNS: usize = 32;
const LANES: usize = 8;

/// Values that one invocation of the first of two passes adds up.
const PART: usize = 64;

/// The sum of the rows of `[rows, n]`, `[n]`: the gradient of a bias. A second dispatch adds up the
/// parts of a long sum, always in the same order.
pub fn sum(gradient: CubeTensor) -> CubeTensor {
    let gradient = into_contiguous(gradient);
    let [count, n] = gradient.shape().dims();
    let out = empty(&gradient, [n]);
    sum_into(gradient, count, n, out.clone());
    out
}

/// Fills `out` `[n]` with the sum of the rows of `values` `[count, n]`.
pub(super) fn sum_into(values: CubeTensor, count: usize, n: usize, out: CubeTensor) {
    let length = if n < 4096 { PART * LANES } else { count };
    let parts = count.div_ceil(length);
    if parts == 1 {
        return sum_at_once(values, count, n, out);
    }
    let sums = empty(&values, [parts, n]);
    sum_parts(values, count, n, length, sums.clone());
    sum_at_once(sums, parts, n, out);
}

/// The same in one dispatch, however long the sum.
pub(super) fn sum_at_once(values: CubeTensor, count: usize, n: usize, out: CubeTensor) {
    sum_parts(values, count, n, count, out);
}

fn sum_parts(values: CubeTensor, count: usize, n: usize, length: usize, out: CubeTensor) {
    let grid = CubeCount::Static(n.div_ceil(COLUMNS) as u32, count.div_ceil(length) as u32, 1);
    // SAFETY: the kernel clamps rows to `count` and columns to `n`.
    unsafe {
        sum_kernel::launch_unchecked(
            &values.client.clone(),
            grid,
            CubeDim::new_2d(COLUMNS as u32, LANES as u32),
            values.into_buffer_arg(),
            out.into_buffer_arg(),
            count,
            n,
            length,
        );
    }
}

#[cube(launch_unchecked)]
fn sum_kernel(values: &[f32], out: &mut [f32], count: usize, n: usize, length: usize) {
    let (x, lane) = (UNIT_POS_X as usize, UNIT_POS_Y as usize);
    let column = CUBE_POS_X as usize * COLUMNS + x;
    let part = CUBE_POS_Y as usize;
    let end = min((part + 1) * length, count);
    let mut partial = Shared::<[f32]>::new_slice(COLUMNS * LANES);
    let mut sum = 0.0f32;
    if column < n {
        let mut row = part * length + lane;
        while row < end {
            sum += values[row * n + column];
            row += LANES;
        }
    }
    partial[lane * COLUMNS + x] = sum;
    sync_cube();
    if lane == 0 && column < n {
        #[unroll]
        for other in 1..LANES {
            sum += partial[comptime![other * COLUMNS] + x];
        }
        out[part * n + column] = sum;
    }
}

/// The rows of a table `[vocabulary, n]` by their ids `[rows]`, plus a bias `[n]`: `[rows, n]`. The product of
/// one-hot rows with the table, without the zeros.
pub fn gather(table: CubeTensor, ids: CubeTensor, bias: Option<CubeTensor>) -> CubeTensor {
    let table = into_contiguous(table);
    let [vocabulary, n] = table.shape().dims();
    let count = ids.meta.num_elements();
    let out = empty(&table, [count, n]);
    let vector = vector(n);
    let values = count * n / vector;
    let biased = u32::from(bias.is_some());
    // SAFETY: the kernel stops at `count·n` and clamps ids to the vocabulary.
    unsafe {
        gather_kernel::launch_unchecked(
            &out.client,
            workgroups(values, MOST_UNITS),
            CubeDim::new_1d(MOST_UNITS as u32),
            vector,
            table.clone().into_buffer_arg(),
            into_contiguous(ids).into_buffer_arg(),
            // What is absent still takes a binding.
            into_contiguous(bias.unwrap_or(table)).into_buffer_arg(),
            out.clone().into_buffer_arg(),
            values,
            n / vector,
            vocabulary,
            biased,
        );
    }
    out
}

#[cube(launch_unchecked)]
fn gather_kernel<N: Size>(
    table: &[Vector<f32, N>],
    ids: &[i32],
    bias: &[Vector<f32, N>],
    out: &mut [Vector<f32, N>],
    values: usize,
    width: usize,
    vocabulary: usize,
    biased: u32,
) {
    if ABSOLUTE_POS < values {
        let column = ABSOLUTE_POS % width;
        let id = min(ids[ABSOLUTE_POS / width] as usize, vocabulary - 1);
        let mut value = table[id * width + column];
        if biased != 0 {
            value += bias[column];
        }
        out[ABSOLUTE_POS] = value;
    }
}

/// Entries of the table, and columns or fours of columns, that a workgroup of [`gather_gradient`] owns.
const ENTRIES: usize = 16;
const WIDTH: usize = 32;

/// Ids that one invocation looks through at a time, a bit each.
const BITS: usize = 32;

/// Rows that a workgroup goes through, where there are many for a small table.
const STRETCH: usize = 8192;

/// The gradient of [`gather`] towards its table, `[vocabulary, n]`: row v is the sum of those rows of
/// `gradient` `[rows, n]` whose id is v, always in the same order.
pub fn gather_gradient(gradient: CubeTensor, ids: CubeTensor, vocabulary: usize) -> CubeTensor {
    let gradient = into_contiguous(gradient);
    let [count, n] = gradient.shape().dims();
    let out = empty(&gradient, [vocabulary, n]);
    let small = vocabulary * n <= 1 << 16;
    let length = if small { STRETCH } else { count };
    let parts = count.div_ceil(length);
    let sums = if parts == 1 {
        out.clone()
    } else {
        empty(&out, [parts, vocabulary, n])
    };
    let vector = vector(n);
    let grid = CubeCount::Static(
        (n / vector).div_ceil(WIDTH) as u32,
        vocabulary.div_ceil(ENTRIES) as u32,
        parts as u32,
    );
    // SAFETY: the kernel clamps rows to `count` and columns to `n`, and passes over ids that are none.
    unsafe {
        gather_gradient_kernel::launch_unchecked(
            &out.client,
            grid,
            CubeDim::new_1d(WIDTH as u32),
            vector,
            gradient.into_buffer_arg(),
            into_contiguous(ids).into_buffer_arg(),
            sums.clone().into_buffer_arg(),
            count,
            n / vector,
            vocabulary,
            length,
        );
    }
    if parts > 1 {
        sum_into(sums, parts, vocabulary * n, out.clone());
    }
    out
}

/// Each invocation owns a column of the workgroup's entries. All of them look through the ids together,
/// 1024 at a time, and note which are the workgroup's; most are not, so that going through the
/// notes is quick.
#[cube(launch_unchecked)]
fn gather_gradient_kernel<N: Size>(
    gradient: &[Vector<f32, N>],
    ids: &[i32],
    out: &mut [Vector<f32, N>],
    count: usize,
    width: usize,
    vocabulary: usize,
    length: usize,
) {
    let x = UNIT_POS as usize;
    let column = CUBE_POS_X as usize * WIDTH + x;
    let first = CUBE_POS_Y as usize * ENTRIES;
    let part = CUBE_POS_Z as usize;
    let end = min((part + 1) * length, count);
    let mut notes = Shared::<[u32]>::new_slice(WIDTH);
    let mut sums = Shared::<[Vector<f32, N>]>::new_slice(ENTRIES * WIDTH);
    for entry in 0..ENTRIES {
        sums[entry * WIDTH + x] = Vector::new(0.0f32);
    }
    let mut start = part * length;
    while start < end {
        let mut note = 0u32;
        for bit in 0..BITS {
            let row = start + x * BITS + bit;
            if row < end {
                let id = ids[row] as usize;
                if id >= first && id < first + ENTRIES {
                    note |= 1u32 << bit as u32;
                }
            }
        }
        notes[x] = note;
        sync_cube();
        for unit in 0..WIDTH {
            let mut note = notes[unit];
            if column >= width {
                note = 0u32;
            }
            while note != 0 {
                let row = start + unit * BITS + note.find_first_set() as usize - 1;
                let entry = ids[row] as usize - first;
                sums[entry * WIDTH + x] += gradient[row * width + column];
                note &= note - 1;
            }
        }
        sync_cube();
        start += comptime![WIDTH * BITS];
    }
    if column < width {
        for entry in 0..ENTRIES {
            if first + entry < vocabulary {
                let at = (part * vocabulary + first + entry) * width + column;
                out[at] = sums[entry * WIDTH + x];
            }
        }
    }
}
