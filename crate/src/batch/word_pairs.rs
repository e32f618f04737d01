//! Running text to pairs of words that stand near each other, and words that do not, as word2vec
//! makes them (Mikolov et al. 2013).

use crate::rng::Rng;

/// The power that flattens the distribution of negatives.
const FLATTENED: f64 = 0.75;

/// How likely each word is to be kept where frequent words are thinned out: `√(t/f)` for a word that
/// makes up the share `f` of the text, and 1 for words rarer than the threshold `t`.
pub fn keep_probabilities(counts: &[u32], threshold: f64) -> Vec<f32> {
    let total: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    let keep = |&count: &u32| {
        let share = f64::from(count) / total.max(1.0);
        if share > threshold {
            (threshold / share).sqrt() as f32
        } else {
            1.0
        }
    };
    counts.iter().map(keep).collect()
}

/// Calls `pair` with each word of a sentence and each word near it. Frequent words are first taken out
/// at random, by their probability in `keep`, so that those left have neighbours from further away. Each
/// word's window is drawn anew, from 1 to `window` words on either side: near words count for more.
pub fn word_pairs(
    sentence: &[u32],
    keep: &[f32],
    window: usize,
    rng: &mut Rng,
    mut pair: impl FnMut(u32, u32),
) {
    let kept: Vec<u32> = sentence
        .iter()
        .copied()
        .filter(|&word| {
            let keep = keep.get(word as usize).copied().unwrap_or(0.0);
            keep >= 1.0 || rng.uniform() < keep
        })
        .collect();
    for (place, &centre) in kept.iter().enumerate() {
        let reach = 1 + rng.below(window);
        let first = place.saturating_sub(reach);
        let last = (place + reach).min(kept.len() - 1);
        for (other, &context) in kept.iter().enumerate().take(last + 1).skip(first) {
            if other != place {
                pair(centre, context);
            }
        }
    }
}

/// Words drawn at random as often as they stand in the text, to the power of ¾: the negatives.
#[derive(Clone, Debug)]
pub struct Noise {
    /// The sum of the weights of each word and all before it.
    cumulative: Vec<f64>,
}

impl Noise {
    /// The distribution for words that stand in the text so many times each.
    pub fn new(counts: &[u32]) -> Self {
        let mut sum = 0.0;
        let add = |&count: &u32| {
            sum += f64::from(count).powf(FLATTENED);
            sum
        };
        Self {
            cumulative: counts.iter().map(add).collect(),
        }
    }

    /// A word; 0 where none has ever been counted.
    pub fn draw(&self, rng: &mut Rng) -> u32 {
        let total = self.cumulative.last().copied().unwrap_or(0.0);
        let place = f64::from(rng.uniform()) * total;
        let word = self.cumulative.partition_point(|&sum| sum <= place);
        // Rounding may lead past the last word.
        word.min(self.cumulative.len().saturating_sub(1)) as u32
    }

    /// A word other than this one, unless there is no other.
    pub fn draw_other(&self, word: u32, rng: &mut Rng) -> u32 {
        /// A word that fills nearly the whole text is not waited for.
        const MOST_DRAWS: usize = 100;
        (0..MOST_DRAWS)
            .map(|_| self.draw(rng))
            .find(|&drawn| drawn != word)
            .unwrap_or(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;
    use std::collections::HashMap;

    fn rng() -> Rng {
        Rng::new(1, Stream::Negatives)
    }

    #[test]
    fn frequent_words_are_thinned_out() {
        let keep = keep_probabilities(&[0, 900, 90, 9, 1], 0.01);
        assert_eq!(keep[0], 1.0);
        assert!((keep[1] - (0.01f32 / 0.9).sqrt()).abs() < 1e-6);
        assert!((keep[2] - (0.01f32 / 0.09).sqrt()).abs() < 1e-6);
        assert_eq!(keep[3..], [1.0, 1.0]);
        assert_eq!(keep_probabilities(&[5, 5], 1.0), [1.0, 1.0]);
        assert!(keep_probabilities(&[], 0.1).is_empty());
    }

    #[test]
    fn near_words_make_more_pairs_than_far_ones_and_none_leaves_the_window() {
        let sentence: Vec<u32> = (0..20).collect();
        let mut rng = rng();
        let mut at_distance = HashMap::new();
        for _ in 0..500 {
            word_pairs(&sentence, &[1.0; 20], 4, &mut rng, |centre, context| {
                assert!(centre < 20 && context < 20);
                *at_distance.entry(centre.abs_diff(context)).or_insert(0) += 1;
            });
        }
        // A word at distance d is in the window with probability (5 − d)/4, and there are 20 − d on
        // either side.
        for distance in 1..=4u32 {
            let expected = 500.0 * 2.0 * f64::from((20 - distance) * (5 - distance)) / 4.0;
            let found = f64::from(at_distance[&distance]);
            assert!((found / expected - 1.0).abs() < 0.05, "{at_distance:?}");
        }
        assert_eq!(at_distance.len(), 4);
    }

    #[test]
    fn a_word_that_is_taken_out_lets_its_neighbours_meet() {
        let mut pairs = Vec::new();
        let mut rng = rng();
        word_pairs(&[0, 1, 0, 2], &[0.0, 1.0, 1.0], 1, &mut rng, |a, b| {
            pairs.push((a, b));
        });
        assert_eq!(pairs, [(1, 2), (2, 1)]);
        for short in [&[][..], &[1], &[0, 0], &[9, 9]] {
            word_pairs(short, &[0.0, 1.0], 5, &mut rng, |_, _| panic!("no pair"));
        }
    }

    #[test]
    fn negatives_follow_the_flattened_counts() {
        let noise = Noise::new(&[0, 16, 1, 81]);
        let mut rng = rng();
        let mut drawn = [0f64; 4];
        for _ in 0..36_000 {
            drawn[noise.draw(&mut rng) as usize] += 1.0;
        }
        // 16^¾ = 8, 1, 81^¾ = 27.
        for (drawn, expected) in drawn.iter().zip([0.0, 8_000.0, 1_000.0, 27_000.0]) {
            assert!(
                (drawn - expected).abs() < 5.0 * expected.sqrt() + 1.0,
                "{drawn}"
            );
        }
        assert!((0..1_000).all(|_| noise.draw_other(3, &mut rng) != 3));
        assert_eq!(Noise::new(&[7]).draw_other(0, &mut rng), 0);
        assert_eq!(Noise::new(&[]).draw(&mut rng), 0);
    }
}
