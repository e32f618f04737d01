//! The kernels on one device against the plain operations on the CPU, on random input: for the tests
//! on the CPU and, in a browser, on WebGPU.

use crate::config::Activation;
use crate::device::{read, worst_difference};
use crate::error::Result;
use crate::kernels::{self, Rule, Sequences};
use crate::rng::{Rng, Stream};
use burn::prelude::*;
use burn::tensor::Gradients;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    Lstm,
    Gru,
    RnnTanh,
    RnnRelu,
    /// Two LSTM layers, a dense layer between them.
    LstmStack,
    /// `[time·batch, hidden]` by `[hidden, hidden/2 + 3]`, with a bias.
    Linear,
    /// Rows of a table of `2·hidden + 1` ids, with a bias and without.
    OneHot,
    /// A batch of `[time, hidden]` by `[hidden, time]`, the second one a transposed view.
    Product,
    /// A dense layer to `2·hidden + 1` classes and its loss.
    CrossEntropy,
    Sgd,
    RmsProp,
    AdamW,
    /// The scale that clips gradients.
    ClipScale,
}

/// A random input for a kernel.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Tsify)]
pub struct Case {
    pub kernel: Kernel,
    pub time: usize,
    pub batch: usize,
    pub hidden: usize,
    /// Whether sequences end before the last time step, some before the first.
    pub ragged: bool,
    /// Whether there is recurrent dropout.
    pub dropout: bool,
    /// Whether scans begin with a state other than zeros.
    pub initial: bool,
    /// Whether the loss looks at all hidden states, or at the final state alone.
    pub outputs: bool,
    pub seed: u32,
}

/// The largest difference between the kernels on this device and the plain operations on the CPU, over
/// all results and gradients of a case, relative to the largest value of the same tensor.
///
/// # Errors
/// [`ErrorCode::Device`](crate::error::ErrorCode::Device) when the device fails.
pub async fn difference(case: &Case, device: &Device) -> Result<f32> {
    kernels::use_reference(true);
    let expected = case.results(&Device::flex());
    kernels::use_reference(false);
    let found = case.results(device);
    Ok(worst_difference(
        &values(found).await?,
        &values(expected).await?,
    ))
}

async fn values(tensors: Vec<Tensor<1>>) -> Result<Vec<Vec<f32>>> {
    let mut values = Vec::new();
    for tensor in tensors {
        values.push(read(tensor).await?);
    }
    Ok(values)
}

/// Finds the gradient of one input.
type Leaf = Box<dyn Fn(&Gradients) -> Option<Tensor<1>>>;

/// Draws tensors, and remembers those that want a gradient.
struct Inputs {
    rng: Rng,
    device: Device,
    leaves: Vec<Leaf>,
}

impl Inputs {
    fn numbers<const D: usize>(&mut self, shape: [usize; D], scale: f32) -> Tensor<D> {
        let count: usize = shape.iter().product();
        let numbers: Vec<f32> = (0..count)
            .map(|_| scale * (2.0 * self.rng.uniform() - 1.0))
            .collect();
        Tensor::from_data(TensorData::new(numbers, shape), &self.device)
    }

    fn leaf<const D: usize>(&mut self, shape: [usize; D], scale: f32) -> Tensor<D> {
        let leaf = self.numbers(shape, scale).require_grad();
        let kept = leaf.clone();
        self.leaves
            .push(Box::new(move |tape| kept.grad(tape).map(flat)));
        leaf
    }

    fn ids(&mut self, count: usize, below: usize) -> Tensor<1, Int> {
        let ids: Vec<i32> = (0..count).map(|_| self.rng.below(below) as i32).collect();
        Tensor::from_data(TensorData::new(ids, [count]), &self.device)
    }
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let count = tensor.shape().num_elements();
    tensor.reshape([count])
}

impl Case {
    /// What the kernel returns, and the gradients of everything that it took.
    fn results(&self, device: &Device) -> Vec<Tensor<1>> {
        let mut inputs = Inputs {
            rng: Rng::new(self.seed, Stream::Sampling),
            device: device.clone().autodiff(),
            leaves: Vec::new(),
        };
        let tensors = match self.kernel {
            Kernel::Lstm => {
                let input_half = inputs.leaf([self.time, self.batch, 4 * self.hidden], 2.0);
                self.lstm(&mut inputs, input_half)
            }
            Kernel::LstmStack => {
                let input_half = inputs.leaf([self.time, self.batch, 4 * self.hidden], 2.0);
                let below = Self {
                    outputs: true,
                    ..*self
                }
                .lstm(&mut inputs, input_half)
                .swap_remove(0);
                let rows = below.reshape([self.time * self.batch, self.hidden]);
                let width = 4 * self.hidden;
                let weight = inputs.leaf([self.hidden, width], self.weight_scale());
                let bias = inputs.leaf([width], 0.5);
                let rows = kernels::linear(rows, weight, bias);
                self.lstm(&mut inputs, rows.reshape([self.time, self.batch, width]))
            }
            Kernel::Gru => self.gru(&mut inputs),
            Kernel::RnnTanh => self.rnn(&mut inputs, Activation::Tanh),
            Kernel::RnnRelu => self.rnn(&mut inputs, Activation::Relu),
            Kernel::Linear => {
                let outputs = self.hidden / 2 + 3;
                let rows = inputs.leaf([self.time * self.batch, self.hidden], 1.0);
                let weight = inputs.leaf([self.hidden, outputs], self.weight_scale());
                let bias = inputs.leaf([outputs], 1.0);
                vec![flat(kernels::linear(rows, weight, bias))]
            }
            Kernel::OneHot => {
                let vocabulary = 2 * self.hidden + 1;
                let weight = inputs.leaf([vocabulary, self.hidden], 1.0);
                let bias = inputs.leaf([self.hidden], 1.0);
                let ids = inputs.ids(self.time * self.batch, vocabulary);
                let with_bias = kernels::one_hot_linear(weight.clone(), ids.clone(), bias);
                vec![flat(with_bias), flat(kernels::gather(weight, ids))]
            }
            Kernel::Product => {
                let left = inputs.leaf([self.batch, self.time, self.hidden], 1.0);
                let right = inputs.leaf([self.batch, self.time, self.hidden], 1.0);
                vec![flat(kernels::product(left, right.swap_dims(1, 2)))]
            }
            Kernel::CrossEntropy => self.cross_entropy(&mut inputs),
            Kernel::Sgd => self.update(&mut inputs, |_| Rule::Sgd {
                rate: 0.1,
                momentum: 0.9,
            }),
            Kernel::RmsProp => self.update(&mut inputs, |_| Rule::RmsProp { rate: 0.01 }),
            Kernel::AdamW => self.update(&mut inputs, |step| Rule::Adam {
                rate: 0.01,
                step,
                decay: 0.1,
            }),
            Kernel::ClipScale => {
                let counts = [self.hidden, 1, self.time * self.batch * self.hidden];
                let gradients: Vec<Tensor<1>> = counts
                    .iter()
                    .map(|&count| inputs.numbers([count], 1.0).inner())
                    .collect();
                let scales =
                    [0.5, 1e9].map(|limit| kernels::clip_scale(gradients.iter().cloned(), limit));
                scales.into_iter().flatten().collect()
            }
        };
        with_gradients(inputs, tensors)
    }

    /// Weights of this size keep sums of `hidden` products near 1.
    fn weight_scale(&self) -> f32 {
        1.5 / (self.hidden as f32).sqrt()
    }

    fn sequences(&self, inputs: &mut Inputs) -> Sequences {
        let lengths: Vec<usize> = (0..self.batch)
            .map(|_| {
                if self.ragged {
                    inputs.rng.below(self.time + 1)
                } else {
                    self.time
                }
            })
            .collect();
        let sequences = Sequences::new(&lengths, self.time, &inputs.device);
        if !self.dropout {
            return sequences;
        }
        let draws = inputs.numbers([self.batch, self.hidden], 1.0);
        sequences.with_dropout(draws.greater_elem(-0.5).float() * (4.0 / 3.0))
    }

    fn state(&self, inputs: &mut Inputs) -> Tensor<2> {
        inputs.leaf([self.batch, self.hidden], 1.0)
    }

    fn recurrent(&self, inputs: &mut Inputs, gates: usize) -> Tensor<2> {
        inputs.leaf([self.hidden, gates * self.hidden], self.weight_scale())
    }

    /// The tensors of a scan that the loss looks at.
    fn looked_at(&self, outputs: Tensor<3>, states: Vec<Tensor<2>>) -> Vec<Tensor<1>> {
        let outputs = self.outputs.then(|| flat(outputs));
        outputs
            .into_iter()
            .chain(states.into_iter().map(flat))
            .collect()
    }

    fn lstm(&self, inputs: &mut Inputs, input_half: Tensor<3>) -> Vec<Tensor<1>> {
        let recurrent = self.recurrent(inputs, 4);
        let initial = self
            .initial
            .then(|| (self.state(inputs), self.state(inputs)));
        let sequences = self.sequences(inputs);
        let (outputs, (hidden, cell)) =
            kernels::lstm_scan(input_half, recurrent, initial, &sequences);
        self.looked_at(outputs, vec![hidden, cell])
    }

    fn gru(&self, inputs: &mut Inputs) -> Vec<Tensor<1>> {
        let input_half = inputs.leaf([self.time, self.batch, 3 * self.hidden], 2.0);
        let recurrent = self.recurrent(inputs, 3);
        let bias = inputs.leaf([3 * self.hidden], 1.0);
        let initial = self.initial.then(|| self.state(inputs));
        let sequences = self.sequences(inputs);
        let (outputs, hidden) = kernels::gru_scan(input_half, recurrent, bias, initial, &sequences);
        self.looked_at(outputs, vec![hidden])
    }

    fn rnn(&self, inputs: &mut Inputs, activation: Activation) -> Vec<Tensor<1>> {
        let input_half = inputs.leaf([self.time, self.batch, self.hidden], 1.0);
        // Half the size: a ReLU network's states must not grow without bound.
        let recurrent = self.recurrent(inputs, 1) * 0.5;
        let initial = self.initial.then(|| self.state(inputs));
        let sequences = self.sequences(inputs);
        let (outputs, hidden) =
            kernels::rnn_scan(input_half, recurrent, activation, initial, &sequences);
        self.looked_at(outputs, vec![hidden])
    }

    fn cross_entropy(&self, inputs: &mut Inputs) -> Vec<Tensor<1>> {
        let (count, classes) = (self.time * self.batch, 2 * self.hidden + 1);
        let rows = inputs.leaf([count, self.hidden], 1.0);
        let weight = inputs.leaf([self.hidden, classes], 4.0 * self.weight_scale());
        let bias = inputs.leaf([classes], 1.0);
        let targets = inputs.ids(count, classes);
        let mask = inputs.numbers([count], 1.0).greater_elem(-0.7).float();
        let (nats, correct) = kernels::cross_entropy(rows, weight, bias, targets, mask);
        vec![nats, correct]
    }

    /// Three steps of an optimizer, the second one clipped. What the first and the third begin with is held
    /// on to, and must not be written over; the second may.
    fn update(&self, inputs: &mut Inputs, rule: fn(u32) -> Rule) -> Vec<Tensor<1>> {
        let count = self.time * self.batch * self.hidden;
        let mut weight = inputs.numbers([count], 1.0).inner();
        let mut means = Vec::new();
        let mut all = vec![weight.clone()];
        for step in 1..=3 {
            let gradient = inputs.numbers([count], 1.0).inner();
            let scale = (step == 2).then(|| Tensor::from_floats([0.25], &weight.device()));
            (weight, means) = kernels::update(rule(step), weight, gradient, means, scale);
            if step == 2 {
                all.push(weight.clone());
                all.extend(means.iter().cloned());
            }
        }
        all.push(weight);
        all.extend(means);
        all
    }
}

/// The tensors off the tape, and the gradients that a weighted sum of them gives the inputs.
fn with_gradients(mut inputs: Inputs, tensors: Vec<Tensor<1>>) -> Vec<Tensor<1>> {
    let mut results: Vec<Tensor<1>> = tensors
        .iter()
        .map(|tensor| tensor.clone().inner())
        .collect();
    if inputs.leaves.is_empty() {
        return results;
    }
    let sums: Vec<Tensor<1>> = tensors
        .into_iter()
        .map(|tensor| {
            let weights = inputs.numbers(tensor.dims(), 1.0);
            (tensor * weights).sum()
        })
        .collect();
    let tape = Tensor::cat(sums, 0).sum().backward();
    results.extend(inputs.leaves.iter().filter_map(|gradient| gradient(&tape)));
    results
}
