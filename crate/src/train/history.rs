//! What a run tells while it goes on: the events that curves and tables are drawn from.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// What the run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Going through the training data.
    Training,
    /// The loss on the validation part, after every epoch.
    Validating,
    /// Answers to the validation part, after every epoch.
    Scoring,
    /// The loss on the test part, once, at the end.
    Testing,
    /// Answers to the test part, once, at the end.
    TestScoring,
    /// Nothing more to do.
    Finished,
}

/// Loss and accuracy over a part of the data; padding is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, Tsify)]
pub struct Scores {
    /// Nats per token.
    pub loss: f64,
    /// The share of tokens that got the highest probability.
    pub accuracy: f64,
}

/// One input that the network was never trained on, and what it made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct Sample {
    pub input: String,
    pub output: String,
    /// All right answers that the data has.
    pub expected: Vec<String>,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// All epochs are done.
    Epochs,
    /// The validation loss did not become better any more.
    EarlyStopping,
    /// The loss became infinite or undefined.
    Diverged,
}

/// How the network does on the test part, which nothing was chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct TestScores {
    pub scores: Scores,
    /// The task's own score of its answers.
    #[tsify(optional)]
    pub score: Option<f64>,
}

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A slice of steps is done, several times a second.
    Progress {
        phase: Phase,
        /// The epoch under way, counted from 1.
        epoch: u32,
        epochs: u32,
        /// Steps since the start of the run.
        step: u32,
        steps_per_epoch: u32,
        /// Mean over the slice's training tokens; in the other phases, over what has been looked at so far.
        loss: f64,
        accuracy: f64,
        learning_rate: f64,
        tokens_per_second: f64,
        seconds_left: f64,
    },
    /// An epoch is over, with its validation.
    Epoch {
        epoch: u32,
        step: u32,
        train: Scores,
        #[tsify(optional)]
        validation: Option<Scores>,
        /// The task's own score of its answers to validation questions.
        #[tsify(optional)]
        score: Option<f64>,
        /// Whether no earlier epoch had a lower validation loss.
        best: bool,
        samples: Vec<Sample>,
    },
    /// Answers in the middle of an epoch.
    Samples {
        epoch: u32,
        step: u32,
        samples: Vec<Sample>,
    },
    /// The run is over; more epochs continue it.
    Finished {
        reason: Finish,
        /// A sentence for the user.
        message: String,
        /// The epoch whose weights the network has now; 0 for those that it began with.
        weights_of_epoch: u32,
        #[tsify(optional)]
        test: Option<TestScores>,
    },
}

impl Event {
    /// Takes the samples away.
    pub fn forget_samples(&mut self) {
        if let Self::Epoch { samples, .. } | Self::Samples { samples, .. } = self {
            samples.clear();
        }
    }
}
