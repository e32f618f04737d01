//! Attention over the source (Luong et al. 2015), after the decoder's recurrence and without
//! input feeding, so that encoder and decoder stay plain walks through time.

use super::{Init, Linear};
use crate::config::AttentionKind;
use crate::kernels::product;
use burn::module::{Module, Param};
use burn::prelude::*;
use burn::tensor::activation::softmax;

/// Added to the score of a padded source position: its weight becomes exactly zero.
const PADDING_SCORE: f32 = -1e9;

/// What the decoder looks back at: the encoder's hidden states.
#[derive(Clone, Debug)]
pub struct Memory {
    /// `[batch, source time, hidden]`
    states: Tensor<3>,
    /// 0 at source tokens, very negative at padding, `[batch, 1, source time]`.
    padding: Tensor<3>,
}

impl Memory {
    /// From the encoder's states `[source time, batch, hidden]` and the sentences' own lengths.
    pub fn new(states: Tensor<3>, lengths: &[usize]) -> Self {
        let [time, batch, _] = states.dims();
        let score = |length: usize| {
            (0..time).map(move |step| if step < length { 0.0 } else { PADDING_SCORE })
        };
        let padding: Vec<f32> = lengths.iter().flat_map(|&length| score(length)).collect();
        let padding =
            Tensor::from_data(TensorData::new(padding, [batch, 1, time]), &states.device());
        Self {
            states: states.swap_dims(0, 1),
            padding,
        }
    }

    /// The memory with its rows of the batch chosen anew, repeats allowed.
    pub fn select(self, rows: Tensor<1, Int>) -> Self {
        Self {
            states: self.states.select(0, rows.clone()),
            padding: self.padding.select(0, rows),
        }
    }
}

/// How well a source state fits a decoder state.
#[derive(Module, Debug)]
enum Score {
    /// `h·s`
    Dot(Dot),
    /// `h·W·s`
    General(General),
    /// `v·tanh(W₁·h + W₂·s)` (Bahdanau et al. 2015)
    Additive(Additive),
}

#[derive(Module, Debug)]
struct Dot {
    #[module(skip)]
    hidden: usize,
}

#[derive(Module, Debug)]
struct General {
    /// `[hidden, hidden]`
    weight: Param<Tensor<2>>,
}

#[derive(Module, Debug)]
struct Additive {
    /// `[hidden, hidden]`
    query: Param<Tensor<2>>,
    /// `[hidden, hidden]`
    key: Param<Tensor<2>>,
    /// `[hidden, 1]`
    vector: Param<Tensor<2>>,
}

/// Scores the source, sums it up by its weights, and mixes the sum into the decoder's state:
/// `tanh(W·[h; context] + b)`.
#[derive(Module, Debug)]
pub struct Attention {
    score: Score,
    /// `[2·hidden, hidden]`: first half for the decoder's state, second half for the context
    combine: Linear,
}

impl Attention {
    /// Attention of this kind between states of `hidden` numbers; none for [`AttentionKind::None`].
    pub fn new(kind: AttentionKind, hidden: usize, init: &mut Init) -> Option<Self> {
        let square = [hidden, hidden];
        let score = match kind {
            AttentionKind::None => return None,
            AttentionKind::Dot => Score::Dot(Dot { hidden }),
            AttentionKind::General => Score::General(General {
                weight: init.dense_weights(square),
            }),
            AttentionKind::Additive => Score::Additive(Additive {
                query: init.dense_weights(square),
                key: init.dense_weights(square),
                vector: init.dense_weights([hidden, 1]),
            }),
        };
        Some(Self {
            score,
            combine: Linear::new(2 * hidden, hidden, init),
        })
    }

    /// The number of weights of attention of this kind, counted without making them.
    pub fn parameters(kind: AttentionKind, hidden: usize) -> usize {
        let score = match kind {
            AttentionKind::None => return 0,
            AttentionKind::Dot => 0,
            AttentionKind::General => hidden * hidden,
            AttentionKind::Additive => 2 * hidden * hidden + hidden,
        };
        score + 2 * hidden * hidden + hidden
    }

    /// Takes the decoder's hidden states `[time, batch, hidden]`; returns the attentional states of
    /// the same shape, and the weights `[batch, time, source time]`, which sum to 1 over the source.
    pub fn forward(&self, states: Tensor<3>, memory: &Memory) -> (Tensor<3>, Tensor<3>) {
        let [time, batch, hidden] = states.dims();
        let queries = states.swap_dims(0, 1); // [batch, time, hidden]
        let scores = self.score.forward(queries.clone(), memory.states.clone());
        let weights = softmax(scores + memory.padding.clone(), 2);
        let context = product(weights.clone(), memory.states.clone()); // [batch, time, hidden]
        let joined = Tensor::cat(vec![queries, context], 2).swap_dims(0, 1); // [time, batch, 2·hidden]
        let mixed = self
            .combine
            .forward(joined.reshape([time * batch, 2 * hidden]))
            .tanh();
        (mixed.reshape([time, batch, hidden]), weights)
    }
}

impl Score {
    /// `[batch, time, hidden]` against `[batch, source time, hidden]` to `[batch, time, source time]`.
    fn forward(&self, queries: Tensor<3>, keys: Tensor<3>) -> Tensor<3> {
        match self {
            Self::Dot(_) => product(queries, keys.swap_dims(1, 2)),
            Self::General(general) => {
                let projected = project(queries, general.weight.val());
                product(projected, keys.swap_dims(1, 2))
            }
            Self::Additive(additive) => {
                let [batch, time, hidden] = queries.dims();
                let source = keys.dims()[1];
                let queries = project(queries, additive.query.val()).unsqueeze_dim::<4>(2);
                let keys = project(keys, additive.key.val()).unsqueeze_dim::<4>(1);
                let both = (queries + keys).tanh(); // [batch, time, source time, hidden]
                let rows = both.reshape([batch * time * source, hidden]);
                let scores = product(rows, additive.vector.val());
                scores.reshape([batch, time, source])
            }
        }
    }
}

/// The last dimension times a square matrix, as one plain product.
fn project(x: Tensor<3>, weight: Tensor<2>) -> Tensor<3> {
    let [batch, time, hidden] = x.dims();
    product(x.reshape([batch * time, hidden]), weight).reshape([batch, time, hidden])
}
