//! Reading the bytes, which may come from anywhere.

use super::{HEADER, Header, Precision, VERSION, damaged};
use crate::config::Config;
use crate::error::{Error, ErrorCode, Result};
use crate::nn::{Init, load_parameters};
use crate::rng::{Rng, Stream};
use crate::tasks::{DataReport, Task, TaskKind};
use crate::train::{RunInfo, TestScores};
use burn::prelude::*;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tsify::Tsify;

/// No run has more steps or epochs than this; beyond it a count is damage.
const MOST: u32 = 1 << 30;

/// A file that holds a model, looked through and found whole.
pub struct Checkpoint<'a> {
    pub header: Header,
    pub(super) tensors: SafeTensors<'a>,
}

/// What a file says of the model in it.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct ModelFacts {
    /// Of the file's format.
    pub version: u32,
    /// What the one who saved it calls it; may be empty.
    pub title: String,
    /// What may be done with it, in the words of the one who saved it; may be empty.
    pub licence: String,
    pub config: Config,
    /// The data it was trained on, without any of its text.
    pub data: DataReport,
    /// Numbers in its weights.
    pub parameters: u32,
    pub epoch: u32,
    pub step: u32,
    /// Whether training can go on exactly as if it had never been interrupted.
    pub resumable: bool,
    pub precision: Precision,
    #[tsify(optional)]
    pub validation: Option<TestScores>,
    #[tsify(optional)]
    pub test: Option<TestScores>,
}

impl<'a> Checkpoint<'a> {
    /// Looks through a file's bytes.
    ///
    /// # Errors
    /// [`ErrorCode::Checkpoint`] for bytes that are no model, a damaged one, or one of a newer version.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let entries = metadata.metadata().clone().unwrap_or_default();
        let json = entries.get(HEADER).ok_or_else(|| {
            let message = "This file of tensors was not written by Unrolled: it does not say what network they belong to. \
                           Open one that was downloaded from this page.";
            Error::new(ErrorCode::Checkpoint, message)
        })?;
        let mut entries: Map<String, Value> = serde_json::from_str(json).map_err(damaged)?;
        match entries.get("version").and_then(Value::as_u64) {
            Some(version) if version > u64::from(VERSION) => {
                let message = format!(
                    "This model was saved by a newer Unrolled, in version {version} of the format; this page reads up to \
                     version {VERSION}. Reload the page to get the newest."
                );
                return Err(Error::new(ErrorCode::Checkpoint, message));
            }
            Some(1..) => {}
            _ => return Err(damaged("it has no version")),
        }
        // What settings and reports have gained since keeps its default.
        let config = entries.remove("config").unwrap_or_default();
        let task = TaskKind::deserialize(&config["task"]).map_err(damaged)?;
        entries.insert("config".into(), completed(&Config::for_task(task), config)?);
        let data = entries.remove("data").unwrap_or_default();
        entries.insert("data".into(), completed(&DataReport::default(), data)?);
        let mut header = Header::deserialize(Value::Object(entries)).map_err(damaged)?;
        header.config.check().map_err(damaged)?;
        let progress = &mut header.progress;
        let counts = [progress.epoch, progress.step, header.optimizer_steps];
        if counts.iter().any(|&count| count > MOST) {
            return Err(damaged("its counts are out of range"));
        }
        progress.epoch = progress.epoch.max(1);
        header.note_scores();
        let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
        Ok(Self { header, tensors })
    }

    /// What the file says of itself.
    pub fn facts(&self) -> ModelFacts {
        let header = &self.header;
        let weights = self.weights();
        ModelFacts {
            version: header.version,
            title: header.title.clone(),
            licence: header.licence.clone(),
            config: header.config.clone(),
            data: header.data.clone(),
            parameters: self.parameters() as u32,
            epoch: header.progress.epoch,
            step: header.progress.step,
            resumable: header.optimizer_steps > 0 || header.progress.step == 0,
            precision: weights
                .filter_map(|(_, view)| Precision::of(view.dtype()))
                .max()
                .unwrap_or_default(),
            validation: header.validation,
            test: header.test,
        }
    }

    /// What a page needs to draw the run that the model comes from.
    pub fn info(&self) -> RunInfo {
        let Header {
            config, progress, ..
        } = &self.header;
        RunInfo {
            task: config.task,
            epoch: progress.epoch,
            step: progress.step,
            steps_per_epoch: self.header.steps_per_epoch.max(1),
            finished: true,
            config: config.clone(),
            history: progress.history.clone(),
        }
    }

    fn weights(&self) -> impl Iterator<Item = (&str, TensorView<'_>)> {
        let tensors = self.tensors.iter();
        tensors.filter(|(name, _)| name.starts_with("model."))
    }

    /// Numbers in the weights.
    fn parameters(&self) -> usize {
        let counts = self
            .weights()
            .map(|(_, view)| view.shape().iter().product::<usize>());
        counts.sum()
    }

    /// A tensor's values in row-major order, if it is there and has this shape.
    pub(super) fn find(&self, name: &str, shape: &[usize]) -> Option<Vec<f32>> {
        let view = self.tensors.tensor(name).ok()?;
        if view.shape() != shape {
            return None;
        }
        let scale = || {
            let scale = self.tensors.tensor(&format!("scale.{name}")).ok()?;
            (scale.dtype() == Dtype::F32).then(|| floats(scale.data()))
        };
        match Precision::of(view.dtype())? {
            Precision::F32 => Some(floats(view.data())),
            Precision::F16 => Some(super::slim::halves(view.data())),
            Precision::I8 => super::slim::scaled(view.data(), &scale()?),
        }
    }

    /// The network, with the weights under this prefix.
    ///
    /// # Errors
    /// [`ErrorCode::Checkpoint`] where weights are missing or too many, [`ErrorCode::Memory`] for a network
    /// that does not fit.
    pub(crate) fn network<T: Task>(
        &self,
        task: &T,
        prefix: &str,
        device: &Device,
    ) -> Result<T::Network> {
        let config = &self.header.config;
        let summary = task.summary(config);
        // Before a network of that size is made: a file may lie about it.
        if summary.parameters as usize != self.parameters() {
            return Err(damaged("its weights do not fit its settings"));
        }
        summary.check_memory()?;
        let mut rng = Rng::new(config.seed, Stream::Initialisation);
        // All weights are replaced: the quicker way to draw them will do.
        let style = crate::config::Initialisation::PyTorch;
        let fresh = task.init(
            config,
            &mut Init {
                style,
                rng: &mut rng,
                device,
            },
        );
        let mut whole = true;
        let network = load_parameters(fresh, &mut |name, shape| {
            let values = self.find(&format!("{prefix}.{name}"), shape)?;
            whole &= values.iter().all(|value| value.is_finite());
            Some(values)
        })?;
        match whole {
            true => Ok(network),
            false => Err(damaged("some of its weights are no numbers")),
        }
    }
}

/// An object of a file, with the default for every key that it lacks.
fn completed<T: Serialize + DeserializeOwned>(default: &T, given: Value) -> Result<Value> {
    let mut whole = serde_json::to_value(default).map_err(damaged)?;
    if let (Value::Object(whole), Value::Object(given)) = (&mut whole, given) {
        whole.extend(given);
    }
    Ok(whole)
}

/// Little-endian numbers of 32 bits.
pub(super) fn floats(bytes: &[u8]) -> Vec<f32> {
    let numbers = bytes.as_chunks::<4>().0.iter();
    numbers.map(|bytes| f32::from_le_bytes(*bytes)).collect()
}
