//! Long short-term memory.

use super::{Cell, Init, State};
use crate::kernels::{Mask, lstm_scan};
use burn::module::{Module, Param};
use burn::prelude::*;

/// A layer of LSTM cells (Hochreiter and Schmidhuber 1997; Gers et al. 2000), gates i, f, g, o.
#[derive(Module, Debug)]
pub struct Lstm {
    /// `[input, 4·hidden]`
    input: Param<Tensor<2>>,
    /// `[hidden, 4·hidden]`
    recurrent: Param<Tensor<2>>,
    /// `[4·hidden]`
    bias: Param<Tensor<1>>,
}

impl Lstm {
    /// A layer with `input` numbers in and `hidden` cells.
    pub fn new(input: usize, hidden: usize, init: &mut Init) -> Self {
        Self {
            input: init.input_weights(input, Self::GATES, hidden),
            recurrent: init.recurrent_weights(Self::GATES, hidden),
            bias: init.lstm_bias(hidden),
        }
    }
}

impl Cell for Lstm {
    const GATES: usize = 4;

    fn input_weights(&self) -> Tensor<2> {
        self.input.val()
    }

    fn input_bias(&self) -> Tensor<1> {
        self.bias.val()
    }

    fn zero_state(&self, batch: usize) -> State {
        let zeros = Tensor::zeros([batch, self.recurrent.dims()[0]], &self.recurrent.device());
        State {
            hidden: zeros.clone(),
            cell: Some(zeros),
        }
    }

    fn scan(&self, input_half: Tensor<3>, initial: State, mask: &Mask) -> (Tensor<3>, State) {
        let State { hidden, cell } = initial;
        let cell = cell.unwrap_or_else(|| hidden.zeros_like());
        let (outputs, (hidden, cell)) =
            lstm_scan(input_half, self.recurrent.val(), (hidden, cell), mask);
        (
            outputs,
            State {
                hidden,
                cell: Some(cell),
            },
        )
    }
}
