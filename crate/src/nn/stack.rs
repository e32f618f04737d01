//! Recurrent layers on top of each other.

use super::{Dropout, Gru, Init, LayerShape, Lstm, Rnn};
use crate::config::{Activation, CellKind, Config};
use crate::kernels::Mask;
use burn::module::Module;
use burn::prelude::*;

/// What a recurrent layer carries from one time step to the next.
#[derive(Clone, Debug)]
pub struct State {
    /// `[batch, hidden]`
    pub hidden: Tensor<2>,
    /// The LSTM's memory, `[batch, hidden]`.
    pub cell: Option<Tensor<2>>,
}

impl State {
    /// The state with its rows of the batch chosen anew, repeats allowed: row `i` continues `rows[i]`.
    pub fn select(self, rows: Tensor<1, Int>) -> Self {
        Self {
            hidden: self.hidden.select(0, rows.clone()),
            cell: self.cell.map(|cell| cell.select(0, rows)),
        }
    }
}

/// What enters the first layer.
#[derive(Clone, Debug)]
pub enum Input {
    /// One token id per row, `[time·batch]`, standing for a one-hot vector that is never made:
    /// its product with the input weights is one row of them.
    OneHot(Tensor<1, Int>),
    /// Vectors, `[time, batch, input]`.
    Vectors(Tensor<3>),
}

/// A recurrent cell: the seam between layers and the kernels.
pub trait Cell {
    /// Blocks of `hidden` columns in the weights.
    const GATES: usize;

    /// `[input, gates·hidden]`
    fn input_weights(&self) -> Tensor<2>;

    /// The bias of the input half, `[gates·hidden]`.
    fn input_bias(&self) -> Tensor<1>;

    /// The state before the first time step.
    fn zero_state(&self, batch: usize) -> State;

    /// Walks through time. Takes the input half of all gates, `[time, batch, gates·hidden]`;
    /// returns all hidden states `[time, batch, hidden]` and each sequence's own final state.
    fn scan(&self, input_half: Tensor<3>, initial: State, mask: &Mask) -> (Tensor<3>, State);

    /// The layer from its input to its hidden states. The input half of all gates for all time
    /// steps is one product (or, for token ids, one gather) before the walk.
    fn forward(
        &self,
        input: Input,
        batch: usize,
        initial: Option<State>,
        mask: &Mask,
    ) -> (Tensor<3>, State) {
        let weights = self.input_weights();
        let rows = match input {
            Input::OneHot(ids) => weights.select(0, ids),
            Input::Vectors(x) => {
                let [time, batch, width] = x.dims();
                x.reshape([time * batch, width]).matmul(weights)
            }
        };
        let rows = rows + self.input_bias().unsqueeze::<2>();
        let [count, width] = rows.dims();
        let initial = initial.unwrap_or_else(|| self.zero_state(batch));
        self.scan(rows.reshape([count / batch, batch, width]), initial, mask)
    }
}

/// One recurrent layer of any cell.
#[derive(Module, Debug)]
pub enum Layer {
    Lstm(Lstm),
    Gru(Gru),
    Rnn(Rnn),
}

impl Layer {
    fn forward(
        &self,
        input: Input,
        batch: usize,
        initial: Option<State>,
        mask: &Mask,
    ) -> (Tensor<3>, State) {
        match self {
            Self::Lstm(cell) => cell.forward(input, batch, initial, mask),
            Self::Gru(cell) => cell.forward(input, batch, initial, mask),
            Self::Rnn(cell) => cell.forward(input, batch, initial, mask),
        }
    }
}

/// The shape of a stack.
#[derive(Clone, Copy, Debug)]
pub struct StackConfig {
    pub cell: CellKind,
    pub activation: Activation,
    /// Numbers (or tokens) that enter the first layer.
    pub input: usize,
    pub hidden: usize,
    pub layers: usize,
}

impl StackConfig {
    /// The stack that the settings ask for.
    pub fn new(config: &Config, input: usize) -> Self {
        Self {
            cell: config.cell,
            activation: config.activation,
            input,
            hidden: config.hidden as usize,
            layers: config.layers as usize,
        }
    }

    /// Weights of layer `index`, counted without making them.
    pub fn parameters(&self, index: usize) -> usize {
        let input = if index == 0 { self.input } else { self.hidden };
        let (gates, biases) = match self.cell {
            CellKind::Lstm => (Lstm::GATES, 1),
            CellKind::Gru => (Gru::GATES, 2),
            CellKind::Rnn => (Rnn::GATES, 1),
        };
        gates * self.hidden * (input + self.hidden + biases)
    }

    /// Its layers for a model summary; `name` stands before their numbers, `time` for the time steps.
    pub fn summary(&self, name: &str, time: &str) -> Vec<LayerShape> {
        let kind = self.cell.label();
        let layer = |index: usize| LayerShape {
            name: format!("{name}.layers.{index}"),
            kind: kind.into(),
            output_shape: format!("(None, {time}, {})", self.hidden),
            parameters: self.parameters(index),
        };
        (0..self.layers).map(layer).collect()
    }

    /// Draws the weights.
    pub fn init(&self, init: &mut Init) -> Stack {
        let layer = |index: usize| {
            let input = if index == 0 { self.input } else { self.hidden };
            match self.cell {
                CellKind::Lstm => Layer::Lstm(Lstm::new(input, self.hidden, init)),
                CellKind::Gru => Layer::Gru(Gru::new(input, self.hidden, init)),
                CellKind::Rnn => Layer::Rnn(Rnn::new(input, self.hidden, self.activation, init)),
            }
        };
        Stack {
            layers: (0..self.layers).map(layer).collect(),
        }
    }
}

/// Recurrent layers, each reading the hidden states of the one below.
#[derive(Module, Debug)]
pub struct Stack {
    layers: Vec<Layer>,
}

impl Stack {
    /// Runs all layers over a batch. `initial` holds a state per layer, or is empty for zeros.
    /// Returns the top layer's hidden states `[time, batch, hidden]` and every layer's final state.
    /// Dropout applies between the layers: in front of layer `i`, from 1 on, as place `place + i`.
    pub fn forward(
        &self,
        input: Input,
        batch: usize,
        initial: Vec<State>,
        mask: &Mask,
        dropout: &Dropout,
        place: u32,
    ) -> (Tensor<3>, Vec<State>) {
        let mut initial = initial.into_iter();
        let mut states = Vec::with_capacity(self.layers.len());
        let mut input = input;
        for (index, layer) in (0..).zip(&self.layers) {
            // Never in front of the first layer: parity cannot be told from half the bits.
            input = match input {
                Input::Vectors(x) if index > 0 => Input::Vectors(dropout.apply(place + index, x)),
                input => input,
            };
            let (outputs, state) = layer.forward(input, batch, initial.next(), mask);
            states.push(state);
            input = Input::Vectors(outputs);
        }
        let Input::Vectors(outputs) = input else {
            unreachable!("a stack has at least one layer")
        };
        (outputs, states)
    }
}
