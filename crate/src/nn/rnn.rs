//! The simple recurrent network.

use super::{Cell, Init, State};
use crate::config::Activation;
use crate::kernels::{Sequences, rnn_scan};
use burn::module::{Module, Param};
use burn::prelude::*;

/// A layer of simple recurrent units (Elman 1990).
#[derive(Module, Debug)]
pub struct Rnn {
    /// `[input, hidden]`
    input: Param<Tensor<2>>,
    /// `[hidden, hidden]`
    recurrent: Param<Tensor<2>>,
    /// `[hidden]`
    bias: Param<Tensor<1>>,
    #[module(skip)]
    activation: Activation,
}

impl Rnn {
    /// A layer with `input` numbers in and `hidden` units.
    pub fn new(input: usize, hidden: usize, activation: Activation, init: &mut Init) -> Self {
        Self {
            input: init.input_weights(input, Self::GATES, hidden),
            recurrent: init.recurrent_weights(Self::GATES, hidden),
            bias: init.rnn_bias(hidden),
            activation,
        }
    }
}

impl Cell for Rnn {
    const GATES: usize = 1;

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
        let (outputs, hidden) = rnn_scan(
            input_half,
            self.recurrent.val(),
            self.activation,
            initial.map(|state| state.hidden),
            sequences,
        );
        (outputs, State { hidden, cell: None })
    }
}
