//! A run in training as bytes, and back.

use super::file::Checkpoint;
use super::slim::{Stored, write};
use super::{Header, VERSION, damaged};
use crate::config::CellKind;
use crate::device;
use crate::error::{Error, ErrorCode, Result};
use crate::nn::{NamedTensor, State, named_parameters};
use crate::tasks::Task;
use crate::train::{Optimizer, Parts, Trainer};
use burn::module::Module;
use burn::prelude::*;
use safetensors::tensor::Dtype;
use std::rc::Rc;

impl Checkpoint<'_> {
    /// Whether there is a tensor whose name begins so.
    fn has(&self, prefix: &str) -> bool {
        self.tensors
            .iter()
            .any(|(name, _)| name.starts_with(prefix))
    }

    /// The recurrent states of every layer, `[rows, hidden]` each, that the next batch goes on from: rows
    /// are streams, of which a short text has fewer than the batch size. Nothing where none were saved.
    ///
    /// # Errors
    /// [`ErrorCode::Checkpoint`] where they do not fit the network.
    fn carried(&self, device: &Device) -> Result<Vec<State>> {
        let Ok(first) = self.tensors.tensor("carried.0.hidden") else {
            return Ok(Vec::new());
        };
        let config = &self.header.config;
        let rows = first.shape().first().copied().unwrap_or(0);
        let shape = [rows.min(config.batch as usize), config.hidden as usize];
        let tensor = |layer: u32, part: &str| {
            let values = self.find(&format!("carried.{layer}.{part}"), &shape);
            let values =
                values.ok_or_else(|| damaged("its carried states do not fit the network"))?;
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
}

impl<T: Task> Trainer<T> {
    /// The whole run as bytes.
    ///
    /// # Errors
    /// [`ErrorCode::Device`] when the device was lost.
    pub async fn checkpoint(&self) -> Result<Vec<u8>> {
        let mut header = Header {
            version: VERSION,
            title: String::new(),
            licence: String::new(),
            config: self.config.clone(),
            vocabularies: self.task.vocabularies(),
            data: self.task.report().without_text(),
            steps_per_epoch: self.info().steps_per_epoch,
            progress: self.progress.clone(),
            optimizer_steps: self.optimizer.steps(),
            validation: None,
            test: None,
        };
        header.note_scores();
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
        let mut stored = Vec::with_capacity(tensors.len());
        for NamedTensor {
            name,
            shape,
            values,
        } in tensors
        {
            let values = device::read(values).await?;
            stored.push(Stored {
                name,
                dtype: Dtype::F32,
                shape,
                bytes: values
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect(),
            });
        }
        write(&header, stored)
    }

    /// The run that these bytes hold, with its data, on this device: it goes on as if nothing had been.
    ///
    /// # Errors
    /// [`ErrorCode::Checkpoint`] for damaged bytes, or if the data is not what it was trained on.
    pub fn restore(task: Rc<T>, bytes: &[u8], device: &Device) -> Result<Self> {
        let file = Checkpoint::read(bytes)?;
        if file.header.vocabularies != task.vocabularies() {
            let message = "This model belongs to other data: its vocabularies differ. Load the data it was trained on.";
            return Err(Error::new(ErrorCode::Checkpoint, message));
        }
        let device = device.clone().autodiff();
        let network = file.network(&*task, "model", &device)?;
        let best = match file.header.progress.stopping.best() {
            None => None,
            Some(_) if file.has("best.") => Some(file.network(&*task, "best", &device)?.valid()),
            // A file of the weights alone, which are the best that is left.
            Some(_) => Some(network.valid()),
        };
        let carried = file.carried(&device)?;
        let weights = named_parameters(&network);
        let moments =
            &mut |name: &str, shape: &[usize]| file.find(&format!("optimizer.{name}"), shape);
        let Header {
            config,
            progress,
            optimizer_steps,
            ..
        } = file.header.clone();
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
