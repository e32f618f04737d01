//! Classification: it learns order where a bag of words cannot, reports honestly, and is as good as PyTorch.

mod common;

use burn::prelude::*;
use common::*;
use serde_json::Value;
use std::path::Path;
use std::rc::Rc;
use unrolled::config::{Config, Cut, Initialisation, Pooling};
use unrolled::corpus::TextFile;
use unrolled::error::ErrorCode;
use unrolled::rng::{Rng, Stream};
use unrolled::tasks::{
    Answer, Classification, ClassificationAnswer, ClassificationQuestion, ClassificationReport,
    Part, ReadText, Task, TaskKind,
};
use unrolled::train::{Origin, Trainer};

fn file(name: &str, text: &str) -> TextFile {
    TextFile {
        name: name.into(),
        text: text.into(),
    }
}

fn classification(config: &Config, text: &str) -> Rc<Classification> {
    let corpus = Classification::read(&[file("reviews.tsv", text)]).unwrap();
    Rc::new(Classification::new(config, &corpus).unwrap())
}

/// Texts of six to nine words, the same in every class; which of two comes first tells.
fn ordered(count: usize) -> String {
    let mut rng = Rng::new(1, Stream::Sampling);
    let filler = ["so", "it", "was", "then", "again", "the"];
    let line = |index: usize| {
        let count = 6 + rng.below(4);
        let mut words: Vec<&str> = (0..count)
            .map(|_| filler[rng.below(filler.len())])
            .collect();
        let (early, late) = (rng.below(3), 3 + rng.below(3));
        let (first, second, label) = match index % 2 {
            0 => ("good", "bad", "sad"),
            _ => ("bad", "good", "happy"),
        };
        (words[early], words[late]) = (first, second);
        format!("{}\t{label}\n", words.join(" "))
    };
    (0..count).map(line).collect()
}

fn config() -> Config {
    Config {
        hidden: 16,
        embedding: 12,
        batch: 20,
        epochs: 12,
        learning_rate: 0.01,
        ..Config::for_task(TaskKind::Classification)
    }
}

fn ask(
    trainer: &Trainer<Classification>,
    question: ClassificationQuestion,
) -> ClassificationAnswer {
    let Answer::Classification(answer) =
        ready(trainer.answer(&question.into(), &mut |_| {})).unwrap()
    else {
        panic!("another task's answer")
    };
    answer
}

fn report(trainer: &Trainer<Classification>, part: Part) -> ClassificationReport {
    match ask(trainer, ClassificationQuestion::Report { part }) {
        ClassificationAnswer::Report(report) => report,
        ClassificationAnswer::Text(_) => panic!("a text"),
    }
}

fn read(trainer: &Trainer<Classification>, text: &str) -> ReadText {
    match ask(trainer, ClassificationQuestion::Text { text: text.into() }) {
        ClassificationAnswer::Text(read) => read,
        ClassificationAnswer::Report(_) => panic!("a report"),
    }
}

#[test]
fn it_learns_the_order_that_a_bag_of_words_cannot_see() {
    for pooling in [Pooling::Last, Pooling::Mean] {
        let config = Config {
            pooling,
            ..config()
        };
        let task = classification(&config, &ordered(600));
        let mut trainer = Trainer::new(task, config, &Device::flex()).unwrap();
        finish(&mut trainer);
        let report = report(&trainer, Part::Validation);
        assert!(report.accuracy > 0.9, "{pooling:?}: {report:?}");
        // Half of the texts have each class, and all have the same words.
        assert!(
            report.majority < 0.6 && report.bag_of_words < 0.65,
            "{report:?}"
        );

        let verdict = |text: &str| {
            let read = read(&trainer, text);
            let last = read.tokens.last().unwrap().probabilities.clone().unwrap();
            read.classes[usize::from(last[1] > last[0])].clone()
        };
        assert_eq!(verdict("It was bad then so good"), "happy");
        assert_eq!(verdict("It was good then so bad"), "sad");
    }
}

#[test]
fn a_report_counts_every_text_of_its_part_once() {
    let config = config();
    let text: String = (0..90)
        .map(|i| {
            format!(
                "text {i} {}\t{}\n",
                ["a", "b", "c"][i % 3],
                ["x", "y", "z"][i % 3]
            )
        })
        .collect();
    let task = classification(&config, &text);
    let (validation, test) = (task.report().validation, task.report().test);
    let trainer = Trainer::new(task, config, &Device::flex()).unwrap();
    for (part, texts) in [(Part::Validation, validation), (Part::Test, test)] {
        let report = report(&trainer, part);
        assert_eq!(report.texts, texts);
        let all: u32 = report.confusion.iter().flatten().sum();
        assert_eq!(all, texts);
        let right: u32 = (0..3).map(|class| report.confusion[class][class]).sum();
        assert!((report.accuracy - f64::from(right) / f64::from(texts)).abs() < 1e-9);
        assert!((report.majority - 1.0 / 3.0).abs() < 1e-9);
        assert!(report.mistakes.len() as u32 <= all - right);
        assert!(
            report
                .mistakes
                .is_sorted_by(|a, b| a.probability >= b.probability)
        );
        for (index, class) in report.classes.iter().enumerate() {
            let said: u32 = report.confusion.iter().map(|row| row[index]).sum();
            let right = f64::from(report.confusion[index][index]);
            assert_eq!(class.precision, (said > 0).then(|| right / f64::from(said)));
            assert_eq!(class.recall, Some(right / f64::from(class.texts)));
            let f1 = 2.0 * right / f64::from(said + class.texts);
            assert!((class.f1.unwrap() - f1).abs() < 1e-12);
        }
    }
}

#[test]
fn the_verdict_on_a_text_does_not_depend_on_how_it_is_asked() {
    for (pooling, cut_from) in [(Pooling::Last, Cut::Front), (Pooling::Mean, Cut::Back)] {
        let config = Config {
            pooling,
            cut_from,
            cut_to: 8,
            ..config()
        };
        let task = classification(&config, &ordered(60));
        let trainer = Trainer::new(task.clone(), config.clone(), &Device::flex()).unwrap();
        let replies = ready(task.reply(
            trainer.network(),
            Part::Validation,
            0..task.questions(Part::Validation),
            &config,
            &Device::flex(),
        ))
        .unwrap();
        let lengths = task.texts(Part::Validation).map(|(ids, _)| ids.len());
        let lengths: Vec<usize> = lengths.take(replies.len()).collect();
        assert!(lengths.iter().any(|&length| length < 8), "all are alike");
        assert!(lengths.contains(&8), "none is cut");
        for (question, reply) in replies.iter().enumerate() {
            let text = task.sample(Part::Validation, question, reply).input;
            let read = read(&trainer, &text);
            let seen: Vec<bool> = read
                .tokens
                .iter()
                .map(|token| token.probabilities.is_some())
                .collect();
            let expected: Vec<bool> = (0..seen.len())
                .map(|index| match cut_from {
                    Cut::Front => index + 8 >= seen.len(),
                    Cut::Back => index < 8,
                })
                .collect();
            assert_eq!(seen, expected);
            let last = read
                .tokens
                .iter()
                .rev()
                .find_map(|token| token.probabilities.as_ref());
            assert_close("verdict", last.unwrap(), reply, 1e-5);
        }
    }
}

#[test]
fn a_run_with_recurrent_dropout_goes_on_bit_for_bit() {
    let config = Config {
        layers: 2,
        dropout: 0.2,
        recurrent_dropout: 0.3,
        ..config()
    };
    let trainer = |config: &Config| {
        Trainer::new(
            classification(config, &ordered(200)),
            config.clone(),
            &Device::flex(),
        )
        .unwrap()
    };
    let (mut whole, mut broken) = (trainer(&config), trainer(&config));
    assert_eq!(losses(&mut whole, 9), losses(&mut broken, 9));
    let bytes = ready(broken.checkpoint()).unwrap();
    let task = classification(&config, &ordered(200));
    let mut restored = Trainer::restore(task, &bytes, &Device::flex()).unwrap();
    let next = losses(&mut whole, 12);
    assert_eq!(next, losses(&mut restored, 12));
    for other in [
        Config {
            recurrent_dropout: 0.0,
            ..config.clone()
        },
        Config {
            dropout: 0.0,
            ..config.clone()
        },
    ] {
        assert_ne!(
            losses(&mut trainer(&other), 9),
            losses(&mut trainer(&config), 9)
        );
    }
}

#[test]
fn gradients_equal_finite_differences() {
    let device = device();
    for pooling in [Pooling::Last, Pooling::Mean] {
        let config = Config {
            pooling,
            hidden: 6,
            initialisation: Initialisation::PyTorch,
            ..config()
        };
        let task = classification(&config, &ordered(60));
        let network = with_init(3, &device, |init| task.init(&config, init));
        let batch = task.batch(Part::Train, &[0, 5, 9], &device);
        let dropout = unrolled::nn::Dropout {
            rate: 0.3,
            recurrent: 0.3,
            seed: 1,
            ..unrolled::nn::Dropout::OFF
        };
        let loss = |network: &_| task.loss(network, &batch, &mut Vec::new(), &dropout).nats;
        let gradients = unrolled::train::Gradients::of(&network, loss(&network).backward());
        for weight in unrolled::nn::named_parameters(&network) {
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
            let at = |step: f32| {
                let moved: Vec<f32> = start
                    .iter()
                    .zip(&direction)
                    .map(|(w, d)| w + step * d)
                    .collect();
                let mut find = |name: &str, _: &[usize]| {
                    Some(if name == weight.name {
                        moved.clone()
                    } else {
                        let all = unrolled::nn::named_parameters(&network);
                        values(all.into_iter().find(|other| other.name == name)?.values)
                    })
                };
                let moved = unrolled::nn::load_parameters(network.clone(), &mut find).unwrap();
                f64::from(values(loss(&moved))[0])
            };
            let measured = (at(1e-2) - at(-1e-2)) / 2e-2;
            assert!(
                (measured - slope).abs() < 1e-2 * slope.abs().max(0.05),
                "{pooling:?} {}: {slope}, measured {measured}",
                weight.name
            );
        }
    }
}

#[test]
fn wrong_and_tiny_data_get_a_sentence() {
    let lines = |count: usize, classes: usize| -> String {
        (0..count)
            .map(|i| format!("text {i}\t{}\n", i % classes))
            .collect()
    };
    for (text, says) in [
        (String::new(), "is empty"),
        (lines(1, 1), "No column"),
        (lines(9, 2), "have 10 at least"),
        (lines(30, 1), "All texts of reviews.tsv have one class, “0”"),
    ] {
        let error = Classification::read(&[file("reviews.tsv", &text)]).unwrap_err();
        assert_eq!(error.code, ErrorCode::File);
        assert!(error.message.contains(says), "{}", error.message);
    }

    // The smallest data that is taken trains, and says what it lacks.
    let config = Config {
        epochs: 2,
        ..config()
    };
    let task = classification(&config, &lines(10, 2));
    let mut trainer = Trainer::new(task, config, &Device::flex()).unwrap();
    finish(&mut trainer);
    for text in ["", " \n", "!", "unknown words only"] {
        let read = read(&trainer, text);
        assert!(
            read.tokens
                .iter()
                .all(|token| token.probabilities.is_some())
        );
    }
    let nothing = Config {
        validation_share: 0.0,
        ..trainer.info().config
    };
    let task = classification(&nothing, &lines(10, 2));
    let trainer = Trainer::new(task, nothing, &Device::flex()).unwrap();
    let question = ClassificationQuestion::Report {
        part: Part::Validation,
    };
    let error = ready(trainer.answer(&question.into(), &mut |_| {})).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("validation_share"));
}

/// Five seeds of the lesson's network on the 1,000 built-in sentences, beside the same network in PyTorch
/// on the same splits (`oracle/make_sentiment.py`).
#[test]
fn reviews_are_classified_as_well_as_by_pytorch() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let figures = root.join("tests/native/oracle/sentiment.json");
    let figures: Value = serde_json::from_str(&std::fs::read_to_string(figures).unwrap()).unwrap();
    let name = "amazon_cells_labelled.txt";
    let reviews = root
        .join("node_modules/wink-sentiment/test/data")
        .join(name);
    let reviews = std::fs::read_to_string(reviews).expect("the built-in data: run npm ci");
    let presets = Classification::info().presets;
    let lesson = presets
        .into_iter()
        .find(|preset| preset.name == "As in the lesson");
    let mut settings = serde_json::to_value(lesson.unwrap().config).unwrap();
    for (key, value) in figures["settings"].as_object().unwrap() {
        settings[key] = value.clone();
    }
    let config: Config = serde_json::from_value(settings).unwrap();
    let accuracy = |seed: u32| {
        let config = Config {
            seed,
            ..config.clone()
        };
        let corpus = Classification::read(&[file(name, &reviews)]).unwrap();
        let task = Rc::new(Classification::new(&config, &corpus).unwrap());
        let mut trainer = Trainer::new(task, config, &Device::flex()).unwrap();
        finish(&mut trainer);
        report(&trainer, Part::Validation).accuracy
    };
    let accuracy = &accuracy;
    // Two at a time, as tests have two cores.
    let found: Vec<f64> = std::thread::scope(|scope| {
        let threads = [[1, 3, 5].as_slice(), &[2, 4]].map(|seeds| {
            scope.spawn(move || seeds.iter().map(|&seed| accuracy(seed)).collect::<Vec<_>>())
        });
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let count = found.len() as f64;
    let mean = found.iter().sum::<f64>() / count;
    let squares: f64 = found.iter().map(|value| (value - mean).powi(2)).sum();
    let spread = (squares / (count - 1.0)).sqrt();
    let theirs = figures["mean"].as_f64().unwrap();
    println!(
        "held-out accuracy over five seeds: {mean:.4}, standard deviation {spread:.4}; PyTorch {theirs:.4}, {}",
        figures["standard_deviation"]
    );
    assert!(mean >= theirs - 0.01, "{found:?}: {mean} beside {theirs}");
}

#[test]
fn settings_of_the_network_reach_a_network_whose_data_was_made_for_others() {
    let files = [file("reviews.tsv", &ordered(60))];
    let loaded = TaskKind::Classification.load(&files).unwrap();
    let last = Config {
        pooling: Pooling::Last,
        ..config()
    };
    let mean = Config {
        pooling: Pooling::Mean,
        ..config()
    };
    // The page keeps the data as long as no setting of the data changes.
    assert_eq!(last.data_settings(), mean.data_settings());
    let first_loss = |data: &Config, network: &Config| {
        let prepared = loaded.prepare(data, None).unwrap();
        let mut run = prepared
            .create(network.clone(), Origin::Chance, &Device::flex())
            .unwrap();
        let events = ready(run.advance(std::time::Duration::ZERO)).unwrap();
        match events[..] {
            [unrolled::train::Event::Progress { loss, .. }] => loss,
            _ => panic!("one step: {events:?}"),
        }
    };
    let expected = first_loss(&mean, &mean);
    assert_eq!(first_loss(&last, &mean), expected);
    assert_ne!(first_loss(&last, &last), expected);
}
