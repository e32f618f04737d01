//! Corpus BLEU-4 on token sequences (Papineni et al. 2002), in sacreBLEU's definition (Post 2018)
//! with `tokenize=none`, `smooth_method=exp` and `effective_order=False`.

use std::collections::HashMap;
use std::hash::Hash;

/// The longest n-gram that is counted.
const MAX_ORDER: usize = 4;

/// The counts that corpus BLEU is made of, summed over the sentences seen so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BleuCounts {
    /// n-grams of the hypotheses that stand in a reference too, for n = 1, 2, 3, 4.
    matches: [usize; MAX_ORDER],
    /// All n-grams of the hypotheses, for n = 1, 2, 3, 4.
    totals: [usize; MAX_ORDER],
    hypothesis_length: usize,
    reference_length: usize,
}

impl BleuCounts {
    /// Counts one sentence.
    ///
    /// An n-gram matches at most as often as the one reference that has it most often. The
    /// reference length is that of the reference closest in length, the shorter one on a tie.
    /// Without a reference nothing matches.
    pub fn add<T: Eq + Hash>(&mut self, hypothesis: &[T], references: &[impl AsRef<[T]>]) {
        for order in 1..=MAX_ORDER {
            let counts = count_ngrams(hypothesis, order);
            let mut limits = HashMap::new();
            for reference in references {
                for (ngram, count) in count_ngrams(reference.as_ref(), order) {
                    let limit = limits.entry(ngram).or_insert(0);
                    *limit = count.max(*limit);
                }
            }
            self.totals[order - 1] += counts.values().sum::<usize>();
            self.matches[order - 1] += counts
                .iter()
                .filter_map(|(ngram, count)| limits.get(ngram).map(|limit| count.min(limit)))
                .sum::<usize>();
        }
        self.hypothesis_length += hypothesis.len();
        self.reference_length += references
            .iter()
            .map(|reference| reference.as_ref().len())
            .min_by_key(|&length| (length.abs_diff(hypothesis.len()), length))
            .unwrap_or(0);
    }

    /// BLEU of all sentences so far, 0 to 100: the geometric mean of the n-gram precisions times
    /// the brevity penalty `exp(1 - reference length / hypothesis length)` of too short a corpus.
    ///
    /// The k-th order without a match counts as `1 / 2^k` matches. The score is 0 if not even a
    /// single token matches, or if no sentence is long enough for a 4-gram.
    pub fn score(&self) -> f64 {
        if self.matches.iter().all(|&matches| matches == 0) || self.totals.contains(&0) {
            return 0.0;
        }
        let mut smoothed = 1.0;
        let mut log_precisions = 0.0;
        for (&matches, &total) in self.matches.iter().zip(&self.totals) {
            let matches = if matches == 0 {
                smoothed /= 2.0;
                smoothed
            } else {
                matches as f64
            };
            log_precisions += (matches / total as f64).ln();
        }
        let ratio = self.reference_length as f64 / self.hypothesis_length as f64;
        let log_brevity_penalty = (1.0 - ratio).min(0.0);
        100.0 * (log_brevity_penalty + log_precisions / MAX_ORDER as f64).exp()
    }
}

/// How often each n-gram of this order stands in the sentence.
fn count_ngrams<T: Eq + Hash>(tokens: &[T], order: usize) -> HashMap<&[T], usize> {
    let mut counts = HashMap::new();
    for ngram in tokens.windows(order) {
        *counts.entry(ngram).or_insert(0) += 1;
    }
    counts
}

/// Corpus BLEU-4, 0 to 100, of hypotheses with the references of each; see [`BleuCounts`].
/// What one of the two slices has more than the other is not counted.
pub fn bleu<T: Eq + Hash>(hypotheses: &[Vec<T>], references: &[Vec<Vec<T>>]) -> f64 {
    let mut counts = BleuCounts::default();
    for (hypothesis, references) in hypotheses.iter().zip(references) {
        counts.add(hypothesis, references);
    }
    counts.score()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Case {
        name: String,
        hypotheses: Vec<Vec<String>>,
        references: Vec<Vec<Vec<String>>>,
        score: f64,
    }

    fn cases() -> Vec<Case> {
        let json = include_str!("../../../tests/native/oracle/bleu.json");
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn equals_sacrebleu() {
        for case in cases() {
            let score = bleu(&case.hypotheses, &case.references);
            let difference = (score - case.score).abs();
            assert!(
                difference < 1e-5,
                "{}: {score}, sacreBLEU says {}",
                case.name,
                case.score
            );
        }
    }

    #[test]
    fn tokens_may_be_ids() {
        let sentences = [vec![5_u32, 6, 7, 8, 9]];
        let references = [sentences.to_vec()];
        assert!((bleu(&sentences, &references) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn is_zero_without_sentences_or_references() {
        assert_eq!(bleu::<u32>(&[], &[]), 0.0);
        assert_eq!(bleu(&[vec![1, 2, 3, 4]], &[vec![]]), 0.0);
    }
}
