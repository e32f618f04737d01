//! A dense layer.

use super::Init;
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

    /// `[rows, input]` to `[rows, output]`.
    pub fn forward(&self, rows: Tensor<2>) -> Tensor<2> {
        rows.matmul(self.weight.val()) + self.bias.val().unsqueeze::<2>()
    }

    /// The number of outputs.
    pub fn outputs(&self) -> usize {
        self.bias.dims()[0]
    }
}
