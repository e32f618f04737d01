//! Text generation: it learns, it goes on where it was, and it says what it learnt by heart.

mod common;

use burn::module::Module;
use burn::prelude::*;
use common::*;
use std::f64::consts::LN_2;
use std::rc::Rc;
use unrolled::config::{CellKind, Config, InputKind, Level, Presentation};
use unrolled::corpus::TextFile;
use unrolled::decode::Sampling;
use unrolled::error::{ErrorCode, Result};
use unrolled::nn::Dropout;
use unrolled::rng::{Rng, Stream};
use unrolled::tasks::{
    Answer, GeneratedToken, Generation, GenerationAnswer, GenerationQuestion, Part, Task, TaskKind,
};
use unrolled::train::{Event, Trainer};

/// Sentences of a few words, put together at random.
fn sentences(count: usize, seed: u32, nouns: [&str; 3]) -> String {
    let mut rng = Rng::new(seed, Stream::Sampling);
    let mut pick = |words: [&'static str; 3]| words[rng.below(3)];
    let mut text = String::new();
    for number in 0..count {
        let verb = pick(["sees", "finds", "takes"]);
        let colour = pick(["red", "green", "blue"]);
        let [subject, object] = [number % 3, number * 7 / 3 % 3].map(|index| nouns[index]);
        text += &format!("The {subject} {verb} a {colour} {object}.\n");
    }
    text
}

fn animals() -> String {
    sentences(200, 1, ["cat", "dog", "mouse"])
}

fn small_writer() -> Config {
    Config {
        hidden: 32,
        batch: 8,
        window: 32,
        epochs: 8,
        learning_rate: 0.01,
        validation_share: 0.1,
        sample_every: 0,
        sample_length: 40,
        ..Config::for_task(TaskKind::Generation)
    }
}

fn task(config: &Config, texts: &[(&str, &str)]) -> Result<Rc<Generation>> {
    let file = |&(name, text): &(&str, &str)| TextFile {
        name: name.into(),
        text: text.into(),
    };
    let files: Vec<TextFile> = texts.iter().map(file).collect();
    Ok(Rc::new(Generation::new(
        config,
        &Generation::read(&files)?,
    )?))
}

fn writer(config: &Config, text: &str) -> Trainer<Generation> {
    let task = task(config, &[("book.txt", text)]).unwrap();
    Trainer::new(task, config.clone(), &Device::flex()).unwrap()
}

fn ask(trainer: &Trainer<Generation>, question: GenerationQuestion) -> Result<GenerationAnswer> {
    match ready(trainer.answer(&question.into(), &mut |_| {}))? {
        Answer::Generation(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

fn start(trainer: &Trainer<Generation>, seed: &str, blend: &[f64]) -> GenerationAnswer {
    let question = GenerationQuestion::Start {
        seed: seed.into(),
        blend: blend.to_vec(),
        random: 7,
    };
    ask(trainer, question).unwrap()
}

fn go_on(
    trainer: &Trainer<Generation>,
    count: u32,
    temperature: f64,
    blend: &[f64],
) -> Vec<GeneratedToken> {
    let question = GenerationQuestion::Continue {
        count,
        blend: blend.to_vec(),
        sampling: Sampling {
            temperature,
            top_k: 0,
            top_p: 1.0,
        },
    };
    match ask(trainer, question).unwrap() {
        GenerationAnswer::Text { tokens, .. } => tokens,
        other => panic!("{other:?}"),
    }
}

fn text(tokens: &[GeneratedToken]) -> String {
    tokens.iter().map(|token| token.text.as_str()).collect()
}

/// Bits per token of the validation part at the end, of the network and of counting single tokens.
fn final_bits(trainer: &mut Trainer<Generation>) -> (f64, f64) {
    let events = finish(trainer);
    let validation = events.iter().rev().find_map(|event| match event {
        Event::Epoch { validation, .. } => *validation,
        _ => None,
    });
    let Ok(GenerationAnswer::Baseline { single_bits, .. }) =
        ask(trainer, GenerationQuestion::Baseline)
    else {
        panic!("no baseline")
    };
    (validation.unwrap().loss / LN_2, single_bits)
}

#[test]
fn it_learns_more_than_how_often_characters_come() {
    for presentation in [Presentation::Streams, Presentation::Windows] {
        let config = Config {
            presentation,
            stride: 3,
            epochs: if presentation == Presentation::Streams {
                8
            } else {
                2
            },
            ..small_writer()
        };
        let (bits, single) = final_bits(&mut writer(&config, &animals()));
        // Single characters cost 4 bits; what is drawn at random in a line of 26 characters, 3.2 bits.
        assert!(
            single > 3.5 && bits < 0.6,
            "{presentation:?}: {bits}, {single}"
        );
    }
}

#[test]
fn shuffled_characters_cannot_be_learnt() {
    let mut characters: Vec<char> = animals().chars().collect();
    Rng::new(1, Stream::Shuffle).shuffle(&mut characters);
    let shuffled: String = characters.into_iter().collect();
    let (bits, single) = final_bits(&mut writer(&small_writer(), &shuffled));
    assert!(bits > single - 0.05, "{bits}, {single}");
}

#[test]
fn a_checkpoint_in_the_middle_of_a_stream_goes_on_bit_for_bit() {
    for (cell, batch) in [
        (CellKind::Lstm, 8),
        (CellKind::Gru, 8),
        (CellKind::Lstm, 500),
    ] {
        let config = Config {
            cell,
            batch,
            layers: 2,
            ..small_writer()
        };
        let mut whole = writer(&config, &animals());
        losses(&mut whole, 5);
        let bytes = ready(whole.checkpoint()).unwrap();
        let same = task(&config, &[("book.txt", &animals())]).unwrap();
        let mut restored = Trainer::restore(same, &bytes, &Device::flex()).unwrap();
        assert_eq!(
            losses(&mut whole, 20),
            losses(&mut restored, 20),
            "{cell:?}, {batch}"
        );
    }
}

#[test]
fn states_are_carried_from_step_to_step() {
    let config = Config {
        epochs: 2,
        batch: 1,
        ..small_writer()
    };
    let mut trainer = writer(&config, &animals());
    finish(&mut trainer);
    let network = trainer.network().valid();
    // With its states carried, a network reads a text in short steps as it does in long ones.
    let nats = |window: u32| {
        let config = Config {
            window,
            ..config.clone()
        };
        let task = task(&config, &[("book.txt", &animals())]).unwrap();
        let (mut carried, mut nats, mut tokens) = (Vec::new(), 0.0, 0);
        for examples in task.held_out(&config, Part::Validation) {
            let batch = task.batch(Part::Validation, &examples, &Device::flex());
            let loss = task.loss(&network, &batch, &mut carried, &Dropout::OFF);
            nats += loss.nats.into_scalar::<f32>();
            tokens += task.tokens(&batch);
        }
        (nats, tokens)
    };
    let (long, short) = (nats(400), nats(7));
    assert_eq!(long.1, short.1);
    assert!(
        (long.0 - short.0).abs() < 1e-3 * long.0,
        "{long:?} {short:?}"
    );
}

#[test]
fn a_text_goes_on_where_it_was() {
    let config = Config {
        epochs: 1,
        ..small_writer()
    };
    let mut trainer = writer(&config, &animals());
    finish(&mut trainer);
    start(&trainer, "The cat", &[]);
    let whole = go_on(&trainer, 50, 1.0, &[]);
    start(&trainer, "The cat", &[]);
    let mut parts = go_on(&trainer, 20, 1.0, &[]);
    parts.extend(go_on(&trainer, 30, 1.0, &[]));
    assert_eq!(whole, parts);
    // What is carried is what reading all of it anew would give.
    start(&trainer, "The cat", &[]);
    let greedy = text(&go_on(&trainer, 30, 0.0, &[]));
    start(&trainer, &format!("The cat{}", &greedy[..12]), &[]);
    assert_eq!(text(&go_on(&trainer, 18, 0.0, &[])), greedy[12..]);
    assert!(
        whole
            .iter()
            .all(|token| token.probability > 0.0 && token.entropy >= 0.0)
    );
}

#[test]
fn without_a_beginning_it_begins_by_itself_and_unknown_characters_are_named() {
    let trainer = writer(&small_writer(), &animals());
    let GenerationAnswer::Text { unknown, seed, .. } = start(&trainer, "Ünd the cat, the Ü?", &[])
    else {
        panic!("no text")
    };
    assert_eq!(
        (unknown, seed.as_str()),
        (
            vec!["Ü".into(), ",".into(), "?".into()],
            "Ünd the cat, the Ü?"
        )
    );
    assert_eq!(go_on(&trainer, 5, 1.0, &[]).len(), 5);
    start(&trainer, "", &[]);
    assert_eq!(go_on(&trainer, 5, 1.0, &[]).len(), 5);
    let long = GenerationQuestion::Start {
        seed: "the ".repeat(1_000),
        blend: Vec::new(),
        random: 1,
    };
    assert_eq!(ask(&trainer, long).unwrap_err().code, ErrorCode::Setting);
}

#[test]
fn a_text_of_another_network_is_not_gone_on_with() {
    let nothing = GenerationQuestion::Continue {
        count: 1,
        blend: Vec::new(),
        sampling: Sampling {
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
        },
    };
    let same = task(&small_writer(), &[("book.txt", &animals())]).unwrap();
    let trainer = Trainer::new(same.clone(), small_writer(), &Device::flex()).unwrap();
    assert_eq!(
        ask(&trainer, nothing.clone()).unwrap_err().code,
        ErrorCode::State
    );
    start(&trainer, "The", &[]);
    let config = Config {
        hidden: 16,
        ..small_writer()
    };
    let other = Trainer::new(same, config, &Device::flex()).unwrap();
    assert_eq!(ask(&other, nothing).unwrap_err().code, ErrorCode::State);
}

#[test]
fn styles_are_learnt_and_can_be_chosen() {
    for input in [InputKind::OneHot, InputKind::Embedding] {
        let config = Config {
            input,
            embedding: 16,
            epochs: 10,
            ..small_writer()
        };
        let animals = sentences(150, 1, ["cat", "dog", "mouse"]);
        let tools = sentences(150, 2, ["SAW", "NAIL", "AXE"]);
        let task = task(&config, &[("animals.txt", &animals), ("tools.txt", &tools)]).unwrap();
        let mut trainer = Trainer::new(task, config, &Device::flex()).unwrap();
        let events = finish(&mut trainer);
        let capitals = |blend: &[f64]| {
            start(&trainer, "The ", blend);
            let text = text(&go_on(&trainer, 1_500, 1.0, blend));
            let words = text.split(|c: char| !c.is_alphabetic());
            let nouns =
                words.filter(|word| ["cat", "dog", "mouse", "SAW", "NAIL", "AXE"].contains(word));
            let (upper, all) = nouns.fold((0.0, 0.0), |(upper, all), word| {
                (
                    upper + f64::from(u8::from(word.chars().all(char::is_uppercase))),
                    all + 1.0,
                )
            });
            upper / all
        };
        let (first, second) = (capitals(&[1.0, 0.0]), capitals(&[0.0, 1.0]));
        assert!(
            first < 0.05 && second > 0.95,
            "{input:?}: {first}, {second}"
        );
        // A sample in each style.
        let samples = events.iter().rev().find_map(|event| match event {
            Event::Epoch { samples, .. } => Some(samples),
            _ => None,
        });
        assert_eq!(samples.unwrap().len(), 2);
    }
}

#[test]
fn what_was_learnt_by_heart_is_marked() {
    let text = animals()[..700].to_string();
    let config = Config {
        hidden: 64,
        epochs: 150,
        batch: 1,
        validation_share: 0.0,
        test_share: 0.0,
        ..small_writer()
    };
    let mut trainer = writer(&config, &text);
    start(&trainer, "The ", &[]);
    let scribble = go_on(&trainer, 200, 1.0, &[]);
    assert_eq!(scribble.len(), 200);
    finish(&mut trainer);
    start(&trainer, &text[..30], &[]);
    let question = GenerationQuestion::Continue {
        count: 300,
        blend: Vec::new(),
        sampling: Sampling {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
        },
    };
    let Ok(GenerationAnswer::Text {
        stretches,
        longest,
        longest_text,
        tokens,
        ..
    }) = ask(&trainer, question)
    else {
        panic!("no text")
    };
    assert!(longest >= 100, "{longest}: {longest_text}");
    assert!(text.contains(&longest_text));
    let marked: u32 = stretches.iter().map(|(from, to)| to - from).sum();
    assert!(marked >= longest && marked <= tokens.len() as u32);
}

#[test]
fn words_are_written_with_their_spaces() {
    let config = Config {
        level: Level::Word,
        input: InputKind::Embedding,
        embedding: 16,
        window: 12,
        ..small_writer()
    };
    let mut trainer = writer(&config, &animals());
    finish(&mut trainer);
    let GenerationAnswer::Text { unknown, .. } = start(&trainer, "The elephant sees", &[]) else {
        panic!("no text")
    };
    assert_eq!(unknown, ["elephant"]);
    let tokens = go_on(&trainer, 40, 0.5, &[]);
    let written = text(&tokens);
    assert!(written.starts_with(" a "), "{written}");
    assert!(
        written.contains(".\n") && !written.contains(" .") && !written.contains("<"),
        "{written}"
    );
}

#[test]
fn the_diary_is_the_same_for_the_same_seed() {
    let config = Config {
        epochs: 1,
        sample_every: 10,
        ..small_writer()
    };
    let diary = || {
        let events = finish(&mut writer(&config, &animals()));
        let samples = events.into_iter().filter_map(|event| match event {
            Event::Samples { samples, .. } | Event::Epoch { samples, .. } => Some(samples),
            _ => None,
        });
        samples.flatten().collect::<Vec<_>>()
    };
    let first = diary();
    assert_eq!(first, diary());
    assert_eq!(
        first.len(),
        2,
        "17 steps: one in the middle, one at the end"
    );
    assert!(
        first
            .iter()
            .all(|sample| sample.input.starts_with("The ") && sample.output.chars().count() == 40)
    );
    assert_ne!(first[0].output, first[1].output);
}
