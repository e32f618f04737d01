//! Cross-entropy over the tokens that are no padding.

use super::Linear;
use burn::prelude::*;

/// Sums over the tokens of a batch that are no padding. They stay on the device until asked for.
pub struct LossSums {
    /// Negative log likelihood in nats, `[1]`.
    pub nats: Tensor<1>,
    /// Tokens for which the right one got the highest logit, `[1]`; no gradient.
    pub correct: Tensor<1>,
}

/// The loss of an output layer on `rows` `[rows, hidden]`, whose right answers are `targets` `[rows]`.
/// Rows where `mask` `[rows]` is 0 count for nothing; where it is 1 they count in full.
pub fn masked_cross_entropy(
    output: &Linear,
    rows: Tensor<2>,
    targets: Tensor<1, Int>,
    mask: Tensor<1>,
) -> LossSums {
    let (nats, correct) = output.cross_entropy(rows, targets, mask);
    LossSums {
        nats,
        correct: correct.inner(),
    }
}
