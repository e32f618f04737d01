//! Cross-entropy over the tokens that are no padding, in chunks.

use super::Linear;
use burn::prelude::*;

/// The largest tensor of logits made at once, in bytes: half of what WebGPU lets one binding hold by default.
const CHUNK_BYTES: usize = 64 << 20;

/// Sums over the tokens of a batch that are no padding. They stay on the device until asked for.
pub struct LossSums {
    /// Negative log likelihood in nats, `[1]`.
    pub nats: Tensor<1>,
    /// Tokens for which the right one got the highest logit, `[1]`; no gradient.
    pub correct: Tensor<1>,
}

/// The loss of an output layer on `rows` `[rows, hidden]`, whose right answers are `targets` `[rows]`.
/// Rows where `mask` `[rows]` is 0 count for nothing; where it is 1 they count in full.
///
/// The logits are `[rows, classes]`, which for a large vocabulary is more than one GPU binding can
/// hold: they are made and used up chunk by chunk of at most 64 MiB.
pub fn masked_cross_entropy(
    output: &Linear,
    rows: Tensor<2>,
    targets: Tensor<1, Int>,
    mask: Tensor<1>,
) -> LossSums {
    let count = rows.dims()[0];
    let chunk = (CHUNK_BYTES / (4 * output.outputs())).clamp(1, count.max(1));
    let mut sums: Option<LossSums> = None;
    for start in (0..count).step_by(chunk) {
        let length = chunk.min(count - start);
        let logits = output.forward(rows.clone().narrow(0, start, length));
        let part = cross_entropy(
            logits,
            targets.clone().narrow(0, start, length),
            mask.clone().narrow(0, start, length),
        );
        sums = Some(match sums {
            None => part,
            Some(sum) => LossSums {
                nats: sum.nats + part.nats,
                correct: sum.correct + part.correct,
            },
        });
    }
    sums.unwrap_or_else(|| {
        let zero = Tensor::zeros([1], &rows.device());
        LossSums {
            nats: zero.clone(),
            correct: zero.inner(),
        }
    })
}

fn cross_entropy(logits: Tensor<2>, targets: Tensor<1, Int>, mask: Tensor<1>) -> LossSums {
    // The maximum is a constant here: subtracting it changes no probability.
    let shifted = logits.clone() - logits.detach().max_dim(1);
    let right = shifted
        .clone()
        .gather(1, targets.unsqueeze_dim(1))
        .squeeze_dim(1); // [rows]
    let total = shifted.exp().sum_dim(1).log().squeeze_dim(1); // [rows]
    let best = right.clone().inner().greater_equal_elem(0.0).float();
    LossSums {
        nats: ((total - right) * mask.clone()).sum(),
        correct: (best * mask.inner()).sum(),
    }
}
