//! Long short-term memory.

use super::{Cell, Init, State};
use crate::kernels::{Sequences, lstm_scan};
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

    fn scan(
        &self,
        input_half: Tensor<3>,
        initial: Option<State>,
        sequences: &Sequences,
    ) -> (Tensor<3>, State) {
        let initial = initial.map(|State { hidden, cell }| {
            let cell = cell.unwrap_or_else(|| hidden.zeros_like());
            (hidden, cell)
        });
        let (outputs, (hidden, cell)) =
            lstm_scan(input_half, self.recurrent.val(), initial, sequences);
        (
            outputs,
            State {
                hidden,
                cell: Some(cell),
            },
        )
    }
}
