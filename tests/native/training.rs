//! The training loop: it learns, it repeats itself, it survives a break, and it says when it fails.

mod common;

use burn::prelude::*;
use common::*;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;
use unrolled::config::{
    Activation, AttentionKind, CellKind, Config, Initialisation, InputKind, Lengths, OptimizerKind,
    ParityLoss, ScheduleKind,
};
use unrolled::corpus::phrase_book;
use unrolled::error::ErrorCode;
use unrolled::nn::named_parameters;
use unrolled::tasks::{
    Answer, Parity, ParityQuestion, Part, Request, Task, TaskKind, Translation, TranslationAnswer,
    TranslationQuestion,
};
use unrolled::train::{Event, Finish, Scores, Trainer};

/// Digits to their names: a language that a small network learns in seconds.
fn digits() -> String {
    let names = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let mut lines = String::new();
    for number in 0..400usize {
        // Four digits, so that BLEU has a 4-gram; the last follows from the others by no simple rule.
        let digits = [
            number / 100,
            number / 10 % 10,
            number % 10,
            number * 7 / 3 % 10,
        ];
        let source: Vec<String> = digits.iter().map(usize::to_string).collect();
        let target: Vec<&str> = digits.iter().map(|&digit| names[digit]).collect();
        lines += &format!("{}\t{}\n", source.join(" "), target.join(" "));
    }
    lines
}

fn translator(config: &Config) -> Trainer<Translation> {
    let task = translation(config, &digits()).unwrap();
    Trainer::new(task, config.clone(), &Device::flex()).unwrap()
}

fn small_translator() -> Config {
    Config {
        epochs: 12,
        learning_rate: 0.01,
        hidden: 24,
        ..small(TaskKind::Translation)
    }
}

fn last_validation(events: &[Event]) -> Scores {
    let validation = events.iter().rev().find_map(|event| match event {
        Event::Epoch { validation, .. } => *validation,
        _ => None,
    });
    validation.expect("an epoch with a validation")
}

#[test]
fn the_translator_learns_what_it_has_not_seen() {
    let mut trainer = translator(&small_translator());
    let events = finish(&mut trainer);
    let validation = last_validation(&events);
    // A decoder that ignores its input can know the length and <end>, one token in five, and
    // guess a digit in ten: 0.3.
    assert!(validation.accuracy > 0.95, "{validation:?}");
    let Some(Event::Finished {
        test: Some(test), ..
    }) = events.last()
    else {
        panic!("no test scores")
    };
    assert!(test.score.unwrap() > 80.0, "{test:?}");
}

#[test]
fn shuffled_translations_cannot_be_learnt() {
    let config = small_translator();
    // The same targets, each under another source: what is left to learn is the baseline.
    let lines = digits();
    let pairs: Vec<(&str, &str)> = lines
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    let broken: String = (0..pairs.len())
        .map(|index| {
            format!(
                "{}\t{}\n",
                pairs[index].0,
                pairs[index * 37 % pairs.len()].1
            )
        })
        .collect();
    let task = translation(&config, &broken).unwrap();
    let mut trainer = Trainer::new(task, config, &Device::flex()).unwrap();
    let validation = last_validation(&finish(&mut trainer));
    assert!(validation.accuracy < 0.6, "{validation:?}");
}

#[test]
fn the_phrase_book_is_learnt_better_than_by_heart() {
    let config = Config {
        epochs: 4,
        ..Config::for_task(TaskKind::Translation)
    };
    let task = Rc::new(Translation::new(&config, &phrase_book::pairs()).unwrap());
    let mut trainer = Trainer::new(task, config, &Device::flex()).unwrap();
    let first = last_validation(&finish(&mut trainer));
    // The commonest token alone, without looking at anything, is right less than one time in four.
    assert!(first.accuracy > 0.5, "{first:?}");
}

#[test]
fn the_same_seed_gives_the_same_losses_bit_for_bit() {
    let config = Config {
        dropout: 0.2,
        ..small_translator()
    };
    let first = losses(&mut translator(&config), 40);
    assert_eq!(first, losses(&mut translator(&config), 40));
    assert_ne!(
        first,
        losses(&mut translator(&Config { seed: 2, ..config }), 40)
    );
}

#[test]
fn the_loss_of_an_epoch_is_the_same_however_it_is_cut_into_slices() {
    let scores = |budget: Duration| {
        let mut trainer = translator(&small_translator());
        loop {
            let events = ready(trainer.advance(budget)).unwrap();
            let epoch = events.iter().find_map(|event| match event {
                Event::Epoch {
                    train, validation, ..
                } => Some((*train, *validation)),
                _ => None,
            });
            if let Some(scores) = epoch {
                return scores;
            }
        }
    };
    assert_eq!(scores(Duration::ZERO), scores(Duration::from_secs(60)));
}

#[test]
fn a_checkpoint_goes_on_bit_for_bit() {
    // An epoch has 22 steps: breaks inside one, at its end, and between its validation and its answers.
    for (optimizer, breaks_at) in [
        (OptimizerKind::AdamW, 22),
        (OptimizerKind::Adam, 7),
        (OptimizerKind::RmsProp, 30),
        (OptimizerKind::Sgd, 50),
    ] {
        let config = Config {
            dropout: 0.2,
            optimizer,
            ..small_translator()
        };
        let mut whole = translator(&config);
        let mut broken = translator(&config);
        assert_eq!(
            losses(&mut whole, breaks_at),
            losses(&mut broken, breaks_at)
        );
        let bytes = ready(broken.checkpoint()).unwrap();
        let task = translation(&config, &digits()).unwrap();
        let mut restored = Trainer::restore(task, &bytes, &Device::flex()).unwrap();
        assert_eq!(restored.info().step, breaks_at as u32);
        assert_eq!(
            losses(&mut whole, 40),
            losses(&mut restored, 40),
            "{optimizer:?}"
        );
    }
}

#[test]
fn a_finished_run_comes_back_finished_and_can_go_on() {
    let config = Config {
        epochs: 1,
        ..small_translator()
    };
    let mut trainer = translator(&config);
    finish(&mut trainer);
    let bytes = ready(trainer.checkpoint()).unwrap();
    let mut restored = Trainer::restore(
        translation(&config, &digits()).unwrap(),
        &bytes,
        &Device::flex(),
    )
    .unwrap();
    assert!(restored.info().finished);
    assert_eq!(restored.info().history, trainer.info().history);
    restored.go_on();
    assert!(restored.info().finished, "there are no epochs left");
    restored
        .set_live(&Config {
            epochs: 2,
            ..config
        })
        .unwrap();
    assert!(restored.info().finished, "a setting alone starts nothing");
    restored.go_on();
    assert!(!restored.info().finished);
    assert!(
        finish(&mut restored)
            .iter()
            .any(|event| matches!(event, Event::Epoch { epoch: 2, .. }))
    );
}

#[test]
fn a_damaged_checkpoint_is_an_error_with_a_sentence() {
    let config = small(TaskKind::Parity);
    let trainer = parity(&config);
    let bytes = ready(trainer.checkpoint()).unwrap();
    let restore = |bytes: &[u8]| {
        let task = Rc::new(Parity::new(&config, &()).unwrap());
        Trainer::restore(task, bytes, &Device::flex())
            .map(|_| ())
            .unwrap_err()
    };
    for length in [0, 7, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(
            restore(&bytes[..length]).code,
            ErrorCode::Checkpoint,
            "cut to {length} bytes"
        );
    }
    assert_eq!(
        restore(b"\x10\0\0\0\0\0\0\0{\"__metadata__\":{}").code,
        ErrorCode::Checkpoint
    );
    let version = b"\\\"version\\\":";
    let newer = bytes
        .windows(version.len())
        .position(|part| part == version)
        .expect("the version stands in the header");
    let mut other = bytes.clone();
    other[newer + version.len()] = b'9';
    assert!(
        restore(&other).message.contains("version 9"),
        "{}",
        restore(&other).message
    );
}

#[test]
fn a_checkpoint_of_other_data_is_refused() {
    let config = small(TaskKind::Translation);
    let bytes = ready(translator(&config).checkpoint()).unwrap();
    let other = translation(&config, &digits().replace("seven", "sept")).unwrap();
    let error = Trainer::restore(other, &bytes, &Device::flex())
        .map(|_| ())
        .unwrap_err();
    assert!(error.message.contains("other data"), "{error}");
}

/// Settings with which the loss grows beyond all bounds.
fn runaway() -> Config {
    Config {
        learning_rate: 1.0,
        hidden: 64,
        cell: CellKind::Rnn,
        activation: Activation::Relu,
        clip_norm: 0.0,
        bits: 200,
        ..small(TaskKind::Parity)
    }
}

#[test]
fn a_loss_that_runs_away_gives_the_last_sound_weights_back() {
    let config = runaway();
    let mut trainer = parity(&config);
    let before = weights(&trainer);
    let events = finish(&mut trainer);
    let Some(Event::Finished {
        reason, message, ..
    }) = events.last()
    else {
        panic!("not finished")
    };
    assert_eq!(*reason, Finish::Diverged);
    assert!(message.contains("learning rate"), "{message}");
    assert!(weights(&trainer).iter().all(|value| value.is_finite()));
    assert_eq!(weights(&trainer), before, "it diverged in the first epoch");

    // The same epoch again, with a rate that works.
    let bytes = ready(trainer.checkpoint()).unwrap();
    trainer
        .set_live(&Config {
            learning_rate: 1e-4,
            ..config.clone()
        })
        .unwrap();
    trainer.go_on();
    let events = finish(&mut trainer);
    assert!(matches!(
        events.last(),
        Some(Event::Finished {
            reason: Finish::Epochs,
            ..
        })
    ));
    assert_eq!(
        events
            .iter()
            .filter(|event| matches!(event, Event::Epoch { .. }))
            .count(),
        config.epochs as usize
    );
    let task = Rc::new(Parity::new(&config, &()).unwrap());
    Trainer::restore(task, &bytes, &Device::flex()).expect("a diverged run has a sound checkpoint");
}

fn weights<T: Task>(trainer: &Trainer<T>) -> Vec<f32> {
    named_parameters(trainer.network())
        .into_iter()
        .flat_map(|weight| values(weight.values))
        .collect()
}

#[test]
fn early_stopping_takes_the_best_weights_back() {
    // Validation bits that say nothing about the training bits: it can only get worse.
    let config = Config {
        parity_loss: ParityLoss::Last,
        patience: 2,
        epochs: 60,
        strings: 100,
        bits: 30,
        cell: CellKind::Gru,
        ..small(TaskKind::Parity)
    };
    let mut trainer = parity(&config);
    let events = finish(&mut trainer);
    let validations: Vec<(u32, f64)> = events
        .iter()
        .filter_map(|event| match event {
            Event::Epoch {
                epoch,
                validation: Some(scores),
                ..
            } => Some((*epoch, scores.loss)),
            _ => None,
        })
        .collect();
    let best = validations
        .iter()
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap();
    let Some(Event::Finished {
        reason,
        weights_of_epoch,
        ..
    }) = events.last()
    else {
        panic!("not finished")
    };
    assert_eq!(*reason, Finish::EarlyStopping);
    assert_eq!(*weights_of_epoch, best.0);
    assert_eq!(validations.len() as u32, best.0 + 2);
    let task = Parity::new(&config, &()).unwrap();
    let batch = task.batch(
        Part::Validation,
        &(0..task.lengths(Part::Validation).len()).collect::<Vec<_>>(),
        &device(),
    );
    let loss = task.loss(
        trainer.network(),
        &batch,
        &mut Vec::new(),
        &unrolled::nn::Dropout::OFF,
    );
    let loss = values(loss.nats)[0] / task.tokens(&batch) as f32;
    assert!(
        (f64::from(loss) - best.1).abs() < 1e-5,
        "{loss} is not the best loss {}",
        best.1
    );
}

#[test]
fn every_choice_of_network_and_optimizer_trains() {
    let start = small(TaskKind::Translation);
    let mut configs = Vec::new();
    for cell in [CellKind::Lstm, CellKind::Gru, CellKind::Rnn] {
        for attention in [
            AttentionKind::None,
            AttentionKind::Dot,
            AttentionKind::General,
            AttentionKind::Additive,
        ] {
            configs.push(Config {
                cell,
                attention,
                layers: 2,
                dropout: 0.1,
                ..start.clone()
            });
        }
    }
    for optimizer in [
        OptimizerKind::Adam,
        OptimizerKind::AdamW,
        OptimizerKind::RmsProp,
        OptimizerKind::Sgd,
    ] {
        let learning_rate = if optimizer == OptimizerKind::Sgd {
            0.2
        } else {
            0.01
        };
        configs.push(Config {
            optimizer,
            learning_rate,
            ..start.clone()
        });
    }
    for schedule in [
        ScheduleKind::WarmUp,
        ScheduleKind::Cosine,
        ScheduleKind::Step,
    ] {
        configs.push(Config {
            schedule,
            warm_up_steps: 3,
            ..start.clone()
        });
    }
    configs.push(Config {
        input: InputKind::OneHot,
        initialisation: Initialisation::PyTorch,
        layers: 3,
        ..start
    });
    for config in configs {
        let losses = losses(&mut translator(&config), 30);
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        assert!(
            mean(&losses[25..]) < mean(&losses[..5]) - 0.2,
            "{config:?}: {losses:?}"
        );
    }
}

/// Central differences along a random direction, for every kind of network.
#[test]
fn gradients_equal_finite_differences() {
    let device = device();
    for cell in [CellKind::Lstm, CellKind::Gru, CellKind::Rnn] {
        for attention in [
            AttentionKind::None,
            AttentionKind::General,
            AttentionKind::Additive,
        ] {
            let config = Config {
                cell,
                attention,
                layers: 2,
                hidden: 6,
                ..small(TaskKind::Translation)
            };
            let task = translation(&config, &digits()).unwrap();
            let network = with_init(3, &device, |init| task.init(&config, init));
            let batch = task.batch(Part::Train, &[0, 5, 9], &device);
            let loss = |network: &_| {
                task.loss(
                    network,
                    &batch,
                    &mut Vec::new(),
                    &unrolled::nn::Dropout::OFF,
                )
                .nats
            };
            let gradients = unrolled::train::Gradients::of(&network, loss(&network).backward());
            for weight in named_parameters(&network) {
                let start = values(weight.values.clone());
                let direction: Vec<f32> = (0..start.len())
                    .map(|index| if index * 7 % 3 == 0 { 1.0 } else { -0.5 })
                    .collect();
                let gradient = values(gradients.get(&weight.name).unwrap().clone());
                let slope: f64 = gradient
                    .iter()
                    .zip(&direction)
                    .map(|(g, d)| f64::from(g * d))
                    .sum();
                let epsilon = 3e-3;
                let at = |sign: f32| {
                    let moved = named_parameters(&network).into_iter().map(|other| {
                        let values = values(other.values);
                        let values = if other.name != weight.name {
                            values
                        } else {
                            values
                                .iter()
                                .zip(&direction)
                                .map(|(value, d)| value + sign * epsilon * d)
                                .collect()
                        };
                        (other.name, values)
                    });
                    let moved: std::collections::HashMap<_, _> = moved.collect();
                    let network = unrolled::nn::load_parameters(network.clone(), &mut |name, _| {
                        moved.get(name).cloned()
                    })
                    .unwrap();
                    f64::from(values(loss(&network))[0])
                };
                let difference = (at(1.0) - at(-1.0)) / (2.0 * f64::from(epsilon));
                let scale = slope.abs().max(difference.abs()).max(0.5);
                assert!(
                    (slope - difference).abs() / scale < 2e-2,
                    "{cell:?} {attention:?} {}: {slope} against {difference}",
                    weight.name
                );
            }
        }
    }
}

#[test]
fn nothing_validated_on_was_trained_on() {
    let config = Config {
        lowercase: true,
        source_column: 2,
        target_column: 1,
        ..small(TaskKind::Translation)
    };
    let lines = format!("{}{}", digits(), digits().to_uppercase());
    let task = translation(&config, &lines).unwrap();
    let sources = |part| {
        task.texts(part)
            .map(|(source, _)| source.to_lowercase())
            .collect::<HashSet<_>>()
    };
    assert_disjoint(&[
        sources(Part::Train),
        sources(Part::Validation),
        sources(Part::Test),
    ]);

    let config = Config {
        bits: 6,
        strings: 300,
        lengths: Lengths::Mixed,
        ..small(TaskKind::Parity)
    };
    let task = Parity::new(&config, &()).unwrap();
    let strings = |part| task.strings(part).iter().cloned().collect::<HashSet<_>>();
    assert_disjoint(&[
        strings(Part::Train),
        strings(Part::Validation),
        strings(Part::Test),
    ]);
}

fn assert_disjoint<T: Eq + std::hash::Hash>(parts: &[HashSet<T>; 3]) {
    assert!(parts.iter().all(|part| !part.is_empty()));
    assert!(
        parts[0].is_disjoint(&parts[1])
            && parts[0].is_disjoint(&parts[2])
            && parts[1].is_disjoint(&parts[2])
    );
}

/// A step can ruin the weights after its own loss was still a number, at the very end of an epoch.
#[test]
fn weights_ruined_by_the_last_step_of_an_epoch_are_taken_back() {
    // One batch is the whole epoch, so that every step is its last.
    let config = Config {
        batch: 2_000,
        epochs: 20,
        ..runaway()
    };
    let mut trainer = parity(&config);
    let events = finish(&mut trainer);
    assert!(matches!(
        events.last(),
        Some(Event::Finished {
            reason: Finish::Diverged,
            ..
        })
    ));
    assert!(weights(&trainer).iter().all(|value| value.is_finite()));
    let bytes = ready(trainer.checkpoint()).unwrap();
    Trainer::restore(
        Rc::new(Parity::new(&config, &()).unwrap()),
        &bytes,
        &Device::flex(),
    )
    .unwrap();
}

#[test]
fn a_run_without_validation_or_test_part_comes_to_its_end() {
    let config = Config {
        validation_share: 0.0,
        test_share: 0.0,
        epochs: 2,
        ..small(TaskKind::Parity)
    };
    let events = finish(&mut parity(&config));
    assert!(matches!(
        events.last(),
        Some(Event::Finished {
            test: None,
            weights_of_epoch: 2,
            ..
        })
    ));
    assert!(events.iter().any(|event| matches!(
        event,
        Event::Epoch {
            validation: None,
            ..
        }
    )));
}

#[test]
fn a_long_run_keeps_a_short_history_with_its_first_point() {
    let config = Config {
        epochs: 130,
        strings: 100,
        batch: 8,
        hidden: 4,
        bits: 3,
        ..small(TaskKind::Parity)
    };
    let mut trainer = parity(&config);
    while !trainer.info().finished {
        ready(trainer.advance(Duration::ZERO)).unwrap();
    }
    let history = trainer.info().history;
    let points = history
        .iter()
        .filter(|event| matches!(event, Event::Progress { .. }))
        .count();
    assert!((400..=1_000).contains(&points), "{points} points");
    assert!(matches!(history[0], Event::Progress { step: 1, .. }));
    let epochs = || {
        history.iter().filter_map(|event| match event {
            Event::Epoch { samples, .. } => Some(samples.len()),
            _ => None,
        })
    };
    assert_eq!(epochs().count(), 130);
    assert_eq!(epochs().filter(|&samples| samples > 0).count(), 100);
}

#[test]
fn requests_out_of_range_are_refused_in_words() {
    let trainer = translator(&small_translator());
    let ask = |text: &str, beam: u32| {
        let request = Request::from(TranslationQuestion {
            text: text.into(),
            beam,
            length_penalty: 1.0,
            max_output: 8,
        });
        ready(trainer.answer(&request, &mut |_| ())).unwrap_err()
    };
    assert_eq!(ask("1 2", u32::MAX).code, ErrorCode::Setting);
    assert!(ask(&"1 ".repeat(5_000), 1).message.contains("5000 tokens"));
    let trainer = parity(&small(TaskKind::Parity));
    for bits in ["0120", "zero", &"1".repeat(10_000)] {
        let request = Request::from(ParityQuestion::Bits { bits: bits.into() });
        assert_eq!(
            ready(trainer.answer(&request, &mut |_| ()))
                .unwrap_err()
                .code,
            ErrorCode::Setting
        );
    }
}

#[test]
fn answers_work_before_training_and_name_unknown_words() {
    let config = Config {
        attention: AttentionKind::General,
        ..small_translator()
    };
    let trainer = translator(&config);
    let mut partial = 0;
    let request = Request::from(TranslationQuestion {
        text: "1 2 x".into(),
        beam: 3,
        length_penalty: 1.0,
        max_output: 8,
    });
    let answer = ready(trainer.answer(&request, &mut |_| partial += 1)).unwrap();
    let Answer::Translation(TranslationAnswer {
        input,
        hypotheses,
        done,
    }) = answer
    else {
        panic!("another task's answer")
    };
    assert!(done && partial > 0);
    assert_eq!(
        input.iter().map(|token| token.known).collect::<Vec<_>>(),
        [true, true, false]
    );
    // Only translations that came to an end are shown, if there is one.
    assert!((1..=3).contains(&hypotheses.len()));
    for hypothesis in hypotheses {
        for row in hypothesis.attention.unwrap() {
            assert_eq!(row.len(), 3);
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }
}

#[test]
fn greedy_scoring_and_a_beam_of_one_agree() {
    let config = Config {
        epochs: 6,
        ..small_translator()
    };
    let mut trainer = translator(&config);
    let events = finish(&mut trainer);
    let samples = events
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Epoch { samples, .. } => Some(samples.clone()),
            _ => None,
        })
        .unwrap();
    assert!(samples.len() > 3);
    for sample in samples {
        let request = Request::from(TranslationQuestion {
            text: sample.input,
            beam: 1,
            length_penalty: 1.0,
            max_output: 40,
        });
        let Answer::Translation(TranslationAnswer { hypotheses, .. }) =
            ready(trainer.answer(&request, &mut |_| ())).unwrap()
        else {
            panic!("another task's answer")
        };
        assert_eq!(hypotheses[0].text, sample.output);
    }
}

#[test]
fn a_large_vocabulary_is_scored_in_chunks_and_gives_the_same() {
    use unrolled::nn::{Linear, masked_cross_entropy};
    let device = device();
    // 700 rows of 30,000 classes are 84 MB: two chunks.
    let (rows, classes, hidden) = (700, 30_000, 2);
    let output = with_init(1, &device, |init| Linear::new(hidden, classes, init));
    let states: Vec<f32> = (0..rows * hidden)
        .map(|index| (index as f32 * 0.37).sin())
        .collect();
    let states = Tensor::<2>::from_data(TensorData::new(states, [rows, hidden]), &device);
    let targets: Vec<i32> = (0..rows as i32)
        .map(|row| row * 41 % classes as i32)
        .collect();
    let part = |start: usize, count: usize| {
        let ids = Tensor::<1, Int>::from_data(
            TensorData::new(targets[start..start + count].to_vec(), [count]),
            &device,
        );
        let mask = Tensor::<1>::ones([count], &device);
        values(
            masked_cross_entropy(&output, states.clone().narrow(0, start, count), ids, mask).nats,
        )[0]
    };
    let (whole, halves) = (part(0, rows), part(0, 350) + part(350, 350));
    assert!((whole - halves).abs() / whole < 1e-5, "{whole} {halves}");
}

#[test]
fn what_will_not_fit_is_refused_in_words() {
    let config = Config {
        hidden: 1_024,
        layers: 3,
        batch: 2_048,
        ..small(TaskKind::Translation)
    };
    let task = translation(&config, &digits()).unwrap();
    let refusal = task.summary(&config).refusal.expect("a refusal");
    assert!(refusal.contains("GB"), "{refusal}");
    let error = Trainer::new(task, config, &Device::flex())
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::Memory);
}

#[test]
fn settings_out_of_range_are_named() {
    for (config, field) in [
        (
            Config {
                hidden: 0,
                ..Config::default()
            },
            "hidden",
        ),
        (
            Config {
                learning_rate: f64::NAN,
                ..Config::default()
            },
            "learning_rate",
        ),
        (
            Config {
                batch: 1_000_000,
                ..Config::default()
            },
            "batch",
        ),
        (
            Config {
                validation_share: 0.5,
                test_share: 0.5,
                ..Config::default()
            },
            "test_share",
        ),
    ] {
        assert_eq!(config.check().unwrap_err().field.as_deref(), Some(field));
    }
    let same_column = Config {
        target_column: 1,
        ..Config::default()
    };
    let error = translation(&same_column, "a\tb\nc\td\n").err().unwrap();
    assert_eq!(error.field.as_deref(), Some("target_column"));
}

#[test]
fn live_settings_apply_and_others_do_not() {
    let config = small(TaskKind::Parity);
    let mut trainer = parity(&config);
    trainer
        .set_live(&Config {
            learning_rate: 0.5,
            hidden: 99,
            ..config.clone()
        })
        .unwrap();
    let info = trainer.info();
    assert_eq!(
        (info.config.learning_rate, info.config.hidden),
        (0.5, config.hidden)
    );
    assert!(
        trainer
            .set_live(&Config {
                learning_rate: 7.0,
                ..config
            })
            .is_err()
    );
    let events = ready(trainer.advance(Duration::ZERO)).unwrap();
    assert!(matches!(
        events[0],
        Event::Progress {
            learning_rate: 0.5,
            ..
        }
    ));
}

#[test]
fn samples_in_the_middle_of_an_epoch_come_when_asked_for_and_need_questions() {
    for (validation_share, expected) in [(0.2, true), (0.0, false)] {
        let config = Config {
            sample_every: 1,
            validation_share,
            ..small_translator()
        };
        let mut trainer = translator(&config);
        let events = ready(trainer.advance(Duration::ZERO)).unwrap();
        let sampled = |event: &Event| matches!(event, Event::Samples { step: 1, samples, .. } if !samples.is_empty());
        assert_eq!(events.iter().any(sampled), expected, "{events:?}");
        assert_eq!(events.len(), 1 + usize::from(expected));
    }
}
