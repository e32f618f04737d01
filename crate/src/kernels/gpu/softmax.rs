//! Cross-entropy of softmax, its gradient and the count of right answers in one dispatch, and one to sum up.

use super::{MOST_WORKGROUPS, empty, rows, view, writable};
use burn::backend::ops::FloatTensorOps;
use burn::backend::{Slice, TensorMetadata};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::{CubeBackend, tensor::CubeTensor};
use cubecl::prelude::*;

/// Invocations that share a row, and rows of a workgroup.
const LANES: usize = 32;
const ROWS: usize = 8;

/// The nats and the right rows `[1]`, summed over the rows of `logits` `[rows, classes]`, whose right classes are `targets` `[rows]`, each row
/// times its `mask` `[rows]`. The gradient `(softmax − one-hot)·mask` is written over the logits where nothing
/// else uses them.
pub fn cross_entropy(
    logits: CubeTensor,
    targets: CubeTensor,
    mask: CubeTensor,
    gradient: bool,
) -> (CubeTensor, CubeTensor, Option<CubeTensor>) {
    let logits = into_contiguous(logits);
    let logits = if gradient { writable(logits) } else { logits };
    let [count, classes] = logits.shape().dims();
    let total = count.div_ceil(ROWS);
    let x = total.min(MOST_WORKGROUPS);
    let y = total.div_ceil(x);
    let parts = empty(&logits, [x * y, 2]);
    // SAFETY: the kernel clamps rows to `count` and targets to the classes.
    unsafe {
        cross_entropy_kernel::launch_unchecked(
            &parts.client,
            CubeCount::Static(x as u32, y as u32, 1),
            CubeDim::new_2d(LANES as u32, ROWS as u32),
            logits.clone().into_buffer_arg(),
            into_contiguous(targets).into_buffer_arg(),
            into_contiguous(mask).into_buffer_arg(),
            parts.clone().into_buffer_arg(),
            count,
            classes,
            gradient,
        );
    }
    let sums = empty(&parts, [2]);
    rows::sum_at_once(parts, x * y, 2, sums.clone());
    let nats = view(&sums, 0, [1]);
    // Too close to the first one for a view of its own.
    let correct = CubeBackend::float_slice(sums, &[Slice::from(1..2)]);
    (nats, correct, gradient.then_some(logits))
}

/// Each invocation reads every 32nd logit of its row and keeps the largest and the sum of exponentials relative
/// to it (Milakov and Gimelshein 2018); then the row's invocations share theirs.
#[cube(launch_unchecked)]
fn cross_entropy_kernel(
    logits: &mut [f32],
    targets: &[i32],
    mask: &[f32],
    parts: &mut [f32],
    count: usize,
    classes: usize,
    #[comptime] gradient: bool,
) {
    let (lane, y) = (UNIT_POS_X as usize, UNIT_POS_Y as usize);
    let row = CUBE_POS * ROWS + y;
    let there = row < count;
    let row = min(row, count - 1);
    let weight = select(there, mask[row], 0.0f32);
    let target = min(targets[row] as usize, classes - 1);
    let base = row * classes;
    let mut maxima = Shared::<[f32]>::new_slice(ROWS * LANES);
    let mut totals = Shared::<[f32]>::new_slice(ROWS * LANES);
    let mut nats = Shared::<[f32]>::new_slice(ROWS);
    let mut correct = Shared::<[f32]>::new_slice(ROWS);

    // A lane beyond the last class repeats the last one and counts it for nothing.
    let mut highest = logits[base + min(lane, classes - 1)];
    let mut total = select(lane < classes, 1.0f32, 0.0f32);
    let mut class = lane + LANES;
    while class < classes {
        let logit = logits[base + class];
        let next = max(highest, logit);
        total = total * (highest - next).exp() + (logit - next).exp();
        highest = next;
        class += LANES;
    }
    let right = logits[base + target];
    maxima[y * LANES + lane] = highest;
    totals[y * LANES + lane] = total;
    sync_cube();
    for other in 0..LANES {
        highest = max(highest, maxima[y * LANES + other]);
    }
    total = 0.0f32;
    for other in 0..LANES {
        total += totals[y * LANES + other] * (maxima[y * LANES + other] - highest).exp();
    }

    if lane == 0 {
        nats[y] = (total.ln() + highest - right) * weight;
        correct[y] = select(right >= highest, weight, 0.0f32);
    }
    sync_cube();
    if lane == 0 && y == 0 {
        let mut sum = 0.0f32;
        let mut hits = 0.0f32;
        for other in 0..ROWS {
            sum += nats[other];
            hits += correct[other];
        }
        parts[CUBE_POS * 2] = sum;
        parts[CUBE_POS * 2 + 1] = hits;
    }
    if gradient && there {
        let mut class = lane;
        while class < classes {
            let probability = (logits[base + class] - highest).exp() / total;
            let wanted = select(class == target, 1.0f32, 0.0f32);
            logits[base + class] = (probability - wanted) * weight;
            class += LANES;
        }
    }
}
