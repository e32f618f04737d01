//! Training: the loop, the optimizer, and what is measured on the way.

mod bleu;
#[cfg(feature = "train")]
mod early_stopping;
mod history;
#[cfg(feature = "train")]
mod optimizer;
#[cfg(feature = "train")]
mod run;
#[cfg(feature = "train")]
mod schedule;
#[cfg(feature = "train")]
mod trainer;

pub use bleu::{BleuCounts, bleu};
pub use history::{Event, Finish, Phase, Sample, Scores, TestScores};
#[cfg(feature = "train")]
pub(crate) use trainer::Parts;
#[cfg(feature = "train")]
pub use {
    early_stopping::{Best, EarlyStopping, Verdict},
    optimizer::{Gradients, Optimizer},
    run::{Data, Loaded, Prepared, Run},
    schedule::rate,
    trainer::{Progress, RunInfo, Trainer},
};
