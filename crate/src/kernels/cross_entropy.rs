//! A dense layer, softmax and cross-entropy as one, in chunks of rows.

use super::BINDING_BYTES;
use super::primitives::Primitives;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Slice, TensorMetadata};

/// The most logits made at once: half of what one binding holds.
pub const LOGITS_AT_ONCE: usize = BINDING_BYTES / 2 / size_of::<f32>();

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
/// a chunk's logits are at hand, so that they need not be kept or made twice. At most `at_once` of
/// them are, but one row's at least.
pub fn chunked_cross_entropy<B: Primitives>(
    rows: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    targets: IntTensor<B>,
    mask: FloatTensor<B>,
    gradients: bool,
    at_once: usize,
) -> CrossEntropy<B> {
    let (count, classes) = (rows.shape()[0], weight.shape()[1]);
    let length = (at_once / classes).clamp(1, count);
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
        sums.gradients = sums.gradients.zip(next.gradients).map(|(sum, next)| {
            row_gradients.push(next.rows);
            DenseGradients {
                rows: sum.rows,
                weight: B::float_add(sum.weight, next.weight),
                bias: B::float_add(sum.bias, next.bias),
            }
        });
    }
    if !row_gradients.is_empty() {
        sums.gradients = sums.gradients.map(|sum| {
            row_gradients.insert(0, sum.rows);
            DenseGradients {
                rows: B::float_cat(row_gradients, 0),
                ..sum
            }
        });
    }
    sums
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use super::*;
    use burn::backend::Flex;
    use burn::backend::flex::FlexTensor;
    use burn::tensor::TensorData;

    fn numbers<const D: usize>(shape: [usize; D]) -> FlexTensor {
        let count: usize = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|n| (n as f32 * 0.7).sin()).collect();
        FlexTensor::from_data(TensorData::new(values, shape))
    }

    #[test]
    fn chunks_give_the_same_sums_and_gradients() {
        let (rows, hidden, classes) = (7, 3, 5);
        let loss = |at_once: usize| {
            let targets = TensorData::new(vec![0i32, 1, 2, 3, 4, 0, 1], [rows]);
            let sums = chunked_cross_entropy::<Flex>(
                numbers([rows, hidden]),
                numbers([hidden, classes]),
                numbers([classes]),
                FlexTensor::from_data(targets),
                numbers([rows]),
                true,
                at_once,
            );
            let gradients = sums.gradients.expect("gradients");
            let all = [
                sums.nats,
                sums.correct,
                gradients.rows,
                gradients.weight,
                gradients.bias,
            ];
            let values = all.map(|tensor| tensor.into_data().iter::<f32>().collect::<Vec<_>>());
            values.concat()
        };
        let whole = loss(usize::MAX);
        assert_eq!(whole.len(), 2 + rows * hidden + hidden * classes + classes);
        for rows_at_once in [0, 1, 2, 3, 6] {
            for (found, expected) in loss(rows_at_once * classes).iter().zip(&whole) {
                assert!(
                    (found - expected).abs() < 1e-5,
                    "{rows_at_once}: {found}, {expected}"
                );
            }
        }
    }
}
