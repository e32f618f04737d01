//! A language model that only counts: what a network has to beat.

use std::collections::HashMap;

/// Sequences of up to so many tokens with how often each was seen, as a tree: a node is a sequence,
/// its children are the sequences with one more token behind.
///
/// Probabilities are interpolated by Witten and Bell's rule (1991, method C): with `n` sightings of a
/// context, followed by `t` different tokens, `P(w|context) = (n(context w) + t · P(w|shorter)) / (n + t)`;
/// the shortest context interpolates with `1 / vocabulary`.
pub struct Ngrams {
    order: usize,
    vocabulary: usize,
    nodes: Vec<Node>,
    /// By node and token.
    children: HashMap<(u32, u32), u32>,
}

#[derive(Clone, Copy, Default)]
struct Node {
    /// How often this sequence was seen.
    count: u32,
    /// How often something followed it.
    followed: u32,
    /// How many different tokens did.
    followers: u32,
}

/// The node of the empty sequence.
const ROOT: u32 = 0;

impl Ngrams {
    /// Counts the sequences of up to `order` tokens of a text, whose ids are below `vocabulary`. Order 1
    /// counts single tokens: the best that can be known without looking at what came before.
    pub fn new(text: &[u32], order: usize, vocabulary: usize) -> Self {
        let mut model = Self {
            order: order.max(1),
            vocabulary: vocabulary.max(1),
            nodes: vec![Node::default()],
            children: HashMap::new(),
        };
        let mut contexts = vec![ROOT];
        for &token in text {
            contexts = model.count(&contexts, token);
        }
        model
    }

    /// Counts a token behind each of its contexts, the shortest first; returns the contexts of the next token.
    fn count(&mut self, contexts: &[u32], token: u32) -> Vec<u32> {
        let mut next = Vec::with_capacity(self.order);
        next.push(ROOT);
        for &context in contexts {
            let new = self.nodes.len() as u32;
            let child = *self.children.entry((context, token)).or_insert(new);
            if child == new {
                self.nodes.push(Node::default());
                self.nodes[context as usize].followers += 1;
            }
            self.nodes[context as usize].followed += 1;
            self.nodes[child as usize].count += 1;
            next.push(child);
        }
        next.truncate(self.order);
        next
    }

    /// The probability of a token behind contexts, the shortest first, by each order, and the contexts of
    /// the next one. Where a context was never seen, a longer one says nothing new.
    fn probabilities(&self, contexts: &[u32], token: u32) -> (Vec<f64>, Vec<u32>) {
        let mut probability = 1.0 / self.vocabulary as f64;
        let mut probabilities = Vec::with_capacity(self.order);
        let mut next = vec![ROOT];
        for &context in contexts {
            let Node {
                followed,
                followers,
                ..
            } = self.nodes[context as usize];
            let child = self.children.get(&(context, token));
            let count = child.map_or(0, |&child| self.nodes[child as usize].count);
            let [count, followed, followers] = [count, followed, followers].map(f64::from);
            if followed > 0.0 {
                probability = (count + followers * probability) / (followed + followers);
            }
            probabilities.push(probability);
            next.extend(child);
        }
        probabilities.resize(self.order, probability);
        next.truncate(self.order);
        (probabilities, next)
    }

    /// The mean number of bits that each token of a text costs, the first one included, by the models of
    /// order 1, 2 and so on up to this one's; 0 for no text.
    pub fn bits_per_token(&self, text: &[u32]) -> Vec<f64> {
        let mut contexts = vec![ROOT];
        let mut bits = vec![0.0; self.order];
        for &token in text {
            let (probabilities, next) = self.probabilities(&contexts, token);
            for (bits, probability) in bits.iter_mut().zip(probabilities) {
                *bits -= probability.log2() / text.len() as f64;
            }
            contexts = next;
        }
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, Stream};

    #[test]
    fn probabilities_are_those_of_the_rule() {
        // a b a b a c: a three times, b twice, c once; after a: b twice, c once.
        let model = Ngrams::new(&[0, 1, 0, 1, 0, 2], 2, 4);
        let single = |count: f64| (count + 3.0 / 4.0) / (6.0 + 3.0);
        let (first, contexts) = model.probabilities(&[ROOT], 0);
        assert!((first[0] - single(3.0)).abs() < 1e-12 && first[1] == first[0]);
        let after_a = |count: f64, shorter: f64| (count + 2.0 * shorter) / (3.0 + 2.0);
        for (token, count, alone) in [(0, 0.0, 3.0), (1, 2.0, 2.0), (2, 1.0, 1.0), (3, 0.0, 0.0)] {
            let (found, _) = model.probabilities(&contexts, token);
            assert!((found[0] - single(alone)).abs() < 1e-12);
            assert!((found[1] - after_a(count, single(alone))).abs() < 1e-12);
        }
        let bits = model.bits_per_token(&[0, 1]);
        let alone = -(single(3.0).log2() + single(2.0).log2()) / 2.0;
        let expected = -(single(3.0).log2() + after_a(2.0, single(2.0)).log2()) / 2.0;
        assert!((bits[0] - alone).abs() < 1e-12 && (bits[1] - expected).abs() < 1e-12);
    }

    #[test]
    fn probabilities_sum_to_one_in_every_context() {
        let mut rng = Rng::new(1, Stream::Sampling);
        let text: Vec<u32> = (0..500).map(|_| rng.below(6) as u32).collect();
        let model = Ngrams::new(&text, 4, 9);
        let mut contexts = vec![ROOT];
        for &token in &text[..100] {
            for order in 0..4 {
                let total: f64 = (0..9)
                    .map(|token| model.probabilities(&contexts, token).0[order])
                    .sum();
                assert!((total - 1.0).abs() < 1e-9, "{total}");
            }
            contexts = model.probabilities(&contexts, token).1;
        }
    }

    #[test]
    fn random_tokens_cost_their_entropy_and_ordered_ones_nearly_nothing() {
        let mut rng = Rng::new(1, Stream::Sampling);
        let random: Vec<u32> = (0..50_000).map(|_| rng.below(16) as u32).collect();
        let single = Ngrams::new(&random[..40_000], 1, 16).bits_per_token(&random[40_000..]);
        assert!((single[0] - 4.0).abs() < 0.01, "{single:?}");
        let ordered: Vec<u32> = (0..2_000).map(|n| n % 10).collect();
        let bits = Ngrams::new(&ordered, 2, 10).bits_per_token(&ordered);
        assert!(bits[0] > 3.3 && bits[1] < 0.1, "{bits:?}");
    }

    #[test]
    fn odd_texts_are_no_trouble() {
        let model = Ngrams::new(&[], 2, 8);
        assert_eq!(model.bits_per_token(&[]), [0.0, 0.0]);
        assert_eq!(model.bits_per_token(&[1, 2, 3, 4]), [3.0, 3.0]);
    }
}
