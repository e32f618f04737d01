//! The parity task: what it learns in each framing, and what it answers.

mod common;

use burn::prelude::*;
use common::*;
use unrolled::config::{
    Activation, CellKind, Config, Framing, Initialisation, Lengths, ParityLoss,
};
use unrolled::error::ErrorCode;
use unrolled::tasks::{Answer, Parity, ParityAnswer, ParityQuestion, Request, Task, TaskKind};
use unrolled::train::{Event, Scores, Trainer};

/// Validation loss and accuracy of the last epoch, and the share of strings answered right, in per cent.
fn last_epoch(events: &[Event]) -> (Scores, f64) {
    let last = events.iter().rev().find_map(|event| match event {
        Event::Epoch {
            validation, score, ..
        } => validation.zip(*score),
        _ => None,
    });
    last.expect("an epoch with a validation")
}

/// The share of fresh strings answered right after each bit.
fn accuracy(trainer: &Trainer<Parity>, length: u32, seed: u32) -> Vec<f64> {
    let strings = 500;
    let request = Request::from(ParityQuestion::Accuracy {
        length,
        strings,
        seed,
    });
    let Answer::Parity(ParityAnswer::Accuracy { right }) =
        ready(trainer.answer(&request, &mut |_| ())).unwrap()
    else {
        panic!("another answer")
    };
    right
        .into_iter()
        .map(|right| f64::from(right) / f64::from(strings))
        .collect()
}

#[test]
fn parity_is_learnt_by_every_cell() {
    for cell in [CellKind::Lstm, CellKind::Gru, CellKind::Rnn] {
        let config = Config {
            cell,
            strings: 1_000,
            bits: 8,
            epochs: 30,
            batch: 50,
            hidden: 16,
            ..Config::for_task(TaskKind::Parity)
        };
        let (validation, score) = last_epoch(&finish(&mut parity(&config)));
        // Guessing gives 0.5, and 50 % of the strings.
        assert!(validation.accuracy > 0.98, "{cell:?} {validation:?}");
        assert!(score > 95.0, "{cell:?} {score}");
    }
}

#[test]
fn the_recommended_network_is_right_on_strings_four_times_as_long() {
    let mut trainer = parity(&Config::for_task(TaskKind::Parity));
    let before = accuracy(&trainer, 50, 1);
    assert!(before.iter().sum::<f64>() / 50.0 < 0.6, "it is not trained");
    finish(&mut trainer);
    let after = accuracy(&trainer, 200, 1);
    assert_eq!(after.len(), 200);
    assert!(after[49] >= 0.99 && after[199] >= 0.95, "{after:?}");
}

#[test]
fn ones_are_counted_up_to_the_highest_count_it_has_seen() {
    let config = Config {
        framing: Framing::Count,
        lengths: Lengths::Fixed,
        bits: 10,
        strings: 1_000,
        epochs: 40,
        batch: 50,
        ..Config::for_task(TaskKind::Parity)
    };
    let mut trainer = parity(&config);
    let (validation, score) = last_epoch(&finish(&mut trainer));
    // Who always says the commonest count after each number of bits is right after 0.34 of them.
    assert!(validation.accuracy > 0.9, "{validation:?}");
    assert!(score > 85.0, "{score}");

    let request = Request::from(ParityQuestion::Bits {
        bits: "1101".into(),
    });
    let Answer::Parity(ParityAnswer::Bits { steps }) =
        ready(trainer.answer(&request, &mut |_| ())).unwrap()
    else {
        panic!("another answer")
    };
    let counts: Vec<u32> = steps.iter().filter_map(|step| step.count).collect();
    assert_eq!(counts, [1, 2, 2, 3]);
    assert!(
        steps
            .iter()
            .all(|step| step.odd == (step.count.unwrap() % 2 == 1))
    );

    // There is no class for more than ten ones.
    let beyond = accuracy(&trainer, 60, 1)[59];
    assert!((0.4..0.6).contains(&beyond), "{beyond}");
}

#[test]
fn a_curriculum_learns_what_long_strings_alone_do_not() {
    let last_only = Config {
        parity_loss: ParityLoss::Last,
        strings: 1_000,
        bits: 30,
        epochs: 25,
        batch: 50,
        ..Config::for_task(TaskKind::Parity)
    };
    let growing = Config {
        lengths: Lengths::Growing,
        growth: 2,
        ..last_only.clone()
    };
    let (_, score) = last_epoch(&finish(&mut parity(&growing)));
    assert!(score > 95.0, "{score}");
    let fixed = Config {
        lengths: Lengths::Fixed,
        ..last_only
    };
    let (_, score) = last_epoch(&finish(&mut parity(&fixed)));
    assert!(score < 70.0, "{score}");
}

#[test]
fn the_lesson_is_as_the_tutorial_has_it() {
    let presets = TaskKind::Parity.info().presets;
    for preset in &presets {
        preset.config.check().unwrap();
        Trainer::new(
            Parity::new(&preset.config, &()).unwrap().into(),
            preset.config.clone(),
            &Device::flex(),
        )
        .map(|_| ())
        .unwrap();
    }
    let lesson = &presets[1].config;
    assert_eq!(
        (lesson.framing, lesson.parity_loss, lesson.lengths),
        (Framing::Count, ParityLoss::Last, Lengths::Fixed)
    );
    assert_eq!(
        (lesson.cell, lesson.activation, lesson.initialisation),
        (CellKind::Rnn, Activation::Relu, Initialisation::Keras)
    );
    assert_eq!(
        (lesson.hidden, lesson.batch, lesson.strings, lesson.bits),
        (24, 1_000, 100_000, 50)
    );
    assert_eq!(lesson.learning_rate, 0.001);
    // 24·1 + 24·24 + 24 in the cell, 24·51 + 51 in the output layer.
    let task = Parity::new(lesson, &()).unwrap();
    assert_eq!(task.summary(lesson).parameters, 624 + 1_275);
}

#[test]
fn fresh_strings_follow_from_their_seed() {
    let trainer = parity(&small(TaskKind::Parity));
    assert_eq!(accuracy(&trainer, 20, 3), accuracy(&trainer, 20, 3));
    assert_ne!(accuracy(&trainer, 20, 3), accuracy(&trainer, 20, 4));
}

#[test]
fn questions_out_of_range_are_refused_in_words() {
    let trainer = parity(&small(TaskKind::Parity));
    let long = "1".repeat(501);
    let mut questions = vec![];
    for bits in ["0120", "zero", "", &long] {
        questions.push(ParityQuestion::Bits { bits: bits.into() });
    }
    for (length, strings) in [
        (0, 10),
        (501, 10),
        (10, 0),
        (10, 10_001),
        (u32::MAX, u32::MAX),
    ] {
        questions.push(ParityQuestion::Accuracy {
            length,
            strings,
            seed: 1,
        });
    }
    for question in questions {
        let error = ready(trainer.answer(&question.clone().into(), &mut |_| ())).unwrap_err();
        assert_eq!(error.code, ErrorCode::Setting, "{question:?}");
        assert!(error.message.ends_with('.'), "{error}");
    }
}
