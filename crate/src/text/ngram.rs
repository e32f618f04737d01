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
    /// Counts the sequences of up to `order` tokens of a text, whose ids are below `vocabulary`. The
    /// order 1 counts single tokens: the best that can be known without looking at what came before.
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

    /// The probability of a token behind contexts, the shortest first, and the contexts of the next one.
    fn probability(&self, contexts: &[u32], token: u32) -> (f64, Vec<u32>) {
        let mut probability = 1.0 / self.vocabulary as f64;
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
            next.extend(child);
        }
        next.truncate(self.order);
        (probability, next)
    }

    /// The mean number of bits that each token of a text costs, the first one included; 0 for no text.
    pub fn bits_per_token(&self, text: &[u32]) -> f64 {
        let mut contexts = vec![ROOT];
        let mut bits = 0.0;
        for &token in text {
            let (probability, next) = self.probability(&contexts, token);
            bits -= probability.log2();
            contexts = next;
        }
        bits / text.len().max(1) as f64
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
        let (a, contexts) = model.probability(&[ROOT], 0);
        assert!((a - single(3.0)).abs() < 1e-12);
        let after_a = |count: f64, shorter: f64| (count + 2.0 * shorter) / (3.0 + 2.0);
        for (token, count, alone) in [(0, 0.0, 3.0), (1, 2.0, 2.0), (2, 1.0, 1.0), (3, 0.0, 0.0)] {
            let (found, _) = model.probability(&contexts, token);
            assert!((found - after_a(count, single(alone))).abs() < 1e-12);
        }
        let bits = model.bits_per_token(&[0, 1]);
        let expected = -(single(3.0).log2() + after_a(2.0, single(2.0)).log2()) / 2.0;
        assert!((bits - expected).abs() < 1e-12);
    }

    #[test]
    fn probabilities_sum_to_one_in_every_context() {
        let mut rng = Rng::new(1, Stream::Sampling);
        let text: Vec<u32> = (0..500).map(|_| rng.below(6) as u32).collect();
        let model = Ngrams::new(&text, 4, 9);
        let mut contexts = vec![ROOT];
        for &token in &text[..100] {
            let total: f64 = (0..9)
                .map(|token| model.probability(&contexts, token).0)
                .sum();
            assert!((total - 1.0).abs() < 1e-9, "{total}");
            contexts = model.probability(&contexts, token).1;
        }
    }

    #[test]
    fn random_tokens_cost_their_entropy_and_ordered_ones_nearly_nothing() {
        let mut rng = Rng::new(1, Stream::Sampling);
        let random: Vec<u32> = (0..50_000).map(|_| rng.below(16) as u32).collect();
        let single = Ngrams::new(&random[..40_000], 1, 16).bits_per_token(&random[40_000..]);
        assert!((single - 4.0).abs() < 0.01, "{single}");
        let ordered: Vec<u32> = (0..2_000).map(|n| n % 10).collect();
        assert!(Ngrams::new(&ordered, 2, 10).bits_per_token(&ordered) < 0.1);
        assert!(Ngrams::new(&ordered, 1, 10).bits_per_token(&ordered) > 3.3);
    }

    #[test]
    fn odd_texts_are_no_trouble() {
        let model = Ngrams::new(&[], 5, 8);
        assert_eq!(model.bits_per_token(&[]), 0.0);
        assert_eq!(model.bits_per_token(&[1, 2, 3]), 3.0);
    }
}
