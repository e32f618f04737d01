//! The optimizers' steps, a dispatch a weight, and the clipping of gradients by their common norm.

use super::{MOST_UNITS, empty, workgroups, writable};
use crate::kernels::Rule;
use crate::kernels::rule::{
    ADAM_BETA_1, ADAM_BETA_2, ADAM_EPSILON, AdamFactors, CLIP_EPSILON, RMSPROP_EPSILON, RMSPROP_RHO,
};
use burn_cubecl::{kernel::into_contiguous, tensor::CubeTensor};
use cubecl::prelude::*;

/// Partial sums of squares, one a workgroup: enough to busy a GPU.
const PARTS: usize = 64;

/// One step of a weight against its gradient: the weight and its running means after it, written
/// over those before where nothing else uses them.
///
/// The means are as large as the weight and zero before the first step; Adam has two, of gradients and of their
/// squares. `scale` `[1]` multiplies the gradient.
pub fn update(
    rule: Rule,
    weight: CubeTensor,
    gradient: CubeTensor,
    mean: CubeTensor,
    square: Option<CubeTensor>,
    scale: Option<CubeTensor>,
) -> (CubeTensor, CubeTensor, Option<CubeTensor>) {
    let weight = writable(into_contiguous(weight));
    let mean = writable(into_contiguous(mean));
    let square = square.map(|square| writable(into_contiguous(square)));
    let gradient = into_contiguous(gradient);
    let count = weight.meta.num_elements();
    let scaled = u32::from(scale.is_some());
    let client = weight.client.clone();
    let (grid, units) = (
        workgroups(count, MOST_UNITS),
        CubeDim::new_1d(MOST_UNITS as u32),
    );
    let weight_arg = weight.clone().into_buffer_arg();
    let mean_arg = mean.clone().into_buffer_arg();
    // What is absent still takes a binding.
    let scale = scale.unwrap_or_else(|| gradient.clone()).into_buffer_arg();
    let gradient = gradient.into_buffer_arg();
    // SAFETY: the kernels stop at `count`, which weight, gradient and means hold.
    match (rule, &square) {
        (Rule::Adam { rate, step, decay }, Some(square)) => unsafe {
            let AdamFactors { rate, root, keep } = AdamFactors::new(rate, step, decay);
            adam_kernel::launch_unchecked(
                &client,
                grid,
                units,
                weight_arg,
                gradient,
                mean_arg,
                square.clone().into_buffer_arg(),
                scale,
                count,
                scaled,
                rate as f32,
                root as f32,
                keep as f32,
            );
        },
        (Rule::Sgd { rate, momentum }, _) => unsafe {
            sgd_kernel::launch_unchecked(
                &client,
                grid,
                units,
                weight_arg,
                gradient,
                mean_arg,
                scale,
                count,
                scaled,
                rate as f32,
                momentum as f32,
            );
        },
        // Adam without its second mean cannot be.
        (Rule::RmsProp { rate } | Rule::Adam { rate, .. }, _) => unsafe {
            rmsprop_kernel::launch_unchecked(
                &client,
                grid,
                units,
                weight_arg,
                gradient,
                mean_arg,
                scale,
                count,
                scaled,
                rate as f32,
            );
        },
    }
    (weight, mean, square)
}

#[cube(launch_unchecked)]
fn adam_kernel(
    weight: &mut [f32],
    gradient: &[f32],
    means: &mut [f32],
    squares: &mut [f32],
    scale: &[f32],
    count: usize,
    scaled: u32,
    rate: f32,
    root: f32,
    keep: f32,
) {
    if ABSOLUTE_POS < count {
        let at = ABSOLUTE_POS;
        let slope = scaled_slope(gradient[at], scale, scaled);
        let mean = blend(means[at], slope, comptime![ADAM_BETA_1]);
        let square = blend(squares[at], slope * slope, comptime![ADAM_BETA_2]);
        means[at] = mean;
        squares[at] = square;
        let epsilon = comptime![ADAM_EPSILON as f32];
        weight[at] = weight[at] * keep - mean * rate / (square.sqrt() * root + epsilon);
    }
}

#[cube(launch_unchecked)]
fn rmsprop_kernel(
    weight: &mut [f32],
    gradient: &[f32],
    squares: &mut [f32],
    scale: &[f32],
    count: usize,
    scaled: u32,
    rate: f32,
) {
    if ABSOLUTE_POS < count {
        let at = ABSOLUTE_POS;
        let slope = scaled_slope(gradient[at], scale, scaled);
        let square = blend(squares[at], slope * slope, comptime![RMSPROP_RHO]);
        squares[at] = square;
        let epsilon = comptime![RMSPROP_EPSILON as f32];
        weight[at] -= slope * rate / (square + epsilon).sqrt();
    }
}

#[cube(launch_unchecked)]
fn sgd_kernel(
    weight: &mut [f32],
    gradient: &[f32],
    velocities: &mut [f32],
    scale: &[f32],
    count: usize,
    scaled: u32,
    rate: f32,
    momentum: f32,
) {
    if ABSOLUTE_POS < count {
        let at = ABSOLUTE_POS;
        let velocity = velocities[at] * momentum + scaled_slope(gradient[at], scale, scaled);
        velocities[at] = velocity;
        weight[at] -= velocity * rate;
    }
}

/// A gradient after clipping.
#[cube]
fn scaled_slope(slope: f32, scale: &[f32], scaled: u32) -> f32 {
    let mut slope = slope;
    if scaled != 0 {
        slope *= scale[0];
    }
    slope
}

/// A running mean that keeps this share of its old value.
#[cube]
fn blend(old: f32, new: f32, #[comptime] keep: f64) -> f32 {
    old * comptime![keep as f32] + new * comptime![(1.0 - keep) as f32]
}

/// The sum of a gradient's squares in [`PARTS`] parts, on top of those of other gradients.
pub fn add_squares(others: Option<CubeTensor>, gradient: CubeTensor) -> CubeTensor {
    let gradient = into_contiguous(gradient);
    let added = u32::from(others.is_some());
    let squares = others.map_or_else(|| empty(&gradient, [PARTS]), writable);
    let count = gradient.meta.num_elements();
    // SAFETY: the kernel stops at the number of values; `squares` has a part for each workgroup.
    unsafe {
        squares_kernel::launch_unchecked(
            &squares.client,
            CubeCount::Static(PARTS as u32, 1, 1),
            CubeDim::new_1d(MOST_UNITS as u32),
            gradient.into_buffer_arg(),
            squares.clone().into_buffer_arg(),
            count,
            added,
        );
    }
    squares
}

/// `min(1, limit / norm)`, `[1]`, from the [`PARTS`] parts of the squared norm.
pub fn clip_scale(squares: CubeTensor, limit: f64) -> CubeTensor {
    let scale = empty(&squares, [1]);
    // SAFETY: one workgroup reads the parts and writes one value.
    unsafe {
        scale_kernel::launch_unchecked(
            &scale.client,
            CubeCount::Static(1, 1, 1),
            CubeDim::new_1d(PARTS as u32),
            squares.into_buffer_arg(),
            scale.clone().into_buffer_arg(),
            limit as f32,
        );
    }
    scale
}

#[cube(launch_unchecked)]
fn squares_kernel(gradient: &[f32], squares: &mut [f32], count: usize, added: u32) {
    let mut sum = 0.0f32;
    let mut at = CUBE_POS * MOST_UNITS + UNIT_POS as usize;
    while at < count {
        sum += gradient[at] * gradient[at];
        at += comptime![PARTS * MOST_UNITS];
    }
    let total = workgroup_sum(sum, MOST_UNITS);
    if UNIT_POS == 0 {
        if added != 0 {
            squares[CUBE_POS] += total;
        } else {
            squares[CUBE_POS] = total;
        }
    }
}

#[cube(launch_unchecked)]
fn scale_kernel(squares: &[f32], scale: &mut [f32], limit: f32) {
    let total = workgroup_sum(squares[UNIT_POS as usize], PARTS);
    if UNIT_POS == 0 {
        let epsilon = comptime![CLIP_EPSILON as f32];
        scale[0] = min(limit / (total.sqrt() + epsilon), 1.0f32);
    }
}

/// The sum over a workgroup of so many invocations, for its first one; always in the same order.
#[cube]
fn workgroup_sum(value: f32, #[comptime] units: usize) -> f32 {
    let mut values = Shared::<[f32]>::new_slice(units);
    let unit = UNIT_POS as usize;
    values[unit] = value;
    sync_cube();
    // Two levels of sums: fewer barriers than a tree of halves.
    let groups = comptime![units / 16];
    let mut sums = Shared::<[f32]>::new_slice(groups);
    if unit < groups {
        let mut sum = 0.0f32;
        for i in 0..16usize {
            sum += values[unit * 16 + i];
        }
        sums[unit] = sum;
    }
    sync_cube();
    let mut total = 0.0f32;
    for i in 0..groups {
        total += sums[i];
    }
    total
}
