//! Recurrent layers on top of each other.

use super::{Dropout, Gru, Init, LayerShape, Lstm, Rnn};
use crate::config::{Activation, CellKind, Config};
use crate::kernels::{self, BINDING_BYTES, Sequences};
use burn::module::Module;
use burn::prelude::*;

/// The largest input half made at once, in bytes: half of what one binding holds, for a GRU keeps a
/// third more than its input half. A longer walk through time goes in parts.
const LARGEST_INPUT_HALF: usize = BINDING_BYTES / 2;

/// What a recurrent layer carries from one time step to the next.
#[derive(Clone, Debug)]
pub struct State {
    /// `[batch, hidden]`
    pub hidden: Tensor<2>,
    /// The LSTM's memory, `[batch, hidden]`.
    pub cell: Option<Tensor<2>>,
}

impl State {
    /// The same numbers with no way back to where they came from.
    pub fn detach(self) -> Self {
        Self {
            hidden: self.hidden.detach(),
            cell: self.cell.map(Tensor::detach),
        }
    }

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
#[allow(
    clippy::large_enum_variant,
    reason = "one is made for a layer's whole walk through time; without training a tensor is small"
)]
pub enum Input {
    /// One token id per row, `[time·batch]`, standing for a one-hot vector that is never made:
    /// its product with the input weights is one row of them.
    OneHot(Tensor<1, Int>),
    /// Vectors, `[time, batch, input]`.
    Vectors(Tensor<3>),
    /// Token ids `[time·batch]` as one-hot vectors, each with a vector behind it, `[time, batch, rest]`.
    OneHotWith(Tensor<1, Int>, Tensor<3>),
}

impl Input {
    /// The number of time steps of so many rows each.
    fn time(&self, batch: usize) -> usize {
        match self {
            Self::OneHot(ids) => ids.dims()[0] / batch,
            Self::Vectors(x) | Self::OneHotWith(_, x) => x.dims()[0],
        }
    }

    /// `count` time steps from `start` on.
    fn steps(&self, start: usize, count: usize, batch: usize) -> Self {
        let ids_of = |ids: &Tensor<1, Int>| ids.clone().narrow(0, start * batch, count * batch);
        let vectors_of = |x: &Tensor<3>| x.clone().narrow(0, start, count);
        match self {
            Self::OneHot(ids) => Self::OneHot(ids_of(ids)),
            Self::Vectors(x) => Self::Vectors(vectors_of(x)),
            Self::OneHotWith(ids, x) => Self::OneHotWith(ids_of(ids), vectors_of(x)),
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

    /// The layer, as place `place` of a network with recurrent dropout, from its input to its hidden
    /// states. The input half of all gates for all time steps is one product (or, for token ids, one
    /// gather) before the walk.
    fn forward(
        &self,
        input: Input,
        batch: usize,
        initial: Option<State>,
        sequences: &Sequences,
        dropout: &Dropout,
        place: u32,
    ) -> (Tensor<3>, State) {
        let bias = self.input_bias();
        let width = bias.dims()[0];
        let state = [batch, width / Self::GATES];
        let sequences = &dropout.recurrent(place, sequences, state, &bias.device());
        let at_once = (LARGEST_INPUT_HALF / (4 * batch * width)).max(1);
        self.walk(input, batch, initial, sequences, at_once)
    }

    /// The same, at most so many time steps at once. By halves: the gradient of a slice is as large as
    /// what it was cut from.
    fn walk(
        &self,
        input: Input,
        batch: usize,
        initial: Option<State>,
        sequences: &Sequences,
        at_once: usize,
    ) -> (Tensor<3>, State) {
        let time = input.time(batch);
        if time <= at_once {
            return self.scan(self.input_half(input, batch), initial, sequences);
        }
        let half = time.div_ceil(2);
        let first = input.steps(0, half, batch);
        let (early, state) = self.walk(first, batch, initial, sequences, at_once);
        let (rest, second) = (sequences.after(half), input.steps(half, time - half, batch));
        let (late, state) = self.walk(second, batch, Some(state), &rest, at_once);
        (Tensor::cat(vec![early, late], 0), state)
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
            Input::OneHotWith(ids, x) => {
                let [time, batch, width] = x.dims();
                let tokens = weights.dims()[0] - width;
                let rest = weights.clone().narrow(0, tokens, width);
                let rest = kernels::product(x.reshape([time * batch, width]), rest);
                // The ids are those of tokens, so the rows behind them are never gathered.
                kernels::one_hot_linear(weights, ids, bias) + rest
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
        dropout: &Dropout,
        place: u32,
    ) -> (Tensor<3>, State) {
        match self {
            Self::Lstm(cell) => cell.forward(input, batch, initial, sequences, dropout, place),
            Self::Gru(cell) => cell.forward(input, batch, initial, sequences, dropout, place),
            Self::Rnn(cell) => cell.forward(input, batch, initial, sequences, dropout, place),
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
    /// Dropout applies between the layers: in front of layer `i`, from 1 on, as place `place + i`; and
    /// recurrent dropout within each.
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
            let place = place + index;
            let (outputs, state) =
                layer.forward(input, batch, initial.next(), sequences, dropout, place);
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

    /// Outputs, final state and the gradient of the first weights, of a walk so many steps at once.
    fn walk(cell: &impl Cell, input: Input, hidden: usize, at_once: usize) -> Vec<f32> {
        let device = cell.input_weights().device();
        let [time, batch] = [7, 3];
        let numbers = |count: usize| {
            let values: Vec<f32> = (0..count).map(|n| (n as f32 * 0.7).sin()).collect();
            Tensor::<1>::from_floats(values.as_slice(), &device)
        };
        let state = numbers(batch * hidden).reshape([batch, hidden]);
        let initial = State {
            hidden: state.clone(),
            cell: Some(state),
        };
        let sequences = Sequences::new(&[7, 4, 1], time, &device)
            .with_dropout(numbers(batch * hidden).reshape([batch, hidden]) + 1.0);
        let (outputs, state) = cell.walk(input, batch, Some(initial), &sequences, at_once);
        let tape = (outputs.clone().square().sum() + state.hidden.clone().sum()).backward();
        let gradient = cell.input_weights().grad(&tape).expect("a gradient");
        let values = [
            outputs.inner().into_data(),
            state.hidden.inner().into_data(),
            gradient.into_data(),
        ];
        values.iter().flat_map(|data| data.iter::<f32>()).collect()
    }

    #[test]
    fn a_walk_in_parts_is_the_same_walk() {
        let device = Device::flex().autodiff();
        let mut rng = Rng::new(1, Stream::Initialisation);
        let mut init = Init {
            style: Initialisation::PyTorch,
            rng: &mut rng,
            device: &device,
        };
        let (vocabulary, hidden) = (5, 4);
        let lstm = Lstm::new(vocabulary, hidden, &mut init);
        let gru = Gru::new(vocabulary, hidden, &mut init);
        let rnn = Rnn::new(vocabulary, hidden, Activation::Tanh, &mut init);
        let ids: Vec<i32> = (0..21).map(|n| n * 3 % 5).collect();
        let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [21]), &device);
        let vectors = ids.clone().one_hot::<2>(vocabulary).float() * 0.3 + 0.1;
        let vectors: Tensor<3> = vectors.reshape([7, 3, vocabulary]);
        let joined = Input::OneHotWith(ids.clone() % 3, vectors.clone().narrow(2, 0, 2));
        let vectors = Input::Vectors(vectors);
        for input in [Input::OneHot(ids), vectors, joined] {
            let results = |at_once: usize| {
                let walks = [
                    walk(&lstm, input.clone(), hidden, at_once),
                    walk(&gru, input.clone(), hidden, at_once),
                    walk(&rnn, input.clone(), hidden, at_once),
                ];
                walks.concat()
            };
            let whole = results(7);
            for at_once in [1, 2, 3, 6] {
                for (found, expected) in results(at_once).iter().zip(&whole) {
                    assert!(
                        (found - expected).abs() < 1e-5,
                        "{at_once}: {found}, {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_token_with_a_vector_is_a_one_hot_vector_with_it() {
        let device = Device::flex().autodiff();
        let mut rng = Rng::new(1, Stream::Initialisation);
        let mut init = Init {
            style: Initialisation::PyTorch,
            rng: &mut rng,
            device: &device,
        };
        let lstm = Lstm::new(5, 4, &mut init);
        let ids: Vec<i32> = (0..21).map(|n| n * 2 % 3).collect();
        let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [21]), &device);
        let numbers: Vec<f32> = (0..42).map(|n| (n as f32).cos()).collect();
        let x = Tensor::<3>::from_data(TensorData::new(numbers, [7, 3, 2]), &device);
        let one_hot = ids.clone().one_hot::<2>(3).float().reshape([7, 3, 3]);
        let whole = Input::Vectors(Tensor::cat(vec![one_hot, x.clone()], 2));
        let expected = walk(&lstm, whole, 4, 7);
        let found = walk(&lstm, Input::OneHotWith(ids, x), 4, 7);
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-5, "{found}, {expected}");
        }
    }
}
