//! Gated recurrent unit.

use super::{Cell, Init, State};
use crate::kernels::{Sequences, gru_scan};
use burn::module::{Module, Param};
use burn::prelude::*;

/// A layer of gated recurrent units (Cho et al. 2014), reset after the product, gates z, r, h.
#[derive(Module, Debug)]
pub struct Gru {
    /// `[input, 3·hidden]`
    input: Param<Tensor<2>>,
    /// `[hidden, 3·hidden]`
    recurrent: Param<Tensor<2>>,
    /// `[2, 3·hidden]`: of the input half, and of the recurrent half
    bias: Param<Tensor<2>>,
}

impl Gru {
    /// A layer with `input` numbers in and `hidden` units.
    pub fn new(input: usize, hidden: usize, init: &mut Init) -> Self {
        Self {
            input: init.input_weights(input, Self::GATES, hidden),
            recurrent: init.recurrent_weights(Self::GATES, hidden),
            bias: init.gru_bias(hidden),
        }
    }

    fn bias_row(&self, row: usize) -> Tensor<1> {
        self.bias.val().narrow(0, row, 1).squeeze_dim(0)
    }
}

impl Cell for Gru {
    const GATES: usize = 3;

    fn input_weights(&self) -> Tensor<2> {
        self.input.val()
    }

    fn input_bias(&self) -> Tensor<1> {
        self.bias_row(0)
    }

    fn scan(
        &self,
        input_half: Tensor<3>,
        initial: Option<State>,
        sequences: &Sequences,
    ) -> (Tensor<3>, State) {
        let (outputs, hidden) = gru_scan(
            input_half,
            self.recurrent.val(),
            self.bias_row(1),
            initial.map(|state| state.hidden),
            sequences,
        );
        (outputs, State { hidden, cell: None })
    }
}
