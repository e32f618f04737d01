//! The optimizers' rules, each one pass over a weight, its gradient and its running means.
//!
//! A gradient counts `scale` times (clipping: Pascanu et al. 2013). Weights and means change in
//! place.

use super::lanes::{fill_up, in_fours, load, splat};
use crate::kernels::Rule;
use crate::kernels::rule::{
    ADAM_BETA_1, ADAM_BETA_2, ADAM_EPSILON, AdamFactors, RMSPROP_EPSILON, RMSPROP_RHO,
};
use wide::f32x4;

/// The sum of the squares, as a norm needs it.
pub fn sum_of_squares(values: &[f32]) -> f64 {
    // In f32 a long sum would lose its last terms: only short stretches are added up in it.
    let stretches = values.chunks(1024).map(|stretch| {
        let (fours, rest) = stretch.as_chunks();
        let rest = load(&fill_up(rest));
        let sum = fours.iter().fold(rest * rest, |sum, four| {
            let values = load(four);
            values.mul_add(values, sum)
        });
        f64::from(sum.reduce_add())
    });
    stretches.sum()
}

/// One step for one weight and its running means; only Adam uses the second one.
pub fn update(
    rule: Rule,
    weights: &mut [f32],
    [mean, square]: [&mut [f32]; 2],
    gradient: &[f32],
    scale: f32,
) {
    match rule {
        Rule::Sgd { rate, momentum } => {
            sgd(weights, mean, gradient, scale, rate as f32, momentum as f32);
        }
        Rule::RmsProp { rate } => rmsprop(weights, mean, gradient, scale, rate as f32),
        Rule::Adam { rate, step, decay } => {
            let factors = AdamFactors::new(rate, step, decay);
            adam(weights, [mean, square], gradient, scale, factors);
        }
    }
}

fn sgd(
    weights: &mut [f32],
    velocity: &mut [f32],
    gradient: &[f32],
    scale: f32,
    rate: f32,
    momentum: f32,
) {
    let [scale, rate, momentum] = [scale, rate, momentum].map(splat);
    in_fours(
        [gradient],
        [weights, velocity],
        |[gradient], [weights, velocity]| {
            for n in 0..weights.len() {
                let speed = load(&velocity[n]).mul_add(momentum, load(&gradient[n]) * scale);
                velocity[n] = speed.to_array();
                weights[n] = (load(&weights[n]) - speed * rate).to_array();
            }
        },
    );
}

fn rmsprop(weights: &mut [f32], square: &mut [f32], gradient: &[f32], scale: f32, rate: f32) {
    let [scale, rate, epsilon] = [scale, rate, RMSPROP_EPSILON as f32].map(splat);
    in_fours(
        [gradient],
        [weights, square],
        |[gradient], [weights, square]| {
            for n in 0..weights.len() {
                let slope = load(&gradient[n]) * scale;
                let mean = blend(load(&square[n]), slope * slope, RMSPROP_RHO);
                square[n] = mean.to_array();
                let step = slope * rate / (mean + epsilon).sqrt();
                weights[n] = (load(&weights[n]) - step).to_array();
            }
        },
    );
}

fn adam(
    weights: &mut [f32],
    means: [&mut [f32]; 2],
    gradient: &[f32],
    scale: f32,
    factors: AdamFactors,
) {
    let [mean, square] = means;
    let scale = splat(scale);
    let [rate, root_factor, keep, epsilon] =
        [factors.rate, factors.root, factors.keep, ADAM_EPSILON].map(|factor| splat(factor as f32));
    in_fours(
        [gradient],
        [weights, mean, square],
        |[gradient], [weights, mean, square]| {
            for n in 0..weights.len() {
                let slope = load(&gradient[n]) * scale;
                let first = blend(load(&mean[n]), slope, ADAM_BETA_1);
                let second = blend(load(&square[n]), slope * slope, ADAM_BETA_2);
                mean[n] = first.to_array();
                square[n] = second.to_array();
                let step = first * rate / second.sqrt().mul_add(root_factor, epsilon);
                weights[n] = (load(&weights[n]) * keep - step).to_array();
            }
        },
    );
}

/// A running mean that keeps this share of its old value.
#[inline(always)]
fn blend(old: f32x4, new: f32x4, keep: f64) -> f32x4 {
    old * splat(keep as f32) + new * splat((1.0 - keep) as f32)
}
