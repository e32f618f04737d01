//! A dense layer, softmax and cross-entropy as one, in chunks of rows.

use super::primitives::Primitives;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Slice, TensorMetadata};

/// The most logits made at once: 64 MiB of them, half of what WebGPU lets one binding hold by default.
pub const LOGITS_AT_ONCE: usize = 16 << 20;

/// Sums over all rows.
pub struct CrossEntropy<B: Backend> {
    /// `[1]`
    pub nats: FloatTensor<B>,
    /// `[1]`
    pub correct: FloatTensor<B>,
    /// Of the nats, if they were asked for.
    pub gradients: Option<DenseGradients<B>>,
}

/// The gradients of a dense layer's input `[rows, input]`, weights `[input, output]` and bias `[output]`.
#[derive(Clone, Debug)]
pub struct DenseGradients<B: Backend> {
    pub rows: FloatTensor<B>,
    pub weight: FloatTensor<B>,
    pub bias: FloatTensor<B>,
}

/// The gradient of `x` in `x·w`, from that of the product.
pub fn input_gradient<B: Primitives>(
    weight: FloatTensor<B>,
    gradient: FloatTensor<B>,
) -> FloatTensor<B> {
    B::product(gradient, B::float_transpose(weight), None)
}

/// The gradient of `w` in `x·w`, from that of the product.
pub fn weight_gradient<B: Primitives>(
    rows: FloatTensor<B>,
    gradient: FloatTensor<B>,
) -> FloatTensor<B> {
    B::product(B::float_transpose(rows), gradient, None)
}

/// [`super::cross_entropy`] of at least one row. The gradients are made along with the loss, while
/// a chunk's logits are at hand, so that they need not be kept or made twice.
pub fn chunked_cross_entropy<B: Primitives>(
    rows: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    targets: IntTensor<B>,
    mask: FloatTensor<B>,
    gradients: bool,
) -> CrossEntropy<B> {
    let (count, classes) = (rows.shape()[0], weight.shape()[1]);
    let length = (LOGITS_AT_ONCE / classes).clamp(1, count);
    let chunk = |start: usize| -> CrossEntropy<B> {
        let range = [Slice::from(start..(start + length).min(count))];
        let rows = B::float_slice(rows.clone(), &range);
        let logits = B::product(rows.clone(), weight.clone(), Some(bias.clone()));
        let (nats, correct, gradient) = B::softmax_cross_entropy(
            logits,
            B::int_slice(targets.clone(), &range),
            B::float_slice(mask.clone(), &range),
            gradients,
        );
        CrossEntropy {
            nats,
            correct,
            gradients: gradient.map(|gradient| DenseGradients {
                rows: input_gradient::<B>(weight.clone(), gradient.clone()),
                weight: weight_gradient::<B>(rows, gradient.clone()),
                bias: B::sum_rows(gradient),
            }),
        }
    };
    let mut sums: CrossEntropy<B> = chunk(0);
    let mut row_gradients = Vec::new();
    for start in (length..count).step_by(length) {
        let next = chunk(start);
        sums.nats = B::float_add(sums.nats, next.nats);
        sums.correct = B::float_add(sums.correct, next.correct);
        if let (Some(sum), Some(next)) = (&mut sums.gradients, next.gradients) {
            sum.weight = B::float_add(sum.weight.clone(), next.weight);
            sum.bias = B::float_add(sum.bias.clone(), next.bias);
            row_gradients.push(next.rows);
        }
    }
    if let Some(sum) = &mut sums.gradients
        && !row_gradients.is_empty()
    {
        row_gradients.insert(0, sum.rows.clone());
        sum.rows = B::float_cat(row_gradients, 0);
    }
    sums
}
