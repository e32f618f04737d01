//! Models that other people's tools open: small ones of every kind stand in `tests/export`, each with
//! what it must answer. This holds the crate to these answers; `npm run check-export` holds PyTorch and
//! Keras to the same ones.
//!
//! `cargo test --test export -- --ignored` trains the models anew.

mod common;

use burn::prelude::*;
use common::*;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::rc::Rc;
use unrolled::batch::{Padded, pad};
use unrolled::checkpoint::{Checkpoint, HistoryKept, Precision, Slim, slim};
use unrolled::config::{
    Activation, AttentionKind, CellKind, Config, Cut, Framing, InputKind, Lengths, Level, Lowered,
    Pooling, Presentation,
};
use unrolled::corpus::TextFile;
use unrolled::decode::Sampling;
use unrolled::model::{AnyModel, Model};
use unrolled::models::{Classifier, LanguageModel, Seq2Seq, SkipGram, TextClassifier};
use unrolled::nn::{Dropout, Input};
use unrolled::tasks::{
    Answer, Chat, ChatAnswer, ChatMessage, ChatQuestion, Classification, ClassificationAnswer,
    ClassificationQuestion, Generation, GenerationAnswer, GenerationQuestion, Parity, ParityAnswer,
    ParityQuestion, Request, Task, TaskKind, Translation, TranslationQuestion, Vectors,
    VectorsAnswer, VectorsQuestion,
};
use unrolled::text::PAD;
use unrolled::train::Trainer;

/// The crate is the same on every machine but for the order of sums.
const TOLERANCE: f32 = 1e-5;

/// What to do with the cases.
#[derive(Clone, Copy)]
enum Mode {
    /// Train the models, and write them with their answers.
    Write,
    /// Compare what the written models answer.
    Check,
}

#[test]
fn the_models_answer_as_they_did() {
    all(Mode::Check);
}

#[test]
#[ignore = "it writes the models that the other tests read"]
fn train_the_models() {
    all(Mode::Write);
}

fn all(mode: Mode) {
    parities(mode);
    writers(mode);
    translators(mode);
    chats(mode);
    classifiers(mode);
    vectors(mode);
}

fn file(name: &str, extension: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/export");
    PathBuf::from(folder).join(format!("{name}.{extension}"))
}

/// One model, stored in this precision. `inputs` makes from the vocabularies what the network reads, `logits` gives the
/// network's logits for it, and `questions` are asked as a user does, of which the last one counts.
fn case<T: Task>(
    mode: Mode,
    (name, precision): (&str, Precision),
    config: Config,
    texts: &[(&str, String)],
    inputs: impl Fn(&Value) -> Value,
    logits: impl Fn(&T::Network, &Value) -> Value,
    questions: (&str, Vec<Request>),
) {
    let device = Device::flex();
    if let Mode::Write = mode {
        let texts = texts.iter().map(|(name, text)| TextFile {
            name: (*name).into(),
            text: text.clone(),
        });
        let corpus = T::read(&texts.collect::<Vec<_>>()).unwrap();
        let task = Rc::new(T::new(&config, &corpus).unwrap());
        let mut trainer = Trainer::new(task, config, &device).unwrap();
        finish(&mut trainer);
        let options = Slim {
            licence: "CC0: made up for a test".into(),
            weights_only: true,
            precision,
            history: HistoryKept::None,
            ..Slim::default()
        };
        let bytes = slim(&ready(trainer.checkpoint()).unwrap(), &options).unwrap();
        std::fs::write(file(name, "safetensors"), bytes).unwrap();
    }
    let bytes = std::fs::read(file(name, "safetensors")).unwrap();
    let checkpoint = Checkpoint::read(&bytes).unwrap();
    let model = Model::<T>::open(&checkpoint, &device).unwrap();
    let answers = |inputs: &Value| {
        let (asked, requests) = &questions;
        let answers = requests.iter().map(|request| {
            let answer = ready(model.answer(request, &mut |_| ())).unwrap();
            said(&answer)
        });
        json!({
            "inputs": inputs,
            "logits": logits(model.network(), inputs),
            "asked": asked,
            "answer": answers.last(),
        })
    };
    if let Mode::Write = mode {
        let answers = answers(&inputs(&checkpoint.header.vocabularies));
        std::fs::write(file(name, "json"), format!("{answers}\n")).unwrap();
    }
    let text = std::fs::read_to_string(file(name, "json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let found = answers(&expected["inputs"]);
    assert_eq!(found["answer"], expected["answer"], "{name}");
    let (mut left, mut right) = (Vec::new(), Vec::new());
    numbers(&found["logits"], &mut left);
    numbers(&expected["logits"], &mut right);
    assert!(!right.is_empty(), "{name} has no logits");
    assert_close(name, &left, &right, TOLERANCE);
}

/// All numbers in nested lists.
fn numbers(value: &Value, into: &mut Vec<f32>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| numbers(value, into)),
        value => into.push(value.as_f64().unwrap() as f32),
    }
}

/// An answer in a few words.
fn said(answer: &Answer) -> String {
    match answer {
        Answer::Parity(ParityAnswer::Bits { steps }) => {
            let odd = steps.last().unwrap().odd;
            if odd { "odd" } else { "even" }.into()
        }
        Answer::Generation(GenerationAnswer::Text { tokens, .. }) => {
            tokens.iter().map(|token| token.text.as_str()).collect()
        }
        Answer::Translation(answer) => answer.hypotheses[0].text.clone(),
        Answer::Chat(ChatAnswer::Reply { replies, .. }) => replies[0].text.clone(),
        Answer::Classification(ClassificationAnswer::Text(read)) => {
            let last = read.tokens.last().unwrap().probabilities.as_ref().unwrap();
            let best = (0..last.len()).max_by(|&a, &b| last[a].total_cmp(&last[b]));
            read.classes[best.unwrap()].clone()
        }
        Answer::Vectors(VectorsAnswer::Words { words, .. }) => {
            let words: Vec<&str> = words.iter().map(|near| near.word.as_str()).collect();
            words.join(" ")
        }
        _ => panic!("another answer"),
    }
}

/// Token ids of a vocabulary with so many tokens in each row: an unknown one, and all kinds of others.
fn ids(vocabulary: &Value, lengths: &[usize]) -> Value {
    let words = vocabulary.as_array().unwrap().len() - 4;
    let row = |(row, &length): (usize, &usize)| {
        let id = |step: usize| match (row + step) % 5 {
            4 => 1,
            _ => 4 + (row * 7 + step * 5) % words,
        };
        (0..length).map(id).collect::<Vec<_>>()
    };
    json!(lengths.iter().enumerate().map(row).collect::<Vec<_>>())
}

fn rows(value: &Value) -> Vec<Vec<u32>> {
    serde_json::from_value(value.clone()).unwrap()
}

/// Rows of ids, padded and time first.
fn padded(rows: &[Vec<u32>]) -> (Tensor<1, Int>, Vec<usize>, usize) {
    let Padded { ids, time, lengths } = pad(rows, PAD);
    let count = ids.len();
    let ids = Tensor::from_data(TensorData::new(ids, [count]), &Device::flex());
    (ids, lengths, time)
}

/// Logits `[time·batch, classes]`, time first, as `[row][time][class]` without the padding.
fn by_row(logits: Tensor<2>, lengths: &[usize]) -> Value {
    let classes = logits.dims()[1];
    let values = values(logits);
    let at = |row: usize, step: usize| &values[(step * lengths.len() + row) * classes..][..classes];
    let row = |(row, &length): (usize, &usize)| {
        (0..length)
            .map(|step| at(row, step).to_vec())
            .collect::<Vec<_>>()
    };
    json!(lengths.iter().enumerate().map(row).collect::<Vec<_>>())
}

/// Logits `[rows, classes]` as lists.
fn lists(logits: Tensor<2>) -> Value {
    let classes = logits.dims()[1];
    let values = values(logits);
    json!(
        values
            .chunks(classes)
            .map(<[f32]>::to_vec)
            .collect::<Vec<_>>()
    )
}

/// Settings of a network that is trained in a moment.
fn tiny(task: TaskKind) -> Config {
    Config {
        hidden: 8,
        embedding: 6,
        batch: 8,
        epochs: 12,
        learning_rate: 0.02,
        patience: 0,
        validation_share: 0.0,
        test_share: 0.0,
        dropout: 0.0,
        recurrent_dropout: 0.0,
        sample_every: 0,
        temperature: 0.0,
        first_top_k: 0,
        top_k: 0,
        ..Config::for_task(task)
    }
}

fn parities(mode: Mode) {
    let config = Config {
        strings: 200,
        bits: 7,
        lengths: Lengths::Mixed,
        epochs: 6,
        ..tiny(TaskKind::Parity)
    };
    let logits = |network: &Classifier, inputs: &Value| {
        let strings: Vec<String> = serde_json::from_value(inputs["bits"].clone()).unwrap();
        let lengths: Vec<usize> = strings.iter().map(String::len).collect();
        let time = lengths.iter().copied().max().unwrap();
        let mut bits = vec![0f32; time * strings.len()];
        for (row, string) in strings.iter().enumerate() {
            for (step, bit) in string.chars().enumerate() {
                bits[step * strings.len() + row] = if bit == '1' { 1.0 } else { -1.0 };
            }
        }
        let device = Device::flex();
        let bits = Tensor::<3>::from_data(TensorData::new(bits, [time, strings.len(), 1]), &device);
        let input = Input::Vectors(bits);
        let states = network.hidden_states(input, &lengths, time, &Dropout::OFF, &device);
        let hidden = states.dims()[2];
        let rows = states.reshape([time * strings.len(), hidden]);
        by_row(network.output.forward(rows), &lengths)
    };
    let cases = [
        ("parity-lstm", CellKind::Lstm, 3, Framing::Parity),
        ("parity-gru", CellKind::Gru, 1, Framing::Parity),
        ("parity-relu-count", CellKind::Rnn, 2, Framing::Count),
    ];
    for (name, cell, layers, framing) in cases {
        let config = Config {
            cell,
            layers,
            framing,
            activation: Activation::Relu,
            ..config.clone()
        };
        let inputs = |_: &Value| json!({ "bits": ["1011001", "0", "110"] });
        let asked = "1011001";
        let question = ParityQuestion::Bits { bits: asked.into() };
        let questions = (asked, vec![question.into()]);
        case::<Parity>(
            mode,
            (name, Precision::F32),
            config,
            &[],
            inputs,
            logits,
            questions,
        );
    }
}

fn writers(mode: Mode) {
    let sea = "the sea is blue and the sky is grey. a ship sails by. ".repeat(6);
    let farm = "my cow eats grass, and your hen eats corn! who milks? ".repeat(6);
    let logits = |network: &LanguageModel, inputs: &Value| {
        let (ids, lengths, time) = padded(&rows(&inputs["ids"]));
        let blend: Vec<Vec<f32>> = serde_json::from_value(inputs["blend"].clone()).unwrap();
        let blend = TensorData::new(blend.concat(), [lengths.len(), blend[0].len()]);
        let style = network.blend(Tensor::from_data(blend, &Device::flex()), time);
        let (states, _) = network.forward(ids, style, lengths.len(), Vec::new(), &Dropout::OFF);
        let hidden = states.dims()[2];
        let rows = states.reshape([time * lengths.len(), hidden]);
        by_row(network.output.forward(rows), &lengths)
    };
    let config = Config {
        window: 12,
        epochs: 20,
        ..tiny(TaskKind::Generation)
    };
    let cases = [
        (
            "writer-lstm-one-hot",
            1,
            Config {
                layers: 2,
                input: InputKind::OneHot,
                level: Level::Char,
                lowercase: true,
                ..config.clone()
            },
        ),
        (
            "writer-tanh-one-hot-styles",
            2,
            Config {
                cell: CellKind::Rnn,
                input: InputKind::OneHot,
                level: Level::Char,
                ..config.clone()
            },
        ),
        (
            "writer-gru-words-windows",
            1,
            Config {
                cell: CellKind::Gru,
                level: Level::Word,
                presentation: Presentation::Windows,
                window: 4,
                stride: 1,
                input: InputKind::Embedding,
                epochs: 6,
                // Drawn at random, from one token only.
                temperature: 0.5,
                top_p: 0.05,
                ..config.clone()
            },
        ),
        (
            "writer-gru-embedding-styles",
            2,
            Config {
                cell: CellKind::Gru,
                level: Level::Word,
                window: 4,
                input: InputKind::Embedding,
                ..config
            },
        ),
    ];
    for (name, styles, config) in cases {
        let precision = match name {
            "writer-lstm-one-hot" => Precision::F16,
            _ => Precision::F32,
        };
        let texts = [("sea.txt", sea.clone()), ("farm.txt", farm.clone())];
        let blend = |row: usize| match styles {
            1 => vec![1.0],
            _ => vec![0.25 * row as f32, 1.0 - 0.25 * row as f32],
        };
        let inputs = |vocabularies: &Value| {
            json!({
                "ids": ids(&vocabularies["vocabulary"], &[6, 6]),
                "blend": [blend(0), blend(1)],
            })
        };
        let first: Vec<f64> = (0..styles)
            .map(|style| if style == 0 { 1.0 } else { 0.0 })
            .collect();
        let asked = "the sea";
        let start = GenerationQuestion::Start {
            seed: asked.into(),
            blend: first.clone(),
            random: 1,
        };
        let go_on = GenerationQuestion::Continue {
            count: 12,
            blend: first,
            sampling: Sampling {
                temperature: config.temperature,
                top_k: config.top_k,
                top_p: config.top_p,
            },
        };
        let questions = (asked, vec![start.into(), go_on.into()]);
        let texts = &texts[..styles];
        case::<Generation>(
            mode,
            (name, precision),
            config,
            texts,
            inputs,
            logits,
            questions,
        );
    }
}

/// Logits of the right answers' tokens, with the right token before each one known.
fn seq2seq_logits(network: &Seq2Seq, inputs: &Value) -> Value {
    let (source, lengths, _) = padded(&rows(&inputs["source"]));
    let encoded = network.encode(source, &lengths, &Dropout::OFF);
    let (target, lengths, _) = padded(&rows(&inputs["target"]));
    let (rows, _, _) = network.decode(target, &lengths, encoded.into(), &Dropout::OFF);
    by_row(network.output.forward(rows), &lengths)
}

fn translators(mode: Mode) {
    let mut pairs = String::new();
    for (subject, who) in [
        ("the cat", "el gato"),
        ("my dog", "mi perro"),
        ("a bird", "un pájaro"),
    ] {
        for (verb, does) in [
            ("sleeps", "duerme"),
            ("eats", "come"),
            ("is here", "está aquí"),
        ] {
            for (end, last) in [(".", "."), (", too!", " también.")] {
                pairs += &format!("{subject} {verb}{end}\t{who} {does}{last}\n");
            }
        }
    }
    let config = Config {
        epochs: 60,
        ..tiny(TaskKind::Translation)
    };
    let cases = [
        (
            "translator-lstm-general",
            Config {
                lowercase: true,
                ..config.clone()
            },
        ),
        (
            "translator-gru-dot-one-hot",
            Config {
                cell: CellKind::Gru,
                layers: 2,
                attention: AttentionKind::Dot,
                input: InputKind::OneHot,
                ..config.clone()
            },
        ),
        (
            "translator-tanh-additive",
            Config {
                cell: CellKind::Rnn,
                attention: AttentionKind::Additive,
                learning_rate: 0.01,
                ..config.clone()
            },
        ),
        (
            "translator-lstm-characters",
            Config {
                attention: AttentionKind::None,
                level: Level::Char,
                max_tokens: 40,
                layers: 2,
                epochs: 20,
                ..config.clone()
            },
        ),
        (
            "translator-gru-scripts",
            Config {
                cell: CellKind::Gru,
                ..config
            },
        ),
    ];
    let scripts = "猫が寝る。\tबिल्ली सोती है।\n犬が食べる。\tकुत्ता खाता है।\n猫が食べる。\tबिल्ली खाती है।\n犬が寝る。\tकुत्ता सोता है।\n";
    for (name, config) in cases {
        let precision = match name {
            "translator-tanh-additive" => Precision::I8,
            _ => Precision::F32,
        };
        let inputs = |vocabularies: &Value| {
            json!({
                "source": ids(&vocabularies["source"], &[3, 6, 1]),
                "target": ids(&vocabularies["target"], &[5, 2, 4]),
            })
        };
        let (asked, pairs) = match name {
            "translator-gru-scripts" => ("猫が食べる。", scripts),
            _ => ("my dog is here, too!", pairs.as_str()),
        };
        let question = TranslationQuestion {
            text: asked.into(),
            beam: 1,
            length_penalty: 1.0,
            max_output: config.max_output,
        };
        let questions = (asked, vec![question.into()]);
        let texts = [("pairs.tsv", pairs.to_string())];
        case::<Translation>(
            mode,
            (name, precision),
            config,
            &texts,
            inputs,
            seq2seq_logits,
            questions,
        );
    }
}

fn chats(mode: Mode) {
    let talk = [
        ("Hello there!", "Hi, how are you?"),
        ("How are you?", "I am well."),
        ("Who are you?", "A small network."),
        ("What do you eat?", "Numbers, mostly."),
        ("Good night.", "Sleep well!"),
        ("Thank you.", "You are welcome."),
        ("Do you like music?", "I like rhythm."),
        ("Goodbye!", "See you soon."),
    ];
    let talk: String = talk
        .iter()
        .map(|(question, reply)| format!("{question}\t{reply}\n"))
        .collect();
    let config = Config {
        epochs: 80,
        batch: 4,
        ..tiny(TaskKind::Chat)
    };
    let cases = [
        ("chat-gru", config.clone()),
        (
            "chat-lstm-additive-one-hot",
            Config {
                cell: CellKind::Lstm,
                attention: AttentionKind::Additive,
                input: InputKind::OneHot,
                lowered: Lowered::All,
                drop_links: false,
                ..config.clone()
            },
        ),
        (
            "chat-gru-dot-layers",
            Config {
                layers: 3,
                attention: AttentionKind::Dot,
                lowered: Lowered::None,
                drop_emoji: false,
                temperature: 0.8,
                first_top_k: 1,
                top_k: 1,
                top_p: 0.9,
                ..config
            },
        ),
    ];
    for (name, config) in cases {
        let inputs = |vocabularies: &Value| {
            json!({
                "source": ids(&vocabularies["vocabulary"], &[2, 5]),
                "target": ids(&vocabularies["vocabulary"], &[4, 3]),
            })
        };
        let asked = "Who are you?";
        let message = ChatMessage {
            text: asked.into(),
            candidates: 1,
            temperature: config.temperature,
            first_top_k: config.first_top_k,
            top_k: config.top_k,
            top_p: config.top_p,
            max_output: config.max_output,
            draw: 1,
        };
        let questions = (asked, vec![ChatQuestion::Reply(message).into()]);
        let texts = [("talk.tsv", talk.clone())];
        case::<Chat>(
            mode,
            (name, Precision::F32),
            config,
            &texts,
            inputs,
            seq2seq_logits,
            questions,
        );
    }
}

fn classifiers(mode: Mode) {
    let mut reviews = String::new();
    for subject in ["The phone", "This film", "My room", "Our meal"] {
        for (opinion, class) in [
            ("is great", "good"),
            ("was lovely", "good"),
            ("is awful", "bad"),
            ("broke at once", "bad"),
            ("is blue", "neither"),
        ] {
            reviews += &format!("{subject} {opinion}.\t{class}\n");
        }
    }
    let logits = |network: &TextClassifier, inputs: &Value| {
        let (ids, lengths, _) = padded(&rows(&inputs["ids"]));
        let rows = network.read(ids, &lengths, &Dropout::OFF);
        lists(network.output.forward(rows))
    };
    let config = Config {
        epochs: 30,
        ..tiny(TaskKind::Classification)
    };
    let cases = [
        ("classifier-lstm-last", config.clone()),
        (
            "classifier-gru-mean",
            Config {
                cell: CellKind::Gru,
                layers: 2,
                pooling: Pooling::Mean,
                cut_to: 4,
                cut_from: Cut::Back,
                ..config
            },
        ),
    ];
    for (name, config) in cases {
        let inputs =
            |vocabularies: &Value| json!({ "ids": ids(&vocabularies["vocabulary"], &[3, 7, 1]) });
        let asked = "Our film is awful";
        let question = ClassificationQuestion::Text { text: asked.into() };
        let questions = (asked, vec![question.into()]);
        let texts = [("reviews.tsv", reviews.clone())];
        case::<Classification>(
            mode,
            (name, Precision::F32),
            config,
            &texts,
            inputs,
            logits,
            questions,
        );
    }
}

fn vectors(mode: Mode) {
    let mut text = String::new();
    for animal in ["cat", "dog", "cow", "hen"] {
        for food in ["bread", "rice", "corn"] {
            text += &format!("The {animal} eats fresh {food}. My old {animal} sleeps. ");
        }
    }
    let config = Config {
        min_count: 1,
        context: 2,
        negatives: 3,
        thinning: 1.0,
        batch: 32,
        ..tiny(TaskKind::Vectors)
    };
    let inputs =
        |_: &Value| json!({ "centres": [4, 5, 9], "candidates": [[6, 7], [4, 1], [8, 5]] });
    let logits = |network: &SkipGram, inputs: &Value| {
        let device = Device::flex();
        let flat = |value: &Value| {
            let mut ids = Vec::new();
            numbers(value, &mut ids);
            let ids: Vec<i32> = ids.into_iter().map(|id| id as i32).collect();
            let count = ids.len();
            Tensor::<1, Int>::from_data(TensorData::new(ids, [count]), &device)
        };
        lists(network.forward(flat(&inputs["centres"]), flat(&inputs["candidates"])))
    };
    let asked = "cat";
    let question = VectorsQuestion::Nearest {
        table: 0,
        word: asked.into(),
        count: 5,
    };
    let questions = (asked, vec![question.into()]);
    let texts = [("farm.txt", text)];
    case::<Vectors>(
        mode,
        ("vectors", Precision::F32),
        config,
        &texts,
        inputs,
        logits,
        questions,
    );
}
