//! The chat network: it learns to reply to what it was not trained on, and says how sure it is.

mod common;

use burn::prelude::*;
use common::*;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use unrolled::config::{Config, Level, Lowered};
use unrolled::corpus::TextFile;
use unrolled::error::{Error, ErrorCode};
use unrolled::tasks::{
    Answer, Chat, ChatAnswer, ChatMessage, ChatQuestion, ChatReply, Part, Request, Task, TaskKind,
};
use unrolled::text::Tokenizer;
use unrolled::train::{Event, Trainer};

const SMALL_TALK: &str = include_str!("../../www/data/small_talk.tsv");

fn file(name: &str, text: &str) -> TextFile {
    TextFile {
        name: name.into(),
        text: text.into(),
    }
}

fn chat(config: &Config, name: &str, text: &str) -> Result<Chat, Error> {
    Chat::new(config, &Chat::read(&[file(name, text)])?)
}

fn trainer(config: &Config) -> Trainer<Chat> {
    let task = chat(config, "small_talk.tsv", SMALL_TALK).unwrap();
    Trainer::new(Rc::new(task), config.clone(), &Device::flex()).unwrap()
}

fn ask(trainer: &Trainer<Chat>, question: ChatQuestion) -> Result<ChatAnswer, Error> {
    let Answer::Chat(answer) = ready(trainer.answer(&Request::Chat(question), &mut |_| ()))? else {
        panic!("another task's answer")
    };
    Ok(answer)
}

/// A message with five replies to be drawn.
fn message(text: &str) -> ChatMessage {
    ChatMessage {
        text: text.into(),
        candidates: 5,
        temperature: 1.0,
        first_top_k: 3,
        top_k: 2,
        top_p: 1.0,
        max_output: 30,
        draw: 1,
    }
}

fn replies(trainer: &Trainer<Chat>, message: ChatMessage) -> Vec<ChatReply> {
    match ask(trainer, ChatQuestion::Reply(message)).unwrap() {
        ChatAnswer::Reply {
            replies,
            done: true,
            ..
        } => replies,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_small_talk_is_large_short_and_without_repeats() {
    let lines: Vec<(&str, &str)> = SMALL_TALK
        .lines()
        .map(|line| line.split_once('\t').expect("two columns"))
        .collect();
    assert!(lines.len() >= 1_000);
    let mut questions = HashSet::new();
    let mut ways: HashMap<&str, usize> = HashMap::new();
    for (question, reply) in &lines {
        let words: Vec<String> = question
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        assert!(questions.insert(words), "{question} stands there twice");
        assert!(reply.split_whitespace().count() <= 15, "{reply}");
        *ways.entry(reply).or_default() += 1;
    }
    assert!((300..=450).contains(&ways.len()), "{} replies", ways.len());
    for (reply, ways) in ways {
        assert!(ways >= 3, "only {ways} ways to ask for: {reply}");
    }
}

/// The recommended settings with less than half of their epochs.
#[test]
fn it_replies_to_questions_that_it_has_not_seen() {
    let config = Config {
        epochs: 10,
        ..Config::for_task(TaskKind::Chat)
    };
    let mut trainer = trainer(&config);
    let events = finish(&mut trainer);
    let (asked, distinct, right) = variety(&trainer);
    assert_eq!(asked, 100);
    assert!(distinct >= 60, "{distinct} different replies");
    // Whoever ignores the question is right once in 400 times: all replies are about as frequent.
    assert!(right >= 15, "{right} of {asked} word for word");
    let validation = events.iter().rev().find_map(|event| match event {
        Event::Epoch {
            validation: Some(validation),
            score: Some(score),
            ..
        } => Some((*validation, *score)),
        _ => None,
    });
    let (validation, score) = validation.expect("an epoch with a validation");
    assert!((60.0..=100.0).contains(&score), "{score}");
    let task = chat(&config, "small_talk.tsv", SMALL_TALK).unwrap();
    let unigram = unigram_loss(&task);
    assert!(
        validation.loss < 0.4 * unigram,
        "{} against {unigram} of one who knows only how frequent words are",
        validation.loss
    );
}

/// Questions asked, different replies, and replies that are right word for word.
fn variety(trainer: &Trainer<Chat>) -> (u32, u32, u32) {
    let question = ChatQuestion::Variety {
        questions: 100,
        max_output: 30,
    };
    match ask(trainer, question).unwrap() {
        ChatAnswer::Variety {
            asked,
            distinct,
            right,
            times,
            ..
        } => {
            assert!(distinct + times <= asked + 1 && right <= asked);
            (asked, distinct, right)
        }
        other => panic!("{other:?}"),
    }
}

/// Nats a token of the validation replies for a model that knows each token's share in the training replies.
fn unigram_loss(task: &Chat) -> f64 {
    let tokenizer = Tokenizer {
        level: Level::Word,
        lowercase: false,
    };
    let words = |part| {
        let replies: Vec<Vec<String>> = task
            .texts(part)
            .map(|(_, reply)| [tokenizer.tokenize(reply), vec!["<end>".into()]].concat())
            .collect();
        replies.concat()
    };
    let train = words(Part::Train);
    let mut counts: HashMap<&str, f64> = HashMap::new();
    for word in &train {
        *counts.entry(word).or_default() += 1.0;
    }
    let validation = words(Part::Validation);
    let nats = validation.iter().map(|word| {
        let count = counts.get(word.as_str()).copied().unwrap_or(0.5);
        -(count / train.len() as f64).ln()
    });
    nats.sum::<f64>() / validation.len() as f64
}

#[test]
fn replies_are_counted_ordered_and_drawn_anew() {
    let config = Config {
        epochs: 3,
        hidden: 48,
        embedding: 32,
        dropout: 0.0,
        ..Config::for_task(TaskKind::Chat)
    };
    let mut trainer = trainer(&config);
    finish(&mut trainer);
    let drawn = replies(&trainer, message("What are you?"));
    assert!(drawn.len() > 1);
    assert_eq!(drawn.iter().map(|reply| reply.times).sum::<u32>(), 5);
    let likelihood = |reply: &ChatReply| -> f64 {
        let logs = reply
            .tokens
            .iter()
            .map(|token| f64::from(token.probability).ln());
        logs.sum()
    };
    assert!(drawn.is_sorted_by(|a, b| likelihood(a) >= likelihood(b)));
    for reply in &drawn {
        let perplexity = (-likelihood(reply) / reply.tokens.len() as f64).exp();
        assert!((reply.perplexity - perplexity).abs() < 1e-4 * perplexity);
        assert!(reply.tokens.iter().all(|token| token.entropy > 0.0));
    }
    assert_eq!(drawn, replies(&trainer, message("What are you?")));
    let anew = replies(
        &trainer,
        ChatMessage {
            draw: 2,
            ..message("What are you?")
        },
    );
    assert_ne!(drawn, anew);
    let sure = ChatMessage {
        temperature: 0.0,
        ..message("What are you?")
    };
    let sure = replies(&trainer, sure);
    assert_eq!((sure.len(), sure[0].times), (1, 5));
    let short = ChatMessage {
        max_output: 2,
        ..message("What are you?")
    };
    let short = replies(&trainer, short);
    assert!(short.iter().all(|reply| reply.tokens.len() <= 2));

    let ChatAnswer::Reply { input, .. } =
        ask(&trainer, ChatQuestion::Reply(message("What are xyzzy 😀?"))).unwrap()
    else {
        panic!("no reply")
    };
    let known: Vec<(&str, bool)> = input
        .iter()
        .map(|token| (token.text.as_str(), token.known))
        .collect();
    let expected = [("what", true), ("are", true), ("xyzzy", false), ("?", true)];
    assert_eq!(known, expected);
    assert!(replies(&trainer, message(" 😀 ")).is_empty());
    let many = ChatMessage {
        candidates: 1_000_000,
        ..message("Hi")
    };
    let error = ask(&trainer, ChatQuestion::Reply(many)).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("candidates"));
}

#[test]
fn greedy_scoring_and_a_draw_without_chance_agree() {
    let config = Config {
        epochs: 2,
        hidden: 32,
        embedding: 32,
        ..Config::for_task(TaskKind::Chat)
    };
    let mut trainer = trainer(&config);
    let events = finish(&mut trainer);
    let samples = events.iter().rev().find_map(|event| match event {
        Event::Epoch { samples, .. } => Some(samples.clone()),
        _ => None,
    });
    let samples = samples.unwrap();
    assert!(samples.len() > 3);
    for sample in samples {
        let question = ChatMessage {
            candidates: 1,
            temperature: 0.0,
            max_output: config.max_output,
            ..message(&sample.input)
        };
        assert_eq!(replies(&trainer, question)[0].text, sample.output);
    }
}

#[test]
fn cleaning_and_the_choice_of_the_bot_change_the_data() {
    let text = "A: Hi 😀\nB: HELLO https://example.org\nA: Fine?\nB: Yes\nA: Bye\nB: So long my dear friend\nB: 😀\nA: Ok\n";
    let start = Config {
        validation_share: 0.0,
        test_share: 0.0,
        ..Config::for_task(TaskKind::Chat)
    };
    let texts = |config: &Config| -> Vec<(String, String)> {
        let task = chat(config, "talk.txt", text).unwrap();
        let mut texts: Vec<_> = task
            .texts(Part::Train)
            .map(|(question, reply)| (question.to_string(), reply.to_string()))
            .collect();
        texts.sort();
        texts
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|&(a, b)| (a.into(), b.into())).collect()
    };
    let b = [
        ("Bye", "So long my dear friend"),
        ("Fine?", "Yes"),
        ("Hi", "HELLO"),
    ];
    assert_eq!(texts(&start), pairs(&b));
    let config = Config {
        longest_reply: 4,
        ..start.clone()
    };
    assert_eq!(texts(&config), pairs(&b[1..]));
    let config = Config {
        drop_emoji: false,
        drop_links: false,
        ..start.clone()
    };
    assert_eq!(
        texts(&config)[2],
        ("Hi 😀".into(), "HELLO https://example.org".into())
    );
    let config = Config {
        bot: 1,
        ..start.clone()
    };
    let a = [
        ("HELLO", "Fine?"),
        ("So long my dear friend", "Ok"),
        ("Yes", "Bye"),
    ];
    assert_eq!(texts(&config), pairs(&a));
    let report = chat(&config, "talk.txt", text).unwrap().report().clone();
    assert_eq!(report.bot, Some(1));
    let names: Vec<_> = report
        .speakers
        .iter()
        .map(|who| who.name.as_str())
        .collect();
    assert_eq!(names, ["A", "B"]);

    for (lowered, known) in [
        (Lowered::Questions, 1),
        (Lowered::All, 2),
        (Lowered::None, 0),
    ] {
        let config = Config {
            lowered,
            ..start.clone()
        };
        let task = chat(&config, "talk.txt", "Ab\tCd\nAb\tCd\n").unwrap();
        let vocabulary = task.vocabularies()["vocabulary"].to_string();
        let lower = ["\"ab\"", "\"cd\""].map(|word| vocabulary.contains(word));
        assert_eq!(
            lower.iter().filter(|&&lower| lower).count(),
            known,
            "{vocabulary}"
        );
    }
}

#[test]
fn tiny_and_wrong_data_get_a_sentence() {
    let config = Config::for_task(TaskKind::Chat);
    assert_eq!(
        Chat::read(&[]).map(|_| ()).unwrap_err().code,
        ErrorCode::File
    );
    let refused = |text: &str| chat(&config, "own.tsv", text).map(|_| ()).unwrap_err();
    assert!(refused("Hi\tHello\n").message.contains("holds 1 pair"));
    let long = format!("Hi\t{0}\nBye\t{0}\n", "word ".repeat(30));
    assert!(
        refused(&long)
            .message
            .contains("raise the limits of length")
    );
    let nine: String = (0..9)
        .map(|i| format!("Question {i}?\tReply {i}.\n"))
        .collect();
    let task = chat(&config, "own.tsv", &nine).unwrap();
    let small = Config {
        hidden: 8,
        embedding: 8,
        epochs: 2,
        ..config.clone()
    };
    let mut trainer = Trainer::new(Rc::new(task), small, &Device::flex()).unwrap();
    assert!(matches!(
        finish(&mut trainer).last(),
        Some(Event::Finished { .. })
    ));

    let all = Config {
        validation_share: 0.0,
        test_share: 0.0,
        hidden: 8,
        embedding: 8,
        ..config
    };
    let task = chat(&all, "own.tsv", &nine).unwrap();
    let trainer = Trainer::new(Rc::new(task), all, &Device::flex()).unwrap();
    let question = ChatQuestion::Variety {
        questions: 100,
        max_output: 5,
    };
    let error = ask(&trainer, question).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("validation_share"));
}

#[test]
fn nothing_validated_on_was_trained_on() {
    let config = Config::for_task(TaskKind::Chat);
    let task = chat(&config, "small_talk.tsv", SMALL_TALK).unwrap();
    let questions = |part| -> HashSet<String> {
        task.texts(part)
            .map(|(question, _)| question.to_lowercase())
            .collect()
    };
    let [train, validation, test] = [Part::Train, Part::Validation, Part::Test].map(questions);
    assert!(train.is_disjoint(&validation) && train.is_disjoint(&test));
    assert!(validation.is_disjoint(&test));
    let share = |part: &HashSet<String>| part.len() as f64 / SMALL_TALK.lines().count() as f64;
    assert!((share(&validation) - 0.15).abs() < 0.01 && (share(&test) - 0.15).abs() < 0.01);
}

#[test]
fn the_lesson_fits_into_memory_and_counts_one_embedding() {
    let lesson = Chat::info().presets.remove(1).config;
    let task = chat(&lesson, "small_talk.tsv", SMALL_TALK).unwrap();
    let summary = task.summary(&lesson);
    assert_eq!(summary.refusal, None);
    let embeddings = summary
        .layers
        .iter()
        .filter(|layer| layer.kind == "Embedding");
    let names: Vec<&str> = embeddings.map(|layer| layer.name.as_str()).collect();
    // By this name its vectors are looked at.
    assert_eq!(names, [task.embeddings()[0].layer]);
    assert_eq!(
        (lesson.layers, lesson.hidden, lesson.embedding),
        (3, 1_024, 1_024)
    );
    println!(
        "{} parameters, {:.2} GB",
        summary.parameters,
        summary.memory_bytes / 1e9
    );
}
