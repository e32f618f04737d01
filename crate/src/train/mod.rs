//! Training: the loop, the optimizer, and what is measured on the way.

mod bleu;
mod early_stopping;
mod history;
mod optimizer;
mod schedule;
mod trainer;

pub use bleu::{BleuCounts, bleu};
pub use early_stopping::{Best, EarlyStopping, Verdict};
pub use history::{Event, Finish, Phase, Sample, Scores, TestScores};
pub use optimizer::{Gradients, Optimizer};
pub use schedule::rate;
pub use trainer::{Progress, RunInfo, Trainer};
