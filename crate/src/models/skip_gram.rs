//! Skip-gram with negative sampling (Mikolov et al. 2013).

use crate::nn::{Embedding, Init, LayerShape, LossSums};
use burn::module::Module;
use burn::prelude::*;
use burn::tensor::activation::log_sigmoid;

/// The shape of a [`SkipGram`].
#[derive(Clone, Copy, Debug)]
pub struct SkipGramConfig {
    /// Words.
    pub vocabulary: usize,
    /// Numbers in a word's vector.
    pub size: usize,
}

impl SkipGramConfig {
    /// Draws the weights.
    pub fn init(&self, init: &mut Init) -> SkipGram {
        SkipGram {
            vectors: Embedding::of(init.word_vectors(self.vocabulary, self.size)),
            contexts: Embedding::of(init.zeros([self.vocabulary, self.size])),
        }
    }

    /// Its layers, without making them.
    pub fn layers(&self) -> Vec<LayerShape> {
        let table = |name: &str| LayerShape {
            name: name.into(),
            kind: "Embedding".into(),
            output_shape: format!("(None, {})", self.size),
            parameters: self.vocabulary * self.size,
        };
        vec![table("vectors"), table("contexts")]
    }
}

/// Two vectors for every word: one for the word itself, one for the word as a neighbour of others.
/// The scalar product of the first of a word and the second of another is the logit of
/// their standing near each other.
#[derive(Module, Debug)]
pub struct SkipGram {
    pub vectors: Embedding,
    pub contexts: Embedding,
}

impl SkipGram {
    /// The logits `[pairs, candidates]` of the words `centres` `[pairs]` standing near each of their
    /// `candidates` `[pairs·candidates]`, those of the first pair first.
    pub fn forward(&self, centres: Tensor<1, Int>, candidates: Tensor<1, Int>) -> Tensor<2> {
        let [pairs] = centres.dims();
        let count = candidates.dims()[0] / pairs.max(1);
        let vectors = self.vectors.forward(centres);
        let size = vectors.dims()[1];
        let contexts = self.contexts.forward(candidates);
        // Products of single rows are too small for a matrix product to be worth its preparations.
        let products = contexts.reshape([pairs, count, size]) * vectors.reshape([pairs, 1, size]);
        products.sum_dim(2).reshape([pairs, count])
    }

    /// The loss of pairs of words that stand near each other, against words that do not. The first of
    /// a pair's candidates is its neighbour, all others are negatives, drawn at random:
    ///
    /// `−log σ(u₀·v) − Σₖ log σ(−uₖ·v)`
    ///
    /// A pair counts as correct where its neighbour has a higher logit than all its negatives.
    pub fn loss(&self, centres: Tensor<1, Int>, candidates: Tensor<1, Int>) -> LossSums {
        let logits = self.forward(centres, candidates);
        let [pairs, count] = logits.dims();
        let neighbour = logits.clone().narrow(1, 0, 1);
        let negatives = logits.narrow(1, 1, count - 1);
        let correct = neighbour
            .clone()
            .inner()
            .greater(negatives.clone().inner().max_dim(1));
        let nats = log_sigmoid(neighbour).sum() + log_sigmoid(-negatives).sum();
        LossSums {
            nats: -nats,
            correct: correct.float().reshape([pairs]).sum(),
        }
    }
}
