//! When to stop: once the validation loss has not become better for a number of epochs.

use serde::{Deserialize, Serialize};

/// What the validation loss of an epoch means for the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The lowest loss so far: keep these weights.
    Best,
    /// No better than before; training goes on.
    Waiting,
    /// The patience is used up: take the best weights back and stop.
    Stop,
}

/// Remembers the best epoch and counts the epochs since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EarlyStopping {
    patience: u32,
    best: Option<Best>,
    epochs_since: u32,
}

/// The epoch with the lowest validation loss, in nats per token.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    pub loss: f64,
    pub epoch: u32,
}

impl EarlyStopping {
    /// Stops after so many epochs in a row without a lower loss; with a patience of 0, never.
    pub fn new(patience: u32) -> Self {
        Self {
            patience,
            best: None,
            epochs_since: 0,
        }
    }

    /// Whether so many epochs have passed without a better loss that training should stop.
    pub fn is_used_up(&self) -> bool {
        self.patience > 0 && self.epochs_since >= self.patience
    }

    /// Takes in the validation loss of an epoch. A loss that is not finite is never the best.
    pub fn observe(&mut self, loss: f64, epoch: u32) -> Verdict {
        if loss.is_finite() && self.best.is_none_or(|best| loss < best.loss) {
            self.best = Some(Best { loss, epoch });
            self.epochs_since = 0;
            return Verdict::Best;
        }
        self.epochs_since += 1;
        if self.is_used_up() {
            Verdict::Stop
        } else {
            Verdict::Waiting
        }
    }

    /// Starts counting anew, for a run that is trained on after it stopped. The best stays.
    pub fn resume(&mut self) {
        self.epochs_since = 0;
    }

    /// The best epoch so far, once there is one.
    pub fn best(&self) -> Option<Best> {
        self.best
    }

    /// Epochs since the best one.
    pub fn epochs_since(&self) -> u32 {
        self.epochs_since
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::*;

    fn observe(patience: u32, losses: &[f64]) -> (EarlyStopping, Vec<Verdict>) {
        let mut stopping = EarlyStopping::new(patience);
        let verdicts = (1..)
            .zip(losses)
            .map(|(epoch, &loss)| stopping.observe(loss, epoch));
        let verdicts = verdicts.collect();
        (stopping, verdicts)
    }

    #[test]
    fn stops_when_the_patience_is_used_up() {
        let (stopping, verdicts) = observe(2, &[3.0, 2.0, 2.0, 1.5, 1.6, 1.7]);
        assert_eq!(verdicts, [Best, Best, Waiting, Best, Waiting, Stop]);
        assert_eq!(
            stopping.best(),
            Some(super::Best {
                loss: 1.5,
                epoch: 4
            })
        );
        assert_eq!(stopping.epochs_since(), 2);
    }

    #[test]
    fn patience_of_zero_never_stops() {
        let (_, verdicts) = observe(0, &[1.0; 50]);
        assert_eq!(verdicts[0], Best);
        assert!(verdicts[1..].iter().all(|&verdict| verdict == Waiting));
    }

    #[test]
    fn a_loss_that_is_not_finite_is_never_best() {
        let (stopping, verdicts) = observe(3, &[f64::NAN, f64::INFINITY, 9.0, f64::NAN]);
        assert_eq!(verdicts, [Waiting, Waiting, Best, Waiting]);
        assert_eq!(
            stopping.best(),
            Some(super::Best {
                loss: 9.0,
                epoch: 3
            })
        );
    }

    #[test]
    fn resumes_with_full_patience() {
        let (mut stopping, verdicts) = observe(1, &[1.0, 2.0]);
        assert_eq!(verdicts, [Best, Stop]);
        stopping.resume();
        assert_eq!(stopping.epochs_since(), 0);
        assert_eq!(stopping.observe(0.5, 3), Best);
    }

    #[test]
    fn survives_json() {
        for losses in [&[][..], &[2.0, 3.0]] {
            let (stopping, _) = observe(2, losses);
            let json = serde_json::to_string(&stopping).unwrap();
            assert_eq!(
                serde_json::from_str::<EarlyStopping>(&json).unwrap(),
                stopping
            );
        }
    }
}
