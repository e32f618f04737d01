//! A model as bytes: safetensors, with everything that is no tensor as JSON in its metadata.
//!
//! | tensor | what |
//! |---|---|
//! | `model.…` | a weight, under its path in the network |
//! | `best.…` | the same weight at the lowest validation loss |
//! | `carried.0.hidden`, `carried.0.cell`, … | the recurrent states that a stream goes on from, a number for each layer |
//! | `optimizer.0.…`, `optimizer.1.…` | the optimizer's running means for that weight |
//! | `scale.model.…` | where a weight is stored in 8 bits: the factor of each of its columns |
//!
//! The metadata entry `unrolled` holds the [`Header`]. No generator's state is among it: everything
//! random is a function of the seed and of where the run stands. Only `model.…` is always there: a file
//! without the rest is a network to be used, and to be trained on with other data.
//!
//! Version 1 had no title, licence, data, scores and steps per epoch.

mod file;
mod slim;
#[cfg(feature = "train")]
mod trainer;

pub use file::{Checkpoint, ModelFacts};
pub use slim::{HistoryKept, Precision, Slim, slim};

use crate::config::Config;
use crate::error::{Error, ErrorCode};
use crate::tasks::DataReport;
use crate::train::{Event, Phase, Progress, TestScores};
use serde::{Deserialize, Serialize};

/// The version that this code writes. It reads all before it, too.
pub const VERSION: u32 = 2;
/// The metadata entry.
const HEADER: &str = "unrolled";

/// Everything about a model that is no tensor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    pub version: u32,
    /// What the one who saved it calls it.
    #[serde(default)]
    pub title: String,
    /// What may be done with it and with the data it was trained on, in the words of the one who saved it.
    #[serde(default)]
    pub licence: String,
    pub config: Config,
    pub vocabularies: serde_json::Value,
    /// The data it was trained on, without any of its text.
    #[serde(default)]
    pub data: DataReport,
    #[serde(default)]
    pub steps_per_epoch: u32,
    pub progress: Progress,
    /// Steps that the optimizer has taken; 0 where its running means are not in the file.
    pub optimizer_steps: u32,
    /// On held-out data: kept here because the history may be left out.
    #[serde(default)]
    pub validation: Option<TestScores>,
    #[serde(default)]
    pub test: Option<TestScores>,
}

impl Header {
    /// Takes the scores of the weights from the history, if it has any.
    fn note_scores(&mut self) {
        let history = &self.progress.history;
        // A run that was taken up again has an older end behind it.
        let ended = self.progress.phase == Phase::Finished;
        let finished = history.iter().rev().find_map(|event| match event {
            Event::Finished {
                weights_of_epoch,
                test,
                ..
            } if ended => Some((*weights_of_epoch, *test)),
            _ => None,
        });
        let validated = |of: Option<u32>| {
            let mut newest = history.iter().rev();
            newest.find_map(|event| match event {
                Event::Epoch {
                    epoch,
                    validation: Some(scores),
                    score,
                    ..
                } if of.is_none_or(|of| of == *epoch) => Some(TestScores {
                    scores: *scores,
                    score: *score,
                }),
                _ => None,
            })
        };
        let validation = validated(finished.map(|(epoch, _)| epoch));
        self.validation = validation.or(self.validation);
        self.test = finished.and_then(|(_, test)| test).or(self.test);
    }
}

fn damaged(cause: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorCode::Checkpoint,
        format!("This is no whole model of Unrolled; save or download it again. ({cause})"),
    )
}
