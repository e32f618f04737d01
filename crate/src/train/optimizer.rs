//! The rules that turn gradients into steps.

use crate::config::{Config, OptimizerKind};
use crate::error::{Error, ErrorCode, Result};
use crate::nn::{Find, NamedTensor, Path};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::Gradients as Tape;
use std::collections::BTreeMap;

/// Decay of Adam's mean of gradients (Kingma and Ba 2015).
const ADAM_BETA_1: f64 = 0.9;
/// Decay of Adam's mean of squared gradients.
const ADAM_BETA_2: f64 = 0.999;
/// PyTorch's value.
const ADAM_EPSILON: f64 = 1e-8;
/// Keras's value: decay of RMSprop's mean of squared gradients (Tieleman and Hinton 2012).
const RMSPROP_RHO: f64 = 0.9;
/// Keras's value; it stands under the root, as in Keras.
const RMSPROP_EPSILON: f64 = 1e-7;

/// The gradient of every weight, flat, by name.
pub struct Gradients(BTreeMap<String, Tensor<1>>);

impl Gradients {
    /// Takes the gradients of a network's weights off the tape.
    pub fn of<M: Module>(network: &M, tape: Tape) -> Self {
        let mut collector = Collector {
            path: Path::default(),
            tape,
            gradients: BTreeMap::new(),
        };
        network.visit(&mut collector);
        Self(collector.gradients)
    }

    /// The gradient of one weight, flat.
    pub fn get(&self, name: &str) -> Option<&Tensor<1>> {
        self.0.get(name)
    }

    /// All gradients, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Tensor<1>> {
        self.0.values()
    }

    /// Scales all gradients so that their common norm is at most `limit` (Pascanu et al. 2013).
    /// The norm never leaves the device.
    pub fn clip_norm(&mut self, limit: f64) {
        let squares = self
            .0
            .values()
            .map(|gradient| gradient.clone().square().sum());
        let Some(total) = squares.reduce(|sum, square| sum + square) else {
            return;
        };
        let scale = ((total.sqrt() + 1e-6).recip() * limit).clamp_max(1.0); // [1]
        for gradient in self.0.values_mut() {
            *gradient = gradient.clone() * scale.clone();
        }
    }
}

struct Collector {
    path: Path,
    tape: Tape,
    gradients: BTreeMap<String, Tensor<1>>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad_remove(&mut self.tape) {
            let count = gradient.shape().num_elements();
            self.gradients
                .insert(self.path.name(), gradient.reshape([count]));
        }
    }
}

/// An optimizer with its memory of earlier gradients.
#[derive(Clone, Debug)]
pub struct Optimizer {
    kind: OptimizerKind,
    /// Steps taken.
    step: u32,
    /// The running means of each weight, by the weight's name: one (RMSprop, SGD) or two (Adam).
    moments: BTreeMap<String, Vec<Tensor<1>>>,
}

impl Optimizer {
    /// An optimizer that has seen nothing yet.
    pub fn new(kind: OptimizerKind) -> Self {
        Self {
            kind,
            step: 0,
            moments: BTreeMap::new(),
        }
    }

    /// One step: the network with its weights moved against their gradients, at this learning rate.
    pub fn step<M: Module>(
        &mut self,
        network: M,
        gradients: Gradients,
        rate: f64,
        config: &Config,
    ) -> M {
        self.step += 1;
        network.map(&mut Updater {
            path: Path::default(),
            optimizer: self,
            gradients: gradients.0,
            rate,
            config,
        })
    }

    /// The running means as named tensors, for a checkpoint: `0.`, or `1.`, and the weight's name.
    pub fn named_moments(&self) -> Vec<NamedTensor> {
        let named = |(name, moments): (&String, &Vec<Tensor<1>>)| {
            let tensors = moments
                .iter()
                .enumerate()
                .map(|(index, values)| NamedTensor {
                    name: format!("{index}.{name}"),
                    shape: values.dims().to_vec(),
                    values: values.clone(),
                });
            tensors.collect::<Vec<_>>()
        };
        self.moments.iter().flat_map(named).collect()
    }

    /// Steps taken.
    pub fn steps(&self) -> u32 {
        self.step
    }

    /// An optimizer as it was after `step` steps; `find` gives the running mean of this shape by the
    /// name that [`Self::named_moments`] gave it.
    ///
    /// # Errors
    /// [`ErrorCode::Checkpoint`] that names the weight whose running means are not all there.
    pub fn restore(
        kind: OptimizerKind,
        step: u32,
        weights: &[NamedTensor],
        find: Find,
    ) -> Result<Self> {
        let mut moments = BTreeMap::new();
        // Before the first step there are none.
        let wanted = if step == 0 { 0 } else { kind.moments() };
        for weight in weights {
            let shape = weight.values.dims();
            let mut tensors = Vec::new();
            for index in 0..wanted {
                let values =
                    find(&format!("{index}.{}", weight.name), &shape).ok_or_else(|| {
                        let message = format!(
                            "The checkpoint lacks the optimizer's running means of the weight {}.",
                            weight.name
                        );
                        Error::new(ErrorCode::Checkpoint, message)
                    })?;
                let data = TensorData::new(values, shape);
                tensors.push(Tensor::from_data(data, &weight.values.device()));
            }
            moments.insert(weight.name.clone(), tensors);
        }
        Ok(Self {
            kind,
            step,
            moments,
        })
    }

    /// What to take away from a weight, flat, given its gradient.
    fn update(
        &mut self,
        name: &str,
        weight: Tensor<1>,
        gradient: Tensor<1>,
        rate: f64,
        config: &Config,
    ) -> Tensor<1> {
        let mut moments = self.moments.remove(name).unwrap_or_default().into_iter();
        let mut moment = || moments.next().unwrap_or_else(|| gradient.zeros_like());
        let blend = |old: Tensor<1>, new: Tensor<1>, keep: f64| old * keep + new * (1.0 - keep);
        let (weight, moments) = match self.kind {
            OptimizerKind::Sgd => {
                let velocity = moment() * config.momentum + gradient.clone();
                (weight - velocity.clone() * rate, vec![velocity])
            }
            OptimizerKind::RmsProp => {
                let square = blend(moment(), gradient.clone().square(), RMSPROP_RHO);
                let step = gradient.clone() * rate / (square.clone() + RMSPROP_EPSILON).sqrt();
                (weight - step, vec![square])
            }
            OptimizerKind::Adam | OptimizerKind::AdamW => {
                let mean = blend(moment(), gradient.clone(), ADAM_BETA_1);
                let square = blend(moment(), gradient.clone().square(), ADAM_BETA_2);
                // Both means start at zero; early on they are too small by these factors.
                let steps = f64::from(self.step);
                let mean_bias = 1.0 - ADAM_BETA_1.powf(steps);
                let square_bias = 1.0 - ADAM_BETA_2.powf(steps);
                let root = square.clone().sqrt() / square_bias.sqrt() + ADAM_EPSILON;
                let step = mean.clone() * (rate / mean_bias) / root;
                // AdamW (Loshchilov and Hutter 2019) decays the weights themselves, beside the gradient.
                let decayed = match self.kind {
                    OptimizerKind::AdamW => weight * (1.0 - rate * config.weight_decay),
                    _ => weight,
                };
                (decayed - step, vec![mean, square])
            }
        };
        self.moments.insert(name.to_string(), moments);
        weight
    }
}

struct Updater<'a> {
    path: Path,
    optimizer: &'a mut Optimizer,
    gradients: BTreeMap<String, Tensor<1>>,
    rate: f64,
    config: &'a Config,
}

impl ModuleMapper for Updater<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.name();
        let (id, tensor, mapper) = param.consume();
        let tensor = match self.gradients.remove(&name) {
            None => tensor,
            Some(gradient) => {
                let shape = tensor.dims();
                let weight = tensor.inner().reshape([gradient.dims()[0]]);
                let weight = self
                    .optimizer
                    .update(&name, weight, gradient, self.rate, self.config);
                Tensor::from_inner(weight.reshape(shape)).require_grad()
            }
        };
        Param::from_mapped_value(id, tensor, mapper)
    }
}
