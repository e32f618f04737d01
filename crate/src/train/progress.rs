//! Where a run stands, as numbers: what a file keeps of it besides weights.

use super::{EarlyStopping, Event, Phase};
use crate::config::Config;
use crate::tasks::TaskKind;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// Loss and accuracy summed over tokens, on the host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sums {
    pub(super) nats: f64,
    pub(super) correct: f64,
    pub(super) tokens: f64,
}

#[cfg(feature = "train")]
impl Sums {
    pub(super) fn add(&mut self, batches: &[Self]) {
        for batch in batches {
            self.nats += batch.nats;
            self.correct += batch.correct;
            self.tokens += batch.tokens;
        }
    }

    pub(super) fn scores(&self) -> super::Scores {
        let tokens = self.tokens.max(1.0);
        super::Scores {
            loss: self.nats / tokens,
            accuracy: self.correct / tokens,
        }
    }
}

/// Where a run stands; with weights and optimizer all that is needed to go on from there.
///
/// Randomness needs no state of its own: shuffling is a function of seed and epoch, dropout of
/// seed, step, layer and index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    pub phase: Phase,
    /// The epoch under way, counted from 1.
    pub epoch: u32,
    /// Batches of the phase that are done.
    pub batch: usize,
    /// Steps since the start of the run.
    pub step: u32,
    /// The epoch whose weights were best, with its count of epochs since.
    pub stopping: EarlyStopping,
    /// Over the epoch's training so far.
    pub(super) train: Sums,
    /// Over the phase's held-out data so far.
    pub(super) held_out: Sums,
    /// Every event so far, curves thinned out.
    pub history: Vec<Event>,
}

/// What a page needs to draw a run that it did not watch.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct RunInfo {
    pub task: TaskKind,
    pub epoch: u32,
    pub step: u32,
    pub steps_per_epoch: u32,
    pub finished: bool,
    pub config: Config,
    pub history: Vec<Event>,
}
