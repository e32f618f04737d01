//! The rules that turn gradients into steps.

use crate::config::{Config, OptimizerKind};
use crate::error::{Error, ErrorCode, Result};
use crate::kernels::{self, Rule};
use crate::nn::{Find, NamedTensor, Path};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::Gradients as Tape;
use std::collections::BTreeMap;

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
    /// The gradients' norm is clipped where the settings ask for it.
    pub fn step<M: Module>(
        &mut self,
        network: M,
        gradients: Gradients,
        rate: f64,
        config: &Config,
    ) -> M {
        self.step += 1;
        let rule = match self.kind {
            OptimizerKind::Sgd => Rule::Sgd {
                rate,
                momentum: config.momentum,
            },
            OptimizerKind::RmsProp => Rule::RmsProp { rate },
            OptimizerKind::Adam => Rule::Adam {
                rate,
                step: self.step,
                decay: 0.0,
            },
            OptimizerKind::AdamW => Rule::Adam {
                rate,
                step: self.step,
                decay: config.weight_decay,
            },
        };
        let scale = if config.clip_norm > 0.0 {
            kernels::clip_scale(gradients.iter().cloned(), config.clip_norm)
        } else {
            None
        };
        network.map(&mut Updater {
            path: Path::default(),
            optimizer: self,
            gradients: gradients.0,
            rule,
            scale,
        })
    }

    /// The running means as named tensors, for a checkpoint: `0.`, or `1.`, and the weight's name.
    pub fn named_moments(&self) -> Vec<NamedTensor> {
        let named = |(name, means): (&String, &Vec<Tensor<1>>)| {
            let tensors = means.iter().enumerate().map(|(index, values)| NamedTensor {
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
            let mut means = Vec::new();
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
                means.push(Tensor::from_data(data, &weight.values.device()));
            }
            moments.insert(weight.name.clone(), means);
        }
        Ok(Self {
            kind,
            step,
            moments,
        })
    }
}

struct Updater<'a> {
    path: Path,
    optimizer: &'a mut Optimizer,
    gradients: BTreeMap<String, Tensor<1>>,
    rule: Rule,
    scale: Option<Tensor<1>>,
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
                let moments = &mut self.optimizer.moments;
                let means = moments.remove(&name).unwrap_or_default();
                let scale = self.scale.clone();
                let (weight, means) = kernels::update(self.rule, weight, gradient, means, scale);
                moments.insert(name, means);
                Tensor::from_inner(weight.reshape(shape)).require_grad()
            }
        };
        Param::from_mapped_value(id, tensor, mapper)
    }
}
