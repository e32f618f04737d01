//! A dense layer.

use super::Init;
use crate::kernels;
use burn::module::{Module, Param};
use burn::prelude::*;

/// `x·W + b`, applied to rows.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[input, output]`
    weight: Param<Tensor<2>>,
    /// `[output]`
    bias: Param<Tensor<1>>,
}

impl Linear {
    /// A dense layer from `input` to `output` numbers.
    pub fn new(input: usize, output: usize, init: &mut Init) -> Self {
        Self {
            weight: init.dense_weights([input, output]),
            bias: init.dense_bias(input, output),
        }
    }

    /// How many numbers come out of a row.
    pub fn outputs(&self) -> usize {
        self.bias.val().dims()[0]
    }

    /// `[rows, input]` to `[rows, output]`.
    pub fn forward(&self, rows: Tensor<2>) -> Tensor<2> {
        kernels::linear(rows, self.weight.val(), self.bias.val())
    }

    /// The cross-entropy of the softmax of this layer's outputs; see [`kernels::cross_entropy`].
    pub fn cross_entropy(
        &self,
        rows: Tensor<2>,
        targets: Tensor<1, Int>,
        mask: Tensor<1>,
    ) -> (Tensor<1>, Tensor<1>) {
        kernels::cross_entropy(rows, self.weight.val(), self.bias.val(), targets, mask)
    }
}
