//! Logistic regression on a bag of words: what can be told from which words a text has, whatever their
//! order. The baseline that a network that reads in order must be held against.

use crate::text::END;
use std::collections::{BTreeMap, HashSet};

/// How weakly large weights are held down: `1/(2C)` times their squares is added to the summed loss.
const C: f32 = 10.0;
/// Passes over the texts at most.
const PASSES: usize = 200;
/// No part of the mean gradient is larger when it is done.
const TOLERANCE: f32 = 1e-4;

/// Multinomial logistic regression with an L2 penalty, on tf-idf: the count of each word in the text,
/// times `ln((1+n)/(1+d)) + 1` where `d` of the `n` training texts have the word, scaled so that the
/// squares of a text sum to 1.
pub struct BagOfWords {
    classes: usize,
    /// How rare each token is, `[vocabulary]`; 0 for tokens that are no words.
    rarity: Vec<f32>,
    /// `[vocabulary + 1, classes]`; the last row is the bias.
    weights: Vec<f32>,
}

/// The words of a text with their values; few of all there are.
type Bag = Vec<(usize, f32)>;

impl BagOfWords {
    /// Learns from texts as token ids and their classes, by Nesterov's accelerated gradient (1983), whole
    /// passes at a time, started anew where it overshoots (O'Donoghue and Candès 2015).
    pub fn fit(texts: &[(&[u32], usize)], vocabulary: usize, classes: usize) -> Self {
        let mut model = Self {
            classes,
            rarity: rarity(texts, vocabulary),
            weights: vec![0.0; (vocabulary + 1) * classes],
        };
        let bags: Vec<(Bag, usize)> = texts
            .iter()
            .map(|(ids, class)| (model.bag(ids), *class))
            .collect();
        let penalty = 1.0 / (C * texts.len().max(1) as f32);
        // The curvature of a softmax is at most 1/2, and a bag with its bias has the squared length 2.
        let rate = 1.0 / (1.0 + penalty);
        let mut before = model.weights.clone();
        let mut pace = 1.0f32;
        for _ in 0..PASSES {
            // `model` looks ahead of the weights `before`.
            let gradient = model.gradient(&bags, penalty);
            if gradient.iter().all(|part| part.abs() < TOLERANCE) {
                break;
            }
            let after = model.weights.iter().zip(&gradient);
            let after: Vec<f32> = after.map(|(weight, slope)| weight - rate * slope).collect();
            let steps = after
                .iter()
                .zip(&before)
                .map(|(after, before)| after - before);
            let uphill: f32 = steps.zip(&gradient).map(|(step, slope)| step * slope).sum();
            let next = if uphill > 0.0 {
                1.0
            } else {
                (1.0 + (1.0 + 4.0 * pace * pace).sqrt()) / 2.0
            };
            let momentum = if uphill > 0.0 {
                0.0
            } else {
                (pace - 1.0) / next
            };
            let ahead = after.iter().zip(&before);
            model.weights = ahead
                .map(|(after, before)| after + momentum * (after - before))
                .collect();
            (before, pace) = (after, next);
        }
        model
    }

    /// The probability of each class for a text.
    pub fn probabilities(&self, ids: &[u32]) -> Vec<f32> {
        let mut probabilities = Vec::new();
        self.softmax(&self.bag(ids), &mut probabilities);
        probabilities
    }

    fn bag(&self, ids: &[u32]) -> Bag {
        let mut values: BTreeMap<usize, f32> = BTreeMap::new();
        for &id in ids {
            let rarity = self.rarity.get(id as usize).copied().unwrap_or(0.0);
            if rarity > 0.0 {
                *values.entry(id as usize).or_default() += rarity;
            }
        }
        let length = values
            .values()
            .map(|value| value * value)
            .sum::<f32>()
            .sqrt();
        values
            .into_iter()
            .map(|(word, value)| (word, value / length))
            .collect()
    }

    fn row(&self, word: usize) -> &[f32] {
        &self.weights[word * self.classes..][..self.classes]
    }

    /// Writes the probability of each class over what stands in `scores`.
    fn softmax(&self, bag: &Bag, scores: &mut Vec<f32>) {
        scores.clear();
        scores.extend_from_slice(self.row(self.rarity.len()));
        for &(word, value) in bag {
            for (score, weight) in scores.iter_mut().zip(self.row(word)) {
                *score += value * weight;
            }
        }
        let top = scores.iter().copied().fold(f32::MIN, f32::max);
        scores
            .iter_mut()
            .for_each(|score| *score = (*score - top).exp());
        let sum: f32 = scores.iter().sum();
        scores.iter_mut().for_each(|score| *score /= sum);
    }

    /// The gradient of the mean loss with its penalty, as the weights; the bias has no penalty.
    fn gradient(&self, bags: &[(Bag, usize)], penalty: f32) -> Vec<f32> {
        let words = self.rarity.len() * self.classes;
        let mut gradient: Vec<f32> = self.weights.iter().map(|weight| penalty * weight).collect();
        gradient[words..].fill(0.0);
        let share = 1.0 / bags.len().max(1) as f32;
        let mut errors = Vec::new();
        for (bag, class) in bags {
            self.softmax(bag, &mut errors);
            if let Some(error) = errors.get_mut(*class) {
                *error -= 1.0;
            }
            for &(word, value) in bag.iter().chain(&[(self.rarity.len(), 1.0)]) {
                let row = &mut gradient[word * self.classes..][..self.classes];
                for (slope, error) in row.iter_mut().zip(&errors) {
                    *slope += share * value * error;
                }
            }
        }
        gradient
    }
}

fn rarity(texts: &[(&[u32], usize)], vocabulary: usize) -> Vec<f32> {
    let mut texts_with = vec![0u32; vocabulary];
    for (ids, _) in texts {
        let distinct: HashSet<u32> = ids.iter().copied().collect();
        for id in distinct {
            if let Some(count) = texts_with.get_mut(id as usize) {
                *count += 1;
            }
        }
    }
    let all = texts.len() as f32;
    let rarity = |count: u32| ((1.0 + all) / (1.0 + count as f32)).ln() + 1.0;
    // The special tokens come first, and are no words.
    (0..)
        .zip(texts_with)
        .map(|(id, count)| if id > END { rarity(count) } else { 0.0 })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, Stream};

    /// Three classes, each with a word of its own in most of its texts, among words that say nothing.
    fn texts(count: usize, seed: u32) -> Vec<(Vec<u32>, usize)> {
        let mut rng = Rng::new(seed, Stream::Sampling);
        (0..count)
            .map(|index| {
                let class = index % 3;
                let mut ids: Vec<u32> = (0..8).map(|_| 10 + rng.below(40) as u32).collect();
                if rng.below(10) > 0 {
                    ids[rng.below(8)] = 4 + class as u32;
                }
                (ids, class)
            })
            .collect()
    }

    fn borrowed(texts: &[(Vec<u32>, usize)]) -> Vec<(&[u32], usize)> {
        texts
            .iter()
            .map(|(ids, class)| (ids.as_slice(), *class))
            .collect()
    }

    #[test]
    fn it_learns_which_words_tell() {
        let (train, held_out) = (texts(600, 1), texts(300, 2));
        let model = BagOfWords::fit(&borrowed(&train), 60, 3);
        let right = held_out.iter().filter(|(ids, class)| {
            let probabilities = model.probabilities(ids);
            assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            let best = (0..3).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]));
            best == Some(*class)
        });
        // A tenth of the texts has no word that tells; of those a third is guessed.
        assert!(right.count() > 260);
    }

    #[test]
    fn it_stops_at_the_minimum() {
        let train = texts(300, 3);
        let model = BagOfWords::fit(&borrowed(&train), 60, 3);
        let bags: Vec<(Bag, usize)> = train
            .iter()
            .map(|(ids, class)| (model.bag(ids), *class))
            .collect();
        // Where the gradient of a convex function is zero, there is its minimum.
        let gradient = model.gradient(&bags, 1.0 / (C * 300.0));
        let steepest = gradient
            .iter()
            .fold(0f32, |top, slope| top.max(slope.abs()));
        assert!(steepest < 2.0 * TOLERANCE, "{steepest}");
        // Loss and gradient belong together: a small step along a weight.
        let loss = |model: &BagOfWords| -> f64 {
            let mut probabilities = Vec::new();
            let nats = bags.iter().map(|(bag, class)| {
                model.softmax(bag, &mut probabilities);
                -f64::from(probabilities[*class].ln())
            });
            let squares: f32 = model.weights[..180]
                .iter()
                .map(|weight| weight * weight)
                .sum();
            nats.sum::<f64>() / 300.0 + f64::from(squares) / (2.0 * f64::from(C) * 300.0)
        };
        let at = |step: f32| {
            let mut moved = BagOfWords {
                classes: 3,
                rarity: model.rarity.clone(),
                weights: model.weights.clone(),
            };
            moved.weights[4 * 3] += step;
            loss(&moved)
        };
        assert!(at(0.0) < at(0.5) && at(0.0) < at(-0.5));
    }

    #[test]
    fn a_text_without_known_words_gets_the_shares_of_the_classes() {
        let train: Vec<(Vec<u32>, usize)> = (0..40)
            .map(|i| (vec![4, 1], usize::from(i % 4 == 0)))
            .collect();
        let model = BagOfWords::fit(&borrowed(&train), 6, 2);
        for ids in [&[][..], &[0, 1, 99]] {
            let probabilities = model.probabilities(ids);
            assert!((probabilities[1] - 0.25).abs() < 0.1, "{probabilities:?}");
        }
        let nothing = BagOfWords::fit(&[], 6, 2);
        assert_eq!(nothing.probabilities(&[4]), [0.5, 0.5]);
    }
}
