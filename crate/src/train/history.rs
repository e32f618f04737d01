//! What a run tells while it goes on: the events that curves and tables are drawn from.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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

    /// Takes away how fast the machine was that trained.
    pub fn forget_speed(&mut self) {
        if let Self::Progress {
            tokens_per_second,
            seconds_left,
            ..
        } = self
        {
            (*tokens_per_second, *seconds_left) = (0.0, 0.0);
        }
    }
}

/// Leaves at most so many points of the training curve, each the mean of those within as many steps.
pub(crate) fn thin_curve(history: &mut Vec<Event>, most: usize) {
    /// A point of the training curve: its step, loss and accuracy.
    fn point(event: &mut Event) -> Option<(u32, &mut f64, &mut f64)> {
        match event {
            Event::Progress {
                phase: Phase::Training,
                step,
                loss,
                accuracy,
                ..
            } => Some((*step, loss, accuracy)),
            _ => None,
        }
    }
    let (mut count, mut last) = (0, 0);
    for (step, ..) in history.iter_mut().filter_map(point) {
        (count, last) = (count + 1, step.max(last));
    }
    if count <= most {
        return;
    }
    // Steps count from 1.
    let span = last.div_ceil(most.max(1) as u32).max(1);
    let place = |step: u32| step.saturating_sub(1) / span;
    let mut sums = BTreeMap::<u32, [f64; 3]>::new();
    for (step, loss, accuracy) in history.iter_mut().filter_map(point) {
        let sum = sums.entry(place(step)).or_default();
        for (sum, value) in sum.iter_mut().zip([1.0, *loss, *accuracy]) {
            *sum += value;
        }
    }
    history.retain_mut(|event| {
        let Some((step, loss, accuracy)) = point(event) else {
            return true;
        };
        let Some([count, losses, accuracies]) = sums.remove(&place(step)) else {
            return false;
        };
        (*loss, *accuracy) = (losses / count, accuracies / count);
        true
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(step: u32) -> Event {
        Event::Progress {
            phase: Phase::Training,
            epoch: 1,
            epochs: 1,
            step,
            steps_per_epoch: 1_000,
            loss: f64::from(step),
            accuracy: 0.5,
            learning_rate: 0.1,
            tokens_per_second: 1.0,
            seconds_left: 1.0,
        }
    }

    fn losses(history: &[Event]) -> Vec<f64> {
        let losses = history.iter().filter_map(|event| match event {
            Event::Progress { loss, .. } => Some(*loss),
            _ => None,
        });
        losses.collect()
    }

    #[test]
    fn a_curve_is_thinned_out_to_means_over_as_many_steps() {
        let samples = Event::Samples {
            epoch: 1,
            step: 4,
            samples: Vec::new(),
        };
        let mut history: Vec<Event> = (1..=8).map(point).collect();
        history.insert(5, samples.clone());
        thin_curve(&mut history, 8);
        assert_eq!(history.len(), 9);
        thin_curve(&mut history, 3);
        assert_eq!(losses(&history), [2.0, 5.0, 7.5]);
        assert!(history.contains(&samples));
    }

    #[test]
    fn a_curve_stays_as_dense_at_its_beginning_however_long_it_grows() {
        let mut history = Vec::new();
        for step in 1..=10_000 {
            history.push(point(step));
            if history.len() > 100 {
                thin_curve(&mut history, 50);
            }
        }
        thin_curve(&mut history, 50);
        let losses = losses(&history);
        assert!((25..=50).contains(&losses.len()), "{losses:?}");
        let gaps = losses.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(gaps.clone().all(|gap| gap < 600.0), "{losses:?}");
    }
}
