//! A run as bytes: safetensors, with everything that is no tensor as JSON in its metadata.
//!
//! | tensor | what |
//! |---|---|
//! | `model.…` | a weight, under its path in the network |
//! | `best.…` | the same weight at the lowest validation loss |
//! | `carried.0.hidden`, `carried.0.cell`, … | the recurrent states that a stream goes on from, a number for each layer |
//! | `optimizer.0.…`, `optimizer.1.…` | the optimizer's running means for that weight |
//!
//! The metadata entry `unrolled` holds the format's version, the settings, the vocabularies and
//! the [`Progress`](crate::train::Progress). No generator's state is among them: everything random is a
//! function of the seed and of where the run stands.

use crate::config::{CellKind, Config, Initialisation};
use crate::device;
use crate::error::{Error, ErrorCode, Result};
use crate::nn::Init;
use crate::nn::{Find, NamedTensor, State, load_parameters, named_parameters};
use crate::rng::{Rng, Stream};
use crate::tasks::Task;
use crate::train::{Optimizer, Parts, Progress, Trainer};
use burn::module::Module;
use burn::prelude::*;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::rc::Rc;

/// The version that this code writes. It reads this one only.
const VERSION: u32 = 1;
/// No run has more steps or epochs than this; beyond it a count is damage.
const MOST: u32 = 1 << 30;
/// The metadata entry.
const HEADER: &str = "unrolled";

/// Everything about a run that is no tensor.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Header {
    version: u32,
    config: Config,
    vocabularies: serde_json::Value,
    progress: Progress,
    optimizer_steps: u32,
}

fn damaged(cause: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorCode::Checkpoint,
        format!("This is no whole checkpoint of Unrolled. ({cause})"),
    )
}

fn header(bytes: &[u8]) -> Result<Header> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let entries = metadata.metadata().clone().unwrap_or_default();
    let json = entries
        .get(HEADER)
        .ok_or_else(|| damaged("its settings are missing"))?;
    let version = serde_json::from_str::<serde_json::Value>(json).map_err(damaged)?;
    if version["version"].as_u64() != Some(VERSION.into()) {
        let message = format!(
            "This checkpoint has version {}, and this page reads version {VERSION}.",
            version["version"]
        );
        return Err(Error::new(ErrorCode::Checkpoint, message));
    }
    let header: Header = serde_json::from_str(json).map_err(damaged)?;
    header.config.check().map_err(damaged)?;
    Ok(header)
}

/// The settings that a checkpoint was trained with.
///
/// # Errors
/// [`ErrorCode::Checkpoint`] for bytes that are no checkpoint or one of another version.
pub fn config(bytes: &[u8]) -> Result<Config> {
    header(bytes).map(|header| header.config)
}

/// The recurrent states of every layer, `[rows, hidden]` each: rows are streams, of which a short text
/// has fewer than the batch size.
fn carried(config: &Config, rows: usize, find: Find, device: &Device) -> Result<Vec<State>> {
    let shape = [rows, config.hidden as usize];
    let mut tensor = |layer: u32, part: &str| {
        let values = find(&format!("carried.{layer}.{part}"), &shape)
            .ok_or_else(|| damaged("its carried states do not fit the network"))?;
        Ok(Tensor::from_data(TensorData::new(values, shape), device))
    };
    let state = |layer: u32| {
        Ok(State {
            hidden: tensor(layer, "hidden")?,
            cell: match config.cell {
                CellKind::Lstm => Some(tensor(layer, "cell")?),
                CellKind::Gru | CellKind::Rnn => None,
            },
        })
    };
    (0..config.layers).map(state).collect()
}

impl<T: Task> Trainer<T> {
    /// The whole run as bytes.
    ///
    /// # Errors
    /// [`ErrorCode::Device`] when the device was lost.
    pub async fn checkpoint(&self) -> Result<Vec<u8>> {
        let header = Header {
            version: VERSION,
            config: self.config.clone(),
            vocabularies: self.task.vocabularies(),
            progress: self.progress.clone(),
            optimizer_steps: self.optimizer.steps(),
        };
        let prefixed = |prefix: &str, tensors: Vec<NamedTensor>| {
            let name = |tensor: NamedTensor| NamedTensor {
                name: format!("{prefix}.{}", tensor.name),
                ..tensor
            };
            tensors.into_iter().map(name).collect::<Vec<_>>()
        };
        let mut tensors = prefixed("model", named_parameters(&self.network));
        tensors.extend(prefixed("optimizer", self.optimizer.named_moments()));
        if let Some(best) = &self.best {
            tensors.extend(prefixed("best", named_parameters(best)));
        }
        for (layer, state) in self.carried.iter().enumerate() {
            let parts = [
                ("hidden", Some(&state.hidden)),
                ("cell", state.cell.as_ref()),
            ];
            tensors.extend(parts.into_iter().filter_map(|(part, values)| {
                let values = values?.clone().inner();
                Some(NamedTensor {
                    name: format!("carried.{layer}.{part}"),
                    shape: values.dims().to_vec(),
                    values: values.flatten(0, 1),
                })
            }));
        }
        let mut values = Vec::with_capacity(tensors.len());
        for tensor in tensors {
            let bytes: Vec<u8> = device::read(tensor.values)
                .await?
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect();
            values.push((tensor.name, tensor.shape, bytes));
        }
        let views = values.iter().map(|(name, shape, bytes)| {
            TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name, view))
        });
        let views: Vec<_> = views
            .collect::<std::result::Result<_, _>>()
            .map_err(damaged)?;
        let json = serde_json::to_string(&header).map_err(damaged)?;
        let metadata = HashMap::from([(HEADER.to_string(), json)]);
        safetensors::serialize(views, Some(metadata)).map_err(damaged)
    }

    /// The run that these bytes hold, with its data, on this device: it goes on as if nothing had been.
    ///
    /// # Errors
    /// [`ErrorCode::Checkpoint`] for damaged bytes, or if the data is not what it was trained on.
    pub fn restore(task: Rc<T>, bytes: &[u8], device: &Device) -> Result<Self> {
        let Header {
            config,
            vocabularies,
            progress,
            optimizer_steps,
            ..
        } = header(bytes)?;
        if vocabularies != task.vocabularies() {
            let message = "This checkpoint belongs to other data: its vocabularies differ. Load the data it was trained on.";
            return Err(Error::new(ErrorCode::Checkpoint, message));
        }
        task.summary(&config).check_memory()?;
        let counts = [progress.epoch, progress.step, optimizer_steps];
        if counts.iter().any(|&count| count > MOST) {
            return Err(damaged("its counts are out of range"));
        }
        let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let find = |name: &str, shape: &[usize]| {
            let view = tensors.tensor(name).ok()?;
            let fits = view.dtype() == Dtype::F32 && view.shape() == shape;
            let values = view
                .data()
                .as_chunks::<4>()
                .0
                .iter()
                .map(|bytes| f32::from_le_bytes(*bytes));
            fits.then(|| values.collect::<Vec<f32>>())
        };
        let device = device.clone().autodiff();
        let mut rng = Rng::new(config.seed, Stream::Initialisation);
        // All weights are replaced: the quicker way to draw them will do.
        let style = Initialisation::PyTorch;
        let mut init = Init {
            style,
            rng: &mut rng,
            device: &device,
        };
        let fresh = task.init(&config, &mut init);
        let network = load_parameters(fresh.clone(), &mut |name, shape| {
            find(&format!("model.{name}"), shape)
        })?;
        let best = match progress.stopping.best() {
            None => None,
            Some(_) => Some(load_parameters(fresh.valid(), &mut |name, shape| {
                find(&format!("best.{name}"), shape)
            })?),
        };
        let carried = match tensors.tensor("carried.0.hidden") {
            Err(_) => Vec::new(),
            Ok(view) => {
                let rows = view.shape().first().copied().unwrap_or(0);
                let rows = rows.min(config.batch as usize);
                carried(&config, rows, &mut |name, shape| find(name, shape), &device)?
            }
        };
        let weights = named_parameters(&network);
        let moments = &mut |name: &str, shape: &[usize]| find(&format!("optimizer.{name}"), shape);
        let optimizer = Optimizer::restore(config.optimizer, optimizer_steps, &weights, moments)?;
        let parts = Parts {
            network,
            optimizer,
            progress,
            best,
            carried,
        };
        let trainer = Self::resume(task, config, device, parts);
        if !trainer.carried_states_fit() {
            return Err(damaged("its carried states do not fit the data"));
        }
        Ok(trainer)
    }
}
