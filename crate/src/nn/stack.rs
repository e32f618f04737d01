//! Recurrent layers on top of each other.

use super::{Dropout, Gru, Init, LayerShape, Lstm, Rnn};
use crate::config::{Activation, CellKind, Config};
use crate::kernels::{self, Sequences};
use burn::module::Module;
use burn::prelude::*;

/// The largest input half made at once, in bytes: half of what WebGPU lets one binding hold by
/// default. A longer walk through time goes in stretches.
const STRETCH_BYTES: usize = 64 << 20;

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

impl Input {
    /// The number of time steps of so many rows each.
    fn time(&self, batch: usize) -> usize {
        match self {
            Self::OneHot(ids) => ids.dims()[0] / batch,
            Self::Vectors(x) => x.dims()[0],
        }
    }

    /// `count` time steps from `start` on.
    fn stretch(&self, start: usize, count: usize, batch: usize) -> Self {
        // A slice of everything would still take its gradient a detour.
        if count == self.time(batch) {
            return self.clone();
        }
        match self {
            Self::OneHot(ids) => Self::OneHot(ids.clone().narrow(0, start * batch, count * batch)),
            Self::Vectors(x) => Self::Vectors(x.clone().narrow(0, start, count)),
        }
    }
}

/// A recurrent cell: the seam between layers and the kernels.
pub trait Cell {
    /// Blocks of `hidden` columns in the weights.
    const GATES: usize;

    /// `[input, gates·hidden]`
    fn input_weights(&self) -> Tensor<2>;

    /// The bias of the input half, `[gates·hidden]`.
    fn input_bias(&self) -> Tensor<1>;

    /// Walks through time. Takes the input half of all gates, `[time, batch, gates·hidden]`, and the
    /// state before the first time step, zeros where there is none; returns all hidden states
    /// `[time, batch, hidden]` and each sequence's own final state.
    fn scan(
        &self,
        input_half: Tensor<3>,
        initial: Option<State>,
        sequences: &Sequences,
    ) -> (Tensor<3>, State);

    /// The layer from its input to its hidden states. The input half of all gates for all time
    /// steps is one product (or, for token ids, one gather) before the walk.
    fn forward(
        &self,
        input: Input,
        batch: usize,
        initial: Option<State>,
        sequences: &Sequences,
    ) -> (Tensor<3>, State) {
        let width = self.input_bias().dims()[0];
        let at_once = (STRETCH_BYTES / (4 * batch * width)).max(1);
        self.walk(input, batch, initial, sequences, at_once)
    }

    /// The same, so many time steps at once.
    fn walk(
        &self,
        input: Input,
        batch: usize,
        initial: Option<State>,
        sequences: &Sequences,
        at_once: usize,
    ) -> (Tensor<3>, State) {
        let time = input.time(batch);
        let first = input.stretch(0, at_once.min(time), batch);
        let (outputs, mut state) = self.scan(self.input_half(first, batch), initial, sequences);
        if at_once >= time {
            return (outputs, state);
        }
        let mut stretches = vec![outputs];
        for start in (at_once..time).step_by(at_once) {
            let steps = input.stretch(start, at_once.min(time - start), batch);
            let rest = sequences.after(start);
            let (outputs, next) = self.scan(self.input_half(steps, batch), Some(state), &rest);
            stretches.push(outputs);
            state = next;
        }
        (Tensor::cat(stretches, 0), state)
    }

    /// The input half of all gates, `[time, batch, gates·hidden]`.
    fn input_half(&self, input: Input, batch: usize) -> Tensor<3> {
        let (weights, bias) = (self.input_weights(), self.input_bias());
        let rows = match input {
            Input::OneHot(ids) => kernels::one_hot_linear(weights, ids, bias),
            Input::Vectors(x) => {
                let [time, batch, width] = x.dims();
                kernels::linear(x.reshape([time * batch, width]), weights, bias)
            }
        };
        let [count, width] = rows.dims();
        rows.reshape([count / batch, batch, width])
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
        sequences: &Sequences,
    ) -> (Tensor<3>, State) {
        match self {
            Self::Lstm(cell) => cell.forward(input, batch, initial, sequences),
            Self::Gru(cell) => cell.forward(input, batch, initial, sequences),
            Self::Rnn(cell) => cell.forward(input, batch, initial, sequences),
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
        sequences: &Sequences,
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
            let (outputs, state) = layer.forward(input, batch, initial.next(), sequences);
            states.push(state);
            input = Input::Vectors(outputs);
        }
        let Input::Vectors(outputs) = input else {
            unreachable!("a stack has at least one layer")
        };
        (outputs, states)
    }
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use super::*;
    use crate::config::Initialisation;
    use crate::rng::{Rng, Stream};

    #[test]
    fn a_walk_in_stretches_is_the_same_walk() {
        let device = Device::flex().autodiff();
        let mut rng = Rng::new(1, Stream::Initialisation);
        let mut init = Init {
            style: Initialisation::PyTorch,
            rng: &mut rng,
            device: &device,
        };
        let (time, batch, hidden) = (7, 3, 4);
        let cell = Lstm::new(5, hidden, &mut init);
        let x: Tensor<3> = init
            .zeros([time, batch, 5])
            .val()
            .random_like(burn::tensor::Distribution::Default);
        let sequences = Sequences::new(&[7, 4, 1], time, &device);
        let walk = |at_once: usize| {
            let x = x.clone().detach().require_grad();
            let (outputs, state) =
                cell.walk(Input::Vectors(x.clone()), batch, None, &sequences, at_once);
            let tape = (outputs.clone().square().sum() + state.hidden.sum()).backward();
            [outputs.inner(), x.grad(&tape).expect("a gradient")]
                .map(|values| values.into_data().iter::<f32>().collect::<Vec<_>>())
        };
        let [outputs, gradients] = walk(time);
        for at_once in [1, 2, 3, 6] {
            let stretched = walk(at_once);
            let found = stretched.concat();
            let expected = [outputs.clone(), gradients.clone()].concat();
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    (found - expected).abs() < 1e-6,
                    "{at_once}: {found}, {expected}"
                );
            }
        }
    }
}
