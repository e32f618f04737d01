//! The optimizers' steps, a dispatch a weight, and the clipping of gradients by their common norm.

use super::{empty, workgroups, writable};
use crate::kernels::Rule;
use crate::kernels::rule::{
    ADAM_BETA_1, ADAM_BETA_2, ADAM_EPSILON, AdamFactors, CLIP_EPSILON, RMSPROP_EPSILON, RMSPROP_RHO,
};
use burn_cubecl::{kernel::into_contiguous, tensor::CubeTensor};
use cubecl::prelude::*;

/// Invocations of a workgroup.
const UNITS: usize = 256;

/// Partial sums of squares, one a workgroup: enough to busy a GPU.
const PARTS: usize = 64;

/// Which rule, as a shader module of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Sgd,
    RmsProp,
    Adam,
}

/// One step of a weight against its gradient: the weight and its running means after it, written
/// over those before where nothing else uses them.
///
/// `means` is `[1, n]` or `[2, n]` (Adam: mean, square), zeros before the first step; `scale` `[1]`
/// multiplies the gradient.
pub fn update(
    rule: Rule,
    weight: CubeTensor,
    gradient: CubeTensor,
    means: CubeTensor,
    scale: Option<CubeTensor>,
) -> (CubeTensor, CubeTensor) {
    let weight = writable(into_contiguous(weight));
    let moments = writable(into_contiguous(means));
    let gradient = into_contiguous(gradient);
    let count = weight.meta.num_elements();
    let (kind, rate, keep, keep_square, epsilon, root, shrink) = match rule {
        Rule::Sgd { rate, momentum } => (Kind::Sgd, rate, momentum, 0.0, 0.0, 1.0, 1.0),
        Rule::RmsProp { rate } => {
            let (rho, epsilon) = (RMSPROP_RHO, RMSPROP_EPSILON);
            (Kind::RmsProp, rate, 0.0, rho, epsilon, 1.0, 1.0)
        }
        Rule::Adam { rate, step, decay } => {
            let AdamFactors { rate, root, keep } = AdamFactors::new(rate, step, decay);
            let (beta_1, beta_2) = (ADAM_BETA_1, ADAM_BETA_2);
            (Kind::Adam, rate, beta_1, beta_2, ADAM_EPSILON, root, keep)
        }
    };
    let scaled = u32::from(scale.is_some());
    // What is absent still takes a binding.
    let scale = scale.unwrap_or_else(|| gradient.clone());
    // SAFETY: the kernel stops at `count`, which weight and gradient hold once, moments once or twice.
    unsafe {
        update_kernel::launch_unchecked(
            &weight.client,
            workgroups(count, UNITS),
            CubeDim::new_1d(UNITS as u32),
            weight.clone().into_buffer_arg(),
            gradient.into_buffer_arg(),
            moments.clone().into_buffer_arg(),
            scale.into_buffer_arg(),
            count,
            scaled,
            rate as f32,
            keep as f32,
            keep_square as f32,
            (1.0 - keep) as f32,
            (1.0 - keep_square) as f32,
            epsilon as f32,
            root as f32,
            shrink as f32,
            kind,
        );
    }
    (weight, moments)
}

#[cube(launch_unchecked)]
fn update_kernel(
    weight: &mut [f32],
    gradient: &[f32],
    moments: &mut [f32],
    scale: &[f32],
    count: usize,
    scaled: u32,
    rate: f32,
    keep: f32,
    keep_square: f32,
    take: f32,
    take_square: f32,
    epsilon: f32,
    root: f32,
    shrink: f32,
    #[comptime] kind: Kind,
) {
    if ABSOLUTE_POS < count {
        let at = ABSOLUTE_POS;
        let mut slope = gradient[at];
        if scaled != 0 {
            slope *= scale[0];
        }
        if comptime![kind == Kind::Sgd] {
            let velocity = moments[at] * keep + slope;
            moments[at] = velocity;
            weight[at] -= velocity * rate;
        } else if comptime![kind == Kind::RmsProp] {
            let square = moments[at] * keep_square + slope * slope * take_square;
            moments[at] = square;
            weight[at] -= slope * rate / (square + epsilon).sqrt();
        } else {
            let mean = moments[at] * keep + slope * take;
            let square = moments[count + at] * keep_square + slope * slope * take_square;
            moments[at] = mean;
            moments[count + at] = square;
            weight[at] = weight[at] * shrink - mean * rate / (square.sqrt() * root + epsilon);
        }
    }
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
            CubeDim::new_1d(UNITS as u32),
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
    let mut at = CUBE_POS * UNITS + UNIT_POS as usize;
    while at < count {
        sum += gradient[at] * gradient[at];
        at += comptime![PARTS * UNITS];
    }
    let total = workgroup_sum(sum, UNITS);
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
