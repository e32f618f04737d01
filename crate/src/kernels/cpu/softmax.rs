//! Softmax and cross-entropy, a row of logits at a time while it is in the cache.

use super::activation::exp;
use super::lanes::{fill_up, in_fours, load, splat};

/// Sums over the rows that count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sums {
    /// Negative log likelihood in nats.
    pub nats: f32,
    /// Rows in which no logit is above the right class's.
    pub correct: f32,
}

/// The loss of `logits` `[rows, classes]`, whose right classes are `targets` `[rows]`; each row
/// counts as often as `mask` `[rows]` says, 0 or 1.
///
/// The logits are used up: with `gradient` they become the gradient of the nats,
/// `(softmax − onehot)·mask`.
pub fn cross_entropy(logits: &mut [f32], targets: &[i32], mask: &[f32], gradient: bool) -> Sums {
    let classes = (logits.len() / targets.len().max(1)).max(1);
    let (mut nats, mut correct) = (0.0, 0.0);
    let rows = logits.chunks_exact_mut(classes).zip(targets);
    for ((row, &target), &weight) in rows.zip(mask) {
        let target = target as usize;
        let largest = largest(row);
        let right = row[target] - largest;
        let total = exponentiate(row, largest);
        nats += f64::from(weight * (total.ln() - right));
        correct += f64::from(if right >= 0.0 { weight } else { 0.0 });
        if gradient {
            scale(row, weight / total);
            row[target] -= weight;
        }
    }
    Sums {
        nats: nats as f32,
        correct: correct as f32,
    }
}

fn largest(row: &[f32]) -> f32 {
    let (fours, rest) = row.as_chunks();
    let start = splat(f32::NEG_INFINITY);
    let lanes = fours
        .iter()
        .fold(start, |most, four| most.fast_max(load(four)));
    let lanes = lanes.to_array();
    lanes.iter().chain(rest).copied().fold(lanes[0], f32::max)
}

/// Each logit becomes `e^(logit − largest)`; returns their sum.
fn exponentiate(row: &mut [f32], largest: f32) -> f32 {
    in_fours([], [row], |[], [row]| {
        for logits in row {
            *logits = exp(load(logits) - splat(largest)).to_array();
        }
    });
    let (fours, rest) = row.as_chunks();
    let sum = fours
        .iter()
        .fold(load(&fill_up(rest)), |sum, four| sum + load(four));
    sum.reduce_add()
}

fn scale(row: &mut [f32], factor: f32) {
    in_fours([], [row], |[], [row]| {
        for values in row {
            *values = (load(values) * splat(factor)).to_array();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_five_by_hand() {
        let logits = [0.0, 2.0, -1.0, 2.0, 0.5_f32];
        let total: f64 = logits.iter().map(|&x| f64::from(x).exp()).sum();
        for (target, correct) in [(1, 1.0), (4, 0.0)] {
            let mut twice = [logits, logits].concat();
            let sums = cross_entropy(&mut twice, &[target; 2], &[1.0, 0.0], true);
            let nats = total.ln() - f64::from(logits[target as usize]);
            assert!((f64::from(sums.nats) - nats).abs() < 1e-6);
            assert_eq!(sums.correct, correct);
            for (class, &gradient) in twice[..5].iter().enumerate() {
                let softmax = f64::from(logits[class]).exp() / total;
                let right = softmax - f64::from(u8::from(class as i32 == target));
                assert!((f64::from(gradient) - right).abs() < 1e-6);
            }
            assert_eq!(twice[5..], [0.0; 5]);
        }
    }
}
