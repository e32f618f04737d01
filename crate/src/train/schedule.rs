//! The learning rate as a function of the step.

use crate::config::{Config, ScheduleKind};
use std::f64::consts::PI;

/// The learning rate of one training step, steps counted from 0 over the whole run.
///
/// With r the configured learning rate, w the warm-up steps, n = epochs · `steps_per_epoch`:
///
/// - constant: r
/// - warm-up: r · min(1, (step + 1) / w)
/// - cosine: as warm-up before step w, then r · (1 + cos(π · (step - w) / (n - w))) / 2, and 0
///   from step n on
/// - step: r · decay factor ^ ⌊epoch / decay epochs⌋, with epoch = ⌊step / `steps_per_epoch`⌋
///
/// It keeps no state, so that a new learning rate or number of epochs holds from the next step on.
pub fn rate(config: &Config, steps_per_epoch: u32, step: u32) -> f64 {
    let warm_up = config.warm_up_steps.max(1);
    let warmed_up = ((f64::from(step) + 1.0) / f64::from(warm_up)).min(1.0);
    let factor = match config.schedule {
        ScheduleKind::Constant => 1.0,
        ScheduleKind::WarmUp => warmed_up,
        ScheduleKind::Cosine if step < warm_up => warmed_up,
        ScheduleKind::Cosine => {
            let done = f64::from(step - warm_up);
            let all = f64::from(config.epochs) * f64::from(steps_per_epoch) - f64::from(warm_up);
            // A run that is over before its warm-up leaves nothing to descend over.
            let progress = if done < all { done / all } else { 1.0 };
            (1.0 + (PI * progress).cos()) / 2.0
        }
        ScheduleKind::Step => {
            let epoch = step / steps_per_epoch.max(1);
            let drops = epoch / config.decay_epochs.max(1);
            config.decay_factor.powf(f64::from(drops))
        }
    };
    config.learning_rate * factor
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Case {
        schedule: ScheduleKind,
        learning_rate: f64,
        epochs: u32,
        steps_per_epoch: u32,
        warm_up_steps: u32,
        decay_epochs: u32,
        decay_factor: f64,
        rates: Vec<f64>,
    }

    #[test]
    fn equals_pytorch() {
        let json = include_str!("../../../tests/native/oracle/schedules.json");
        for case in serde_json::from_str::<Vec<Case>>(json).unwrap() {
            let config = Config {
                schedule: case.schedule,
                learning_rate: case.learning_rate,
                epochs: case.epochs,
                warm_up_steps: case.warm_up_steps,
                decay_epochs: case.decay_epochs,
                decay_factor: case.decay_factor,
                ..Config::default()
            };
            for (step, expected) in (0..).zip(case.rates) {
                let rate = rate(&config, case.steps_per_epoch, step);
                let close = (rate - expected).abs() <= 1e-7 * case.learning_rate;
                assert!(
                    close,
                    "{:?}, step {step}: {rate}, not {expected}",
                    case.schedule
                );
            }
        }
    }

    #[test]
    fn cosine_stays_at_zero_past_the_end() {
        let cosine = Config {
            schedule: ScheduleKind::Cosine,
            epochs: 2,
            warm_up_steps: 3,
            ..Config::default()
        };
        assert!(rate(&cosine, 10, 19) > 0.0);
        for step in [20, 21, u32::MAX] {
            assert_eq!(rate(&cosine, 10, step), 0.0);
        }
        // All of the run is warm-up.
        assert_eq!(rate(&cosine, 1, 1), cosine.learning_rate * (2.0 / 3.0));
        assert_eq!(rate(&cosine, 1, 3), 0.0);
        assert_eq!(rate(&cosine, 0, 3), 0.0);
    }
}
