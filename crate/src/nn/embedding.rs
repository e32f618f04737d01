//! A learnt vector per token.

use super::Init;
use crate::kernels;
use burn::module::{Module, Param};
use burn::prelude::*;

/// A table of vectors, looked up by token id.
#[derive(Module, Debug)]
pub struct Embedding {
    /// `[vocabulary, embedding]`
    weight: Param<Tensor<2>>,
}

impl Embedding {
    /// A vector of `size` numbers for each token.
    pub fn new(vocabulary: usize, size: usize, init: &mut Init) -> Self {
        Self {
            weight: init.embedding(vocabulary, size),
        }
    }

    /// The rows of a table `[vocabulary, embedding]` that is there already.
    pub fn of(weight: Param<Tensor<2>>) -> Self {
        Self { weight }
    }

    /// Token ids `[rows]` to their vectors `[rows, embedding]`.
    pub fn forward(&self, ids: Tensor<1, Int>) -> Tensor<2> {
        kernels::gather(self.weight.val(), ids)
    }
}
