//! Training: the loop, the optimizer, and what is measured on the way.

mod bleu;
mod early_stopping;
mod history;
#[cfg(feature = "train")]
mod optimizer;
mod progress;
#[cfg(feature = "train")]
mod run;
#[cfg(feature = "train")]
mod schedule;
#[cfg(feature = "train")]
mod trainer;

pub use bleu::{BleuCounts, bleu};
pub use early_stopping::{Best, EarlyStopping, Verdict};
pub(crate) use history::thin_curve;
pub use history::{Event, Finish, Phase, Sample, Scores, TestScores};
pub use progress::{Progress, RunInfo};
#[cfg(feature = "train")]
pub(crate) use trainer::Parts;
#[cfg(feature = "train")]
pub use {
    optimizer::{Gradients, Optimizer},
    run::{Data, Loaded, Origin, Prepared, Run},
    schedule::rate,
    trainer::Trainer,
};
