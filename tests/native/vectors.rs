//! Word vectors: what is learnt from a text whose structure is known, and starting another network from them.

mod common;

use burn::prelude::*;
use common::*;
use std::rc::Rc;
use unrolled::config::{Config, InputKind};
use unrolled::corpus::{TextFile, WordVectors, read_documents};
use unrolled::error::{Error, ErrorCode};
use unrolled::nn::named_parameters;
use unrolled::rng::{Rng, Stream};
use unrolled::tasks::{
    Answer, Task, TaskKind, Translation, Vectors, VectorsAnswer, VectorsQuestion,
};
use unrolled::train::{Event, Trainer};

/// Words that can stand in each other's place.
const KINDS: [[&str; 6]; 3] = [
    ["cat", "dog", "cow", "horse", "sheep", "goat"],
    ["bread", "rice", "cheese", "soup", "cake", "fruit"],
    ["hammer", "saw", "drill", "wrench", "chisel", "plane"],
];
/// Sentences that a word of each kind can stand in.
const PLACES: [[&str; 4]; 3] = [
    [
        "the _ sleeps inside our warm barn",
        "a hungry _ runs over green meadows",
        "every _ drinks water before sunset",
        "my old _ follows me outdoors",
    ],
    [
        "we eat _ for dinner tonight",
        "fresh _ tastes good at noon",
        "please bring some _ from market",
        "she cooks _ with salt daily",
    ],
    [
        "he repairs it using his _ again",
        "put that _ back on its shelf",
        "this _ broke during heavy work",
        "carpenters own one _ each",
    ],
];

/// A text of so many sentences; `mixed`: its words in any order, so that nothing is left to learn.
fn text(sentences: usize, mixed: bool) -> String {
    let mut rng = Rng::new(4, Stream::Sampling);
    let mut words: Vec<String> = Vec::new();
    for _ in 0..sentences {
        let kind = rng.below(3);
        let place = PLACES[kind][rng.below(4)];
        let sentence = place.replace('_', KINDS[kind][rng.below(6)]);
        words.extend(sentence.split(' ').map(String::from));
        words.push(".".into());
    }
    if mixed {
        rng.shuffle(&mut words);
    }
    words.join(" ")
}

fn config() -> Config {
    Config {
        embedding: 16,
        batch: 256,
        epochs: 12,
        learning_rate: 0.01,
        thinning: 1.0,
        context: 3,
        ..Config::for_task(TaskKind::Vectors)
    }
}

fn task(config: &Config, text: &str) -> Result<Rc<Vectors>, Error> {
    let file = TextFile {
        name: "farm.txt".into(),
        text: text.into(),
    };
    Ok(Rc::new(Vectors::new(config, &read_documents(&[file])?)?))
}

fn trainer(config: &Config, text: &str) -> Trainer<Vectors> {
    let task = task(config, text).unwrap();
    Trainer::new(task, config.clone(), &Device::flex()).unwrap()
}

/// The last validation's accuracy, and what a guess by frequency alone gets.
fn accuracy_and_baseline(config: &Config, text: &str) -> (f64, f64) {
    let task = task(config, text).unwrap();
    let baseline = task.report().baseline.unwrap();
    let mut trainer = Trainer::new(task, config.clone(), &Device::flex()).unwrap();
    let events = finish(&mut trainer);
    let accuracy = events.iter().rev().find_map(|event| match event {
        Event::Epoch { validation, .. } => validation.map(|scores| scores.accuracy),
        _ => None,
    });
    (accuracy.unwrap(), baseline)
}

fn ask<T: Task>(trainer: &Trainer<T>, question: VectorsQuestion) -> Result<VectorsAnswer, Error> {
    match ready(trainer.answer(&question.into(), &mut |_| ()))? {
        Answer::Vectors(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

fn nearest<T: Task>(trainer: &Trainer<T>, table: u32, word: &str, count: u32) -> Vec<String> {
    let question = VectorsQuestion::Nearest {
        table,
        word: word.into(),
        count,
    };
    match ask(trainer, question).unwrap() {
        VectorsAnswer::Words { words, unknown } => {
            assert!(unknown.is_empty(), "{unknown:?}");
            assert!(words.is_sorted_by(|a, b| a.cosine >= b.cosine));
            words.into_iter().map(|near| near.word).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn words_that_can_stand_for_each_other_become_neighbours() {
    let mut trainer = trainer(&config(), &text(3_000, false));
    finish(&mut trainer);
    for kind in KINDS {
        for word in kind {
            let found = nearest(&trainer, 0, word, 5);
            // Of 70 words five would do; a word of its sentences may come in between.
            let right = found.iter().filter(|near| kind.contains(&near.as_str()));
            assert!(right.count() >= 4, "{word}: {found:?}");
        }
    }
}

#[test]
fn held_out_pairs_are_told_from_random_ones_better_than_by_frequency() {
    let (accuracy, baseline) = accuracy_and_baseline(&config(), &text(3_000, false));
    assert!(accuracy > baseline + 0.3, "{accuracy} {baseline}");
    let (accuracy, baseline) = accuracy_and_baseline(&config(), &text(3_000, true));
    // Where nothing is to be learnt, frequency is all there is.
    assert!(accuracy < baseline + 0.05, "{accuracy} {baseline}");
    assert!(baseline > 0.1 && baseline < 0.5, "{baseline}");
}

#[test]
fn a_checkpoint_goes_on_bit_for_bit() {
    let (config, text) = (config(), text(400, false));
    let mut whole = trainer(&config, &text);
    let mut broken = trainer(&config, &text);
    // Into the second epoch.
    let steps = whole.info().steps_per_epoch as usize + 5;
    assert_eq!(losses(&mut whole, steps), losses(&mut broken, steps));
    let bytes = ready(broken.checkpoint()).unwrap();
    let task = task(&config, &text).unwrap();
    let mut restored = Trainer::restore(task, &bytes, &Device::flex()).unwrap();
    assert_eq!(losses(&mut whole, 40), losses(&mut restored, 40));
    let other = losses(&mut trainer(&Config { seed: 2, ..config }, &text), steps);
    assert_ne!(other, losses(&mut broken, steps));
}

#[test]
fn every_epoch_has_as_many_batches_and_other_pairs() {
    let config = config();
    let thinned = Config {
        thinning: 1e-2,
        ..config.clone()
    };
    for config in [config, thinned] {
        let task = task(&config, &text(300, false)).unwrap();
        let epoch = |epoch: u32| {
            let mut rng = Rng::at(config.seed, Stream::Shuffle, epoch.into());
            task.epoch(&config, epoch, &mut rng)
        };
        let epochs = [1, 2, 3].map(epoch);
        for other in &epochs[1..] {
            assert_eq!(other.len(), epochs[0].len());
            assert_ne!(other, &epochs[0]);
        }
        let sizes = epochs.iter().flatten().map(Vec::len);
        let around = sizes.clone().max().unwrap() - sizes.min().unwrap();
        assert!(around < 60, "batches differ by {around} pairs");
    }
}

#[test]
fn next_to_no_text_gets_a_sentence() {
    let config = config();
    for (text, field, what) in [
        (
            "one two three four five six seven eight nine ten.".to_string(),
            "min_count",
            "Only 0 of 10",
        ),
        ("word ".repeat(50), "min_count", "Only 1 of 1"),
        (
            "left. right. ".repeat(20),
            "min_count",
            "No sentence has two",
        ),
    ] {
        let error = task(&config, &text).map(|_| ()).unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{error}");
        assert!(error.message.starts_with(what), "{error}");
    }
    let thinned = Config {
        thinning: 1e-6,
        ..config.clone()
    };
    let error = task(&thinned, &"left right. ".repeat(20))
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.field.as_deref(), Some("thinning"), "{error}");
    // Two words are enough, with nothing to validate on.
    let mut trainer = trainer(&config, &"left right. ".repeat(20));
    let events = finish(&mut trainer);
    assert!(matches!(events.last(), Some(Event::Finished { .. })));
    assert_eq!(nearest(&trainer, 0, "left", 5), ["right"]);
}

#[test]
fn a_question_about_an_unknown_word_names_it() {
    let trainer = trainer(&config(), &text(300, false));
    let question = VectorsQuestion::Analogy {
        table: 0,
        a: "Cat".into(),
        b: "zebra".into(),
        c: "<unk>".into(),
        count: 3,
    };
    let VectorsAnswer::Words { words, unknown } = ask(&trainer, question).unwrap() else {
        panic!("no words")
    };
    assert!(words.is_empty());
    assert_eq!(unknown, ["zebra", "<unk>"]);
    let error = ask(&trainer, VectorsQuestion::Save { table: 7 }).unwrap_err();
    assert_eq!(error.code, ErrorCode::State);
}

#[test]
fn the_map_shows_the_most_frequent_words() {
    let trainer = trainer(&config(), &text(300, false));
    let question = VectorsQuestion::Map {
        table: 0,
        skip: 2,
        count: 10,
    };
    let VectorsAnswer::Map { places, variance } = ask(&trainer, question).unwrap() else {
        panic!("no map")
    };
    assert_eq!(places.len(), 10);
    assert!(variance[0] >= variance[1] && variance[1] > 0.0);
    assert!(places.iter().any(|place| place.x != places[0].x));
}

fn translator(config: &Config) -> Trainer<Translation> {
    let lines: String = (0..40)
        .map(|i| format!("The {} eats\tx{}\n", KINDS[0][i % 6], i % 5))
        .collect();
    let task = translation(config, &lines).unwrap();
    Trainer::new(task, config.clone(), &Device::flex()).unwrap()
}

#[test]
fn a_translator_starts_from_vectors_that_were_learnt_elsewhere() {
    let mut learnt = trainer(&config(), &text(1_000, false));
    finish(&mut learnt);
    let VectorsAnswer::Save { text, words } =
        ask(&learnt, VectorsQuestion::Save { table: 0 }).unwrap()
    else {
        panic!("no text")
    };
    let file = TextFile {
        name: "farm.txt".into(),
        text,
    };
    let vectors = WordVectors::read(&file).unwrap();
    assert_eq!(vectors.words().len() as u32, words);

    let config = Config {
        embedding: 16,
        ..small(TaskKind::Translation)
    };
    let mut trainer = translator(&config);
    let tables = |trainer: &Trainer<Translation>| {
        let weights = named_parameters(trainer.network()).into_iter();
        weights
            .map(|w| (w.name, values(w.values)))
            .collect::<Vec<_>>()
    };
    let before = tables(&trainer);
    trainer.start_from(&vectors).unwrap();
    let after = tables(&trainer);
    for ((name, before), (_, after)) in before.iter().zip(&after) {
        if name != "source_embedding.weight" {
            assert_eq!(before, after, "{name}");
            continue;
        }
        // Four special tokens, then the words of the training part by frequency: "The" and "eats" first.
        let rows = |table: &[f32]| table.chunks(16).map(<[f32]>::to_vec).collect::<Vec<_>>();
        let (before, after) = (rows(before), rows(after));
        assert_eq!(before[..4], after[..4]);
        assert_eq!(
            after[4],
            vectors.get("the").unwrap(),
            "The, by its lower-case form"
        );
        assert_eq!(before[5], after[5], "eats is in no sentence of the farm");
        let given = after[6..].iter().filter(|row| {
            KINDS[0]
                .iter()
                .any(|word| vectors.get(word) == Some(row.as_slice()))
        });
        // Of the six sentences one is held out.
        assert_eq!(given.count(), 5);
    }
    assert_eq!(nearest(&trainer, 0, "The", 5).len(), 5);

    // It trains, and its vectors move.
    losses(&mut trainer, 3);
    assert_ne!(tables(&trainer)[0], after[0]);
    let other = Config {
        embedding: 12,
        ..config.clone()
    };
    let error = translator(&other).start_from(&vectors).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("embedding"));
    assert!(error.message.contains("have 16 numbers") && error.message.contains("network 12"));

    let one_hot = Config {
        input: InputKind::OneHot,
        ..config
    };
    let mut trainer = translator(&one_hot);
    trainer.start_from(&vectors).unwrap();
    let error = ask(&trainer, VectorsQuestion::Save { table: 0 }).unwrap_err();
    assert!(error.message.contains("no word vectors"), "{error}");
}
