//! A network's weights by name: for the optimizer, the checkpoint and the summary.
//!
//! A name is the path of fields from the network to the weight, such as `encoder.layers.0.input`.

use crate::error::{Error, ErrorCode, Result};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;

/// A weight, flat, with the shape that it has in the network.
#[derive(Clone, Debug)]
pub struct NamedTensor {
    pub name: String,
    pub shape: Vec<usize>,
    /// The values in row-major order, `[elements]`.
    pub values: Tensor<1>,
}

/// The path from the network to where a visitor stands. Which variant of an enum it passes is
/// left out: a layer's weights have the same names in every cell.
#[derive(Default)]
pub(crate) struct Path(Vec<String>);

impl Path {
    pub(crate) fn enter(&mut self, name: &str, container: &str) {
        if !container.starts_with("Enum:") {
            self.0.push(name.to_string());
        }
    }

    pub(crate) fn exit(&mut self, container: &str) {
        if !container.starts_with("Enum:") {
            self.0.pop();
        }
    }

    pub(crate) fn name(&self) -> String {
        self.0.join(".")
    }
}

#[derive(Default)]
struct Collector {
    path: Path,
    tensors: Vec<NamedTensor>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val().inner();
        let shape = tensor.dims().to_vec();
        let values = tensor.reshape([shape.iter().product::<usize>()]);
        self.tensors.push(NamedTensor {
            name: self.path.name(),
            shape,
            values,
        });
    }
}

/// All weights in the order of the network's fields, off the autodiff tape.
pub fn named_parameters<M: Module>(network: &M) -> Vec<NamedTensor> {
    let mut collector = Collector::default();
    network.visit(&mut collector);
    collector.tensors
}

/// Looks up a weight's values in row-major order by name and shape.
pub type Find<'a> = &'a mut dyn FnMut(&str, &[usize]) -> Option<Vec<f32>>;

struct Loader<'a> {
    path: Path,
    find: Find<'a>,
    error: Option<Error>,
}

impl ModuleMapper for Loader<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.name();
        let (id, tensor, mapper) = param.consume();
        let dims = tensor.dims();
        let found = (self.find)(&name, &dims);
        let tensor = match found.filter(|values| values.len() == dims.iter().product::<usize>()) {
            Some(values) => {
                let loaded = Tensor::from_data(TensorData::new(values, dims), &tensor.device());
                if tensor.is_require_grad() {
                    loaded.require_grad()
                } else {
                    loaded
                }
            }
            None => {
                let message = format!(
                    "The checkpoint does not fit this network: it has no weight {name} of shape {dims:?}."
                );
                self.error
                    .get_or_insert(Error::new(ErrorCode::Checkpoint, message));
                tensor
            }
        };
        Param::from_mapped_value(id, tensor, mapper)
    }
}

/// The same network with every weight replaced by what `find` gives for its name and shape, in
/// row-major order.
///
/// # Errors
/// [`ErrorCode::Checkpoint`] that names the first weight that `find` has nothing for, or values of
/// another number.
pub fn load_parameters<M: Module>(network: M, find: Find) -> Result<M> {
    let mut loader = Loader {
        path: Path::default(),
        find,
        error: None,
    };
    let network = network.map(&mut loader);
    loader.error.map_or(Ok(network), Err)
}

/// The weight of one name, changed by a function, flat and off the tape.
#[cfg(feature = "train")]
struct Change<'a, F> {
    path: Path,
    name: &'a str,
    change: Option<F>,
}

#[cfg(feature = "train")]
impl<F: FnOnce(Tensor<1>) -> Tensor<1>> ModuleMapper for Change<'_, F> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.path.name() != self.name {
            return param;
        }
        let (id, tensor, mapper) = param.consume();
        let tensor = match self.change.take() {
            None => tensor,
            Some(change) => {
                let shape = tensor.dims();
                let count = shape.iter().product::<usize>();
                let changed = change(tensor.inner().reshape([count]));
                Tensor::from_inner(changed.reshape(shape)).require_grad()
            }
        };
        Param::from_mapped_value(id, tensor, mapper)
    }
}

/// The same network in training, with the weight of this name changed: a function of its values in
/// row-major order `[elements]`, off the tape.
#[cfg(feature = "train")]
pub(crate) fn map_parameter<M: Module>(
    network: M,
    name: &str,
    change: impl FnOnce(Tensor<1>) -> Tensor<1>,
) -> M {
    network.map(&mut Change {
        path: Path::default(),
        name,
        change: Some(change),
    })
}
