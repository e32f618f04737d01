//! Drawing the next token at random: temperature, top-k and top-p.

use crate::rng::Rng;
use serde::{Deserialize, Serialize};
use std::f32::consts::LN_2;
use tsify::Tsify;

/// How a token is drawn from the probabilities that a network gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct Sampling {
    /// Log probabilities are divided by it: below 1 the likely becomes likelier, above 1 all tokens
    /// become more alike. 0 takes the likeliest always.
    pub temperature: f64,
    /// Only so many of the likeliest tokens are drawn from (Fan et al. 2018); 0 draws from all.
    pub top_k: u32,
    /// Only the likeliest tokens that together reach this probability are drawn from, after the
    /// temperature (Holtzman et al. 2020); 1 draws from all.
    pub top_p: f64,
}

/// A token that was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampled {
    pub token: u32,
    /// The probability that the network gave it, before temperature, top-k and top-p.
    pub probability: f32,
    /// How undecided the network was, in bits: the entropy of its probabilities. 0 for certainty, 1
    /// for a choice between two, log₂ of the number of tokens where it has no idea.
    pub entropy: f32,
}

/// Natural log probabilities from the logits of all tokens; those that are `never` said get negative infinity.
pub fn log_probabilities(logits: &[f32], never: &[u32]) -> Vec<f32> {
    let mut logs = logits.to_vec();
    for &token in never {
        if let Some(log) = logs.get_mut(token as usize) {
            *log = f32::NEG_INFINITY;
        }
    }
    let highest = logs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = logs.iter().map(|log| (log - highest).exp()).sum();
    let shift = highest + total.ln();
    logs.iter_mut().for_each(|log| *log -= shift);
    logs
}

/// Draws a token. `log_probabilities` are natural logarithms by token id, not empty; a token with
/// negative infinity is never drawn, unless there is no other.
///
/// The same generator in the same state draws the same token. Of equally likely tokens the first
/// counts as the likelier.
pub fn sample(log_probabilities: &[f32], sampling: &Sampling, rng: &mut Rng) -> Sampled {
    // One draw a token, whatever the settings: a change of them shifts nothing that comes later.
    let random = f64::from(rng.uniform());
    let likeliest = (0..log_probabilities.len()).rev().max_by(|&a, &b| {
        let [a, b] = [a, b].map(|id| log_probabilities[id]);
        a.total_cmp(&b)
    });
    let likeliest = likeliest.unwrap_or(0);
    let token = if sampling.temperature > 0.0 {
        draw(log_probabilities, likeliest, sampling, random)
    } else {
        likeliest
    };
    Sampled {
        token: token as u32,
        probability: log_probabilities.get(token).map_or(0.0, |log| log.exp()),
        entropy: entropy(log_probabilities),
    }
}

/// The entropy of a distribution in bits.
pub fn entropy(log_probabilities: &[f32]) -> f32 {
    let nats = log_probabilities.iter().filter(|log| log.is_finite());
    nats.map(|&log| -log * log.exp()).sum::<f32>() / LN_2
}

fn draw(log_probabilities: &[f32], likeliest: usize, sampling: &Sampling, random: f64) -> usize {
    let highest = log_probabilities.get(likeliest).copied().unwrap_or(0.0);
    // The likeliest weighs 1, so that no temperature makes all of them vanish.
    let weight = |&log: &f32| (f64::from(log - highest) / sampling.temperature).exp();
    let mut candidates: Vec<(usize, f64)> = log_probabilities
        .iter()
        .map(weight)
        .enumerate()
        .filter(|&(_, weight)| weight > 0.0)
        .collect();
    let keeps_all = sampling.top_k == 0 && sampling.top_p >= 1.0;
    if !keeps_all {
        candidates.sort_by(|a, b| b.1.total_cmp(&a.1));
        if sampling.top_k > 0 {
            candidates.truncate(sampling.top_k as usize);
        }
        let total: f64 = candidates.iter().map(|&(_, weight)| weight).sum();
        let mut reached = 0.0;
        let enough = candidates.iter().position(|&(_, weight)| {
            reached += weight;
            reached >= sampling.top_p * total
        });
        // The likeliest always stays.
        candidates.truncate(enough.map_or(candidates.len(), |last| last + 1));
    }
    let total: f64 = candidates.iter().map(|&(_, weight)| weight).sum();
    let mut left = random * total;
    for &(token, weight) in &candidates {
        left -= weight;
        if left < 0.0 {
            return token;
        }
    }
    likeliest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    const PLAIN: Sampling = Sampling {
        temperature: 1.0,
        top_k: 0,
        top_p: 1.0,
    };

    fn logs(probabilities: &[f32]) -> Vec<f32> {
        probabilities.iter().map(|p| p.ln()).collect()
    }

    /// How often each token is drawn in 20,000 draws.
    fn shares(probabilities: &[f32], sampling: Sampling) -> Vec<f64> {
        let (logs, mut rng) = (logs(probabilities), Rng::new(1, Stream::Sampling));
        let mut counts = vec![0.0; logs.len()];
        for _ in 0..20_000 {
            counts[sample(&logs, &sampling, &mut rng).token as usize] += 1.0 / 20_000.0;
        }
        counts
    }

    #[track_caller]
    fn assert_shares(sampling: Sampling, expected: [f64; 4]) {
        let found = shares(&[0.1, 0.4, 0.3, 0.2], sampling);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 0.012, "{found} for {expected}");
            assert_eq!(*found == 0.0, expected == 0.0);
        }
    }

    #[test]
    fn tokens_come_as_often_as_they_are_likely() {
        assert_shares(PLAIN, [0.1, 0.4, 0.3, 0.2]);
    }

    #[test]
    fn temperature_sharpens_and_flattens() {
        let at = |temperature| Sampling {
            temperature,
            ..PLAIN
        };
        assert_shares(at(0.0), [0.0, 1.0, 0.0, 0.0]);
        // Probabilities squared, of a sum of 0.3.
        assert_shares(at(0.5), [0.01 / 0.3, 0.16 / 0.3, 0.09 / 0.3, 0.04 / 0.3]);
        assert_shares(at(1e6), [0.25; 4]);
        // So cold that all other weights are zero.
        assert_shares(at(1e-6), [0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn top_k_and_top_p_cut_the_tail() {
        assert_shares(Sampling { top_k: 1, ..PLAIN }, [0.0, 1.0, 0.0, 0.0]);
        let two = [0.0, 4.0 / 7.0, 3.0 / 7.0, 0.0];
        assert_shares(Sampling { top_k: 2, ..PLAIN }, two);
        assert_shares(Sampling { top_k: 9, ..PLAIN }, [0.1, 0.4, 0.3, 0.2]);
        assert_shares(
            Sampling {
                top_p: 0.65,
                ..PLAIN
            },
            two,
        );
        assert_shares(
            Sampling {
                top_p: 0.0,
                ..PLAIN
            },
            [0.0, 1.0, 0.0, 0.0],
        );
        // Of the two that top-k leaves, the first already has more than half.
        let both = Sampling {
            top_k: 2,
            top_p: 0.55,
            ..PLAIN
        };
        assert_shares(both, [0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn it_says_what_the_network_thought_of_the_token() {
        let sharp = Sampling {
            temperature: 0.0,
            ..PLAIN
        };
        let mut rng = Rng::new(1, Stream::Sampling);
        let sampled = sample(&logs(&[0.25, 0.5, 0.25]), &sharp, &mut rng);
        assert_eq!(sampled.token, 1);
        assert!((sampled.probability - 0.5).abs() < 1e-6);
        assert!((sampled.entropy - 1.5).abs() < 1e-6);
        assert_eq!(entropy(&logs(&[0.0, 1.0])), 0.0);
    }

    #[test]
    fn the_same_seed_draws_the_same_and_settings_shift_nothing() {
        let logs = logs(&[0.1, 0.4, 0.3, 0.2]);
        let draw = |seed, first: Sampling| {
            let mut rng = Rng::new(seed, Stream::Sampling);
            sample(&logs, &first, &mut rng);
            (0..20)
                .map(|_| sample(&logs, &PLAIN, &mut rng).token)
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(1, PLAIN), draw(1, PLAIN));
        assert_ne!(draw(1, PLAIN), draw(2, PLAIN));
        let greedy = Sampling {
            temperature: 0.0,
            ..PLAIN
        };
        assert_eq!(draw(1, PLAIN), draw(1, greedy));
    }

    #[test]
    fn log_probabilities_leave_out_what_is_never_said() {
        let found = log_probabilities(&[1_000.0, 2.0, 1_000.0 + 3f32.ln(), 2_000.0], &[3, 9]);
        let found: Vec<f32> = found.iter().map(|log| log.exp()).collect();
        for (found, expected) in found.iter().zip([0.25, 0.0, 0.75, 0.0]) {
            assert!((found - expected).abs() < 1e-4, "{found}");
        }
    }

    #[test]
    fn odd_probabilities_are_no_trouble() {
        let mut rng = Rng::new(1, Stream::Sampling);
        for settings in [
            PLAIN,
            Sampling {
                top_k: 1,
                top_p: 0.5,
                ..PLAIN
            },
        ] {
            let never = [f32::NEG_INFINITY; 3];
            assert_eq!(sample(&never, &settings, &mut rng).token, 0);
            assert_eq!(sample(&[0.0], &settings, &mut rng).token, 0);
            assert_eq!(sample(&[], &settings, &mut rng).probability, 0.0);
            let one = [f32::NEG_INFINITY, 0.0, f32::NEG_INFINITY];
            assert_eq!(sample(&one, &settings, &mut rng).token, 1);
        }
    }
}
