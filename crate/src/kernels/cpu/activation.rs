//! Exponential, sigmoid and tanh, four at a time.
//!
//! All three come from `eˣ = 2ⁿ·(1 + p)`, where n is the whole number nearest to x/ln 2 and p is
//! a polynomial in what is left of x (Cody and Waite 1980). NaN stays NaN.

use super::lanes::splat;
use wide::f32x4;

/// Below this 2ⁿ is no normal number any more.
const LOWEST: f32x4 = splat(-87.33);
/// 1.5·2²³: added to a small number, it leaves the nearest whole number in the lowest bits.
const ROUNDER: f32x4 = splat(12_582_912.0);
/// ln 2 in two parts, the first with so few digits that n times it is exact.
const LN_2: [f32x4; 2] = [splat(0.693_359_4), splat(-2.121_944_4e-4)];
/// `(eʳ − 1 − r)/r²` for |r| ≤ ln 2/2, highest power first; p is wrong by 1.4e-8 of itself at most.
const POLYNOMIAL: [f32x4; 5] = [
    splat(0.001_388_252_1),
    splat(0.008_366_521),
    splat(0.041_667_2),
    splat(0.166_665_43),
    splat(0.499_999_97),
];
/// The sign bit alone; set, it makes any number the negative of its size.
const SIGN: f32x4 = splat(-0.0);
/// Where the exponent lies in a number.
const EXPONENT: i32 = 23;

/// `eˣ` for x ≤ 0, wrong by 1.5e-7 of itself at most; 0 below −87.33.
#[inline(always)]
pub fn exp(x: f32x4) -> f32x4 {
    let (power, p) = split_exp(x);
    x.simd_lt(LOWEST)
        .bitselect(f32x4::ZERO, power.mul_add(p, power))
}

/// `1/(1 + e⁻ˣ)`, wrong by 1.5e-7 at most.
#[inline(always)]
pub fn sigmoid(x: f32x4) -> f32x4 {
    let e = exp(x | SIGN);
    let numerator = x.simd_gt(f32x4::ZERO).bitselect(f32x4::ONE, e);
    numerator / (f32x4::ONE + e)
}

/// `tanh x`, wrong by 2e-7 at most, and near 0 by as little of itself.
#[inline(always)]
pub fn tanh(x: f32x4) -> f32x4 {
    // With m = e^(−2|x|) − 1, which keeps its digits near 0, tanh |x| = −m/(m + 2).
    let (power, p) = split_exp((x | SIGN) * splat(2.0));
    let m = power.mul_add(p, power - f32x4::ONE);
    SIGN.bitselect(x, m / (m + splat(2.0)))
}

/// 2ⁿ and p for x ≤ 0; where x is below [`LOWEST`], they are those of [`LOWEST`].
#[inline(always)]
fn split_exp(x: f32x4) -> (f32x4, f32x4) {
    let x = x.simd_lt(LOWEST).bitselect(LOWEST, x);
    let rounded = x.mul_add(f32x4::LOG2_E, ROUNDER);
    let power = f32x4::from_bits((rounded.to_bits() << EXPONENT) + f32x4::ONE.to_bits());
    let n = rounded - ROUNDER;
    let rest = x - n * LN_2[0] - n * LN_2[1];
    let [c4, c3, c2, c1, c0] = POLYNOMIAL;
    let sum = c4.mul_add(rest, c3).mul_add(rest, c2);
    let sum = sum.mul_add(rest, c1).mul_add(rest, c0);
    (power, (rest * rest).mul_add(sum, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest error over every 97th number, of both signs, from 1e-10 to 100.
    fn largest_error(fast: fn(f32x4) -> f32x4, right: fn(f64) -> f64, relative: bool) -> f64 {
        let bits = 1e-10_f32.to_bits()..100_f32.to_bits();
        bits.step_by(97).fold(0.0, |largest, bits| {
            let x = f32::from_bits(bits);
            let results = fast(f32x4::new([x, -x, x, -x])).to_array();
            let error = |x: f32, y: f32| {
                let right = right(f64::from(x));
                let error = (f64::from(y) - right).abs();
                if relative { error / right.abs() } else { error }
            };
            error(x, results[0]).max(error(-x, results[1])).max(largest)
        })
    }

    #[test]
    fn sigmoid_and_tanh_keep_their_bounds() {
        let sigmoid_error = largest_error(sigmoid, |x| 1.0 / (1.0 + (-x).exp()), false);
        assert!(sigmoid_error < 1.5e-7, "{sigmoid_error}");
        let tanh_error = largest_error(tanh, f64::tanh, true);
        assert!(tanh_error < 2e-7, "{tanh_error}");
    }

    #[test]
    fn exp_keeps_its_bound() {
        let below = |x: f32x4| -x.abs().fast_min(splat(87.33));
        let exp_error = (0..1_000_000).fold(0.0, |largest: f64, index| {
            let x = below(splat(index as f32 * 8.733e-5));
            let right = f64::from(x.to_array()[0]).exp();
            largest.max((f64::from(exp(x).to_array()[0]) / right - 1.0).abs())
        });
        assert!(exp_error < 1.5e-7, "{exp_error}");
        assert_eq!(exp(splat(-100.0)), f32x4::ZERO);
    }

    #[test]
    fn limits_are_exact() {
        let x = f32x4::new([f32::INFINITY, -f32::INFINITY, 0.0, f32::NAN]);
        let sigmoids = sigmoid(x).to_array();
        assert_eq!(sigmoids[..3], [1.0, 0.0, 0.5]);
        let tanhs = tanh(x).to_array();
        assert_eq!(tanhs[..3], [1.0, -1.0, 0.0]);
        assert!(sigmoids[3].is_nan() && tanhs[3].is_nan() && exp(x).to_array()[3].is_nan());
    }
}
