//! Models as files: every version that was ever written, smaller copies, networks trained on, and what is no model.

mod common;

use burn::prelude::*;
use common::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use unrolled::checkpoint::{Checkpoint, HistoryKept, Precision, Slim, slim};
use unrolled::corpus::TextFile;
use unrolled::error::ErrorCode;
use unrolled::rng::{Rng, Stream};
use unrolled::tasks::{Answer, Request, TASKS, TaskKind};
use unrolled::train::{Event, Origin, Run};

/// A file of the folder `files`: `v1-chat` and the like are models in the middle of their second epoch.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/native/files")
        .join(name)
}

/// A task's name in the names of files.
fn name(task: TaskKind) -> String {
    serde_json::to_value(task)
        .unwrap()
        .as_str()
        .unwrap()
        .to_string()
}

fn saved(version: u32, task: TaskKind) -> Vec<u8> {
    std::fs::read(path(&format!("v{version}-{}.safetensors", name(task)))).unwrap()
}

/// What a file's network was asked and answered when it was saved, and the data it was trained on.
struct Record {
    question: Request,
    answer: Answer,
    data: Vec<TextFile>,
}

fn record(task: TaskKind) -> Record {
    let json = std::fs::read_to_string(path(&format!("v1-{}.json", name(task)))).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let text = json["data"].as_str().unwrap();
    let file = TextFile {
        name: format!("{}.txt", name(task)),
        text: text.into(),
    };
    Record {
        question: serde_json::from_value(json["question"].clone()).unwrap(),
        answer: serde_json::from_value(json["answer"].clone()).unwrap(),
        data: if text.is_empty() {
            Vec::new()
        } else {
            vec![file]
        },
    }
}

/// What the model in a file answers, without its data.
fn asked(bytes: &[u8], question: &Request) -> Answer {
    let model = TaskKind::open(&Checkpoint::read(bytes).unwrap(), &Device::flex()).unwrap();
    ready(model.answer(question, &mut |_| {})).unwrap()
}

/// The run in a file, with its data.
fn restored(bytes: &[u8], data: &[TextFile]) -> Box<dyn Run> {
    let config = Checkpoint::read(bytes).unwrap().header.config;
    let loaded = config.task.load(data).unwrap();
    loaded
        .prepare(&config, None)
        .unwrap()
        .restore(bytes, &Device::flex())
        .unwrap()
}

/// The losses of so many steps.
fn losses(run: &mut dyn Run, steps: usize) -> Vec<f64> {
    let mut losses = Vec::new();
    while losses.len() < steps {
        for event in ready(run.advance(std::time::Duration::ZERO)).unwrap() {
            if let Event::Progress { loss, .. } = event {
                losses.push(loss);
            }
        }
    }
    losses
}

/// All numbers of an answer, in order.
fn numbers(answer: &Answer) -> Vec<f32> {
    fn collect(value: &Value, numbers: &mut Vec<f32>) {
        match value {
            Value::Number(number) => numbers.push(number.as_f64().unwrap() as f32),
            Value::Array(values) => values.iter().for_each(|value| collect(value, numbers)),
            Value::Object(values) => values.values().for_each(|value| collect(value, numbers)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(&serde_json::to_value(answer).unwrap(), &mut found);
    found
}

#[test]
fn every_version_of_every_task_answers_as_it_did_when_it_was_saved() {
    for version in 1..=2 {
        for &task in TASKS {
            let record = record(task);
            let answer = asked(&saved(version, task), &record.question);
            assert_close(
                &name(task),
                &numbers(&answer),
                &numbers(&record.answer),
                1e-5,
            );
        }
    }
}

#[test]
fn every_version_of_every_task_goes_on_where_it_was() {
    for &task in TASKS {
        let data = record(task).data;
        let runs = [1, 2].map(|version| restored(&saved(version, task), &data));
        let [first, second] = runs.map(|mut run| losses(&mut *run, 12));
        assert_eq!(first, second, "{}", name(task));
        assert!(first.iter().all(|loss| loss.is_finite()));
    }
}

#[test]
fn a_file_goes_through_a_model_without_data_and_comes_back_whole() {
    for &task in TASKS {
        let data = record(task).data;
        let bytes = ready(restored(&saved(1, task), &data).checkpoint()).unwrap();
        let file = Checkpoint::read(&bytes).unwrap();
        let facts = file.facts();
        assert_eq!(facts.version, 2);
        assert!(facts.resumable);
        assert!(facts.validation.is_some(), "{}", name(task));
        assert!(facts.data.rows.is_empty() && facts.data.columns.is_empty());
        let copy = slim(&bytes, &Slim::default()).unwrap();
        let again = losses(&mut *restored(&copy, &data), 8);
        assert_eq!(again, losses(&mut *restored(&bytes, &data), 8));
    }
}

#[test]
fn smaller_files_answer_almost_the_same() {
    for &task in TASKS {
        let Record { question, data, .. } = record(task);
        let bytes = ready(restored(&saved(1, task), &data).checkpoint()).unwrap();
        let whole = numbers(&asked(&bytes, &question));
        let mut sizes = vec![bytes.len()];
        for (precision, tolerance) in [
            (Precision::F32, 1e-6),
            (Precision::F16, 4e-3),
            (Precision::I8, 4e-2),
        ] {
            let options = Slim {
                title: "A title".into(),
                licence: "CC0".into(),
                weights_only: true,
                precision,
                history: HistoryKept::None,
            };
            let small = slim(&bytes, &options).unwrap();
            let file = Checkpoint::read(&small).unwrap();
            let facts = file.facts();
            assert_eq!(
                (facts.title.as_str(), facts.licence.as_str()),
                ("A title", "CC0")
            );
            // Of four rows none is worth 8 bits.
            assert!(facts.precision == precision || precision == Precision::I8);
            assert!(!facts.resumable);
            assert!(facts.validation.is_some() && file.header.progress.history.is_empty());
            // Which words are drawn, or lie nearest, may turn on the last digit.
            if !matches!(
                task,
                TaskKind::Chat | TaskKind::Translation | TaskKind::Vectors
            ) {
                assert_close(
                    &name(task),
                    &numbers(&asked(&small, &question)),
                    &whole,
                    tolerance,
                );
            }
            // It can be trained on, with an optimizer that begins anew.
            losses(&mut *restored(&small, &data), 2);
            sizes.push(small.len());
        }
        // Matrices of four rows are hardly smaller in 8 bits than in 16.
        assert!(
            sizes.is_sorted_by(|a, b| *a as f64 > 0.9 * *b as f64),
            "{}: {sizes:?}",
            name(task)
        );
    }
}

#[test]
fn a_network_is_trained_on_with_other_data() {
    for &task in TASKS {
        let Record { question, data, .. } = record(task);
        let bytes = saved(1, task);
        let file = Checkpoint::read(&bytes).unwrap();
        let config = file.header.config.clone();
        // The same words in another order, and some that the network does not know.
        let other: Vec<TextFile> = data
            .iter()
            .map(|file| {
                let mut lines: Vec<&str> = file.text.lines().collect();
                lines.reverse();
                let text = lines.join("\n").replace("book", "brook");
                TextFile {
                    name: "other.txt".into(),
                    text,
                }
            })
            .collect();
        let loaded = task.load(&other).unwrap();
        let prepared = loaded
            .prepare(&config, Some(&file.header.vocabularies))
            .unwrap();
        let mut run = prepared
            .create(config, Origin::Model(&file), &Device::flex())
            .unwrap();
        assert_eq!(run.info().step, 0);
        let answer = ready(run.answer(&question, &mut |_| {})).unwrap();
        assert_close(
            &name(task),
            &numbers(&answer),
            &numbers(&asked(&bytes, &question)),
            1e-5,
        );
        assert!(losses(&mut *run, 3).iter().all(|loss| loss.is_finite()));
    }
}

#[test]
fn what_takes_the_data_says_so() {
    let asks = [
        (
            TaskKind::Generation,
            serde_json::json!({"task": "generation", "kind": "baseline"}),
        ),
        (
            TaskKind::Chat,
            serde_json::json!({"task": "chat", "kind": "variety", "questions": 5, "max_output": 5}),
        ),
        (
            TaskKind::Classification,
            serde_json::json!({"task": "classification", "kind": "report", "part": "test"}),
        ),
    ];
    for (task, question) in asks {
        let bytes = saved(1, task);
        let model = TaskKind::open(&Checkpoint::read(&bytes).unwrap(), &Device::flex()).unwrap();
        let question = serde_json::from_value(question).unwrap();
        let error = ready(model.answer(&question, &mut |_| {})).unwrap_err();
        assert_eq!(error.code, ErrorCode::State);
        assert!(error.message.contains("data"), "{error}");
    }
}

/// A file's metadata changed by a function.
fn with_header(bytes: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut json: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let mut header: Value =
        serde_json::from_str(json["__metadata__"]["unrolled"].as_str().unwrap()).unwrap();
    change(&mut header);
    json["__metadata__"]["unrolled"] = header.to_string().into();
    let json = json.to_string();
    let mut changed = (json.len() as u64).to_le_bytes().to_vec();
    changed.extend(json.as_bytes());
    changed.extend(&bytes[8 + length..]);
    changed
}

/// Opens what may be no model: its error.
fn refused(bytes: &[u8]) -> unrolled::error::Error {
    let open = || TaskKind::open(&Checkpoint::read(bytes)?, &Device::flex()).map(drop);
    open().unwrap_err()
}

#[test]
fn what_is_no_model_gets_a_sentence() {
    let whole = saved(2, TaskKind::Translation);
    for cut in [0, 1, 7, 8, 100, whole.len() / 2, whole.len() - 1] {
        let error = refused(&whole[..cut]);
        assert_eq!(error.code, ErrorCode::Checkpoint);
        assert!(error.message.contains("no whole model"), "{error}");
    }
    // A header longer than the file, and than any file.
    for length in [whole.len() as u64, 1 << 40, u64::MAX] {
        let mut bytes = whole.clone();
        bytes[..8].copy_from_slice(&length.to_le_bytes());
        assert_eq!(refused(&bytes).code, ErrorCode::Checkpoint);
    }
    let foreign = safetensors::serialize::<&str, safetensors::tensor::TensorView, _>([], None);
    let error = refused(&foreign.unwrap());
    assert!(error.message.contains("not written by Unrolled"), "{error}");
    for text in ["GIF89a", "PK\u{3}\u{4}", "{\"a\": 1}", "the cat\tel gato\n"] {
        assert_eq!(
            refused(text.repeat(20).as_bytes()).code,
            ErrorCode::Checkpoint
        );
    }
}

#[test]
fn files_that_lie_get_a_sentence() {
    let whole = saved(2, TaskKind::Translation);
    let newer = refused(&with_header(&whole, |header| header["version"] = 3.into()));
    assert!(newer.message.contains("newer Unrolled"), "{newer}");
    for change in [
        |header: &mut Value| header["version"] = 0.into(),
        |header: &mut Value| header["config"]["hidden"] = 1_024.into(),
        |header: &mut Value| header["config"]["hidden"] = 0.into(),
        |header: &mut Value| header["config"]["layers"] = 3.into(),
        |header: &mut Value| header["config"]["learning_rate"] = Value::Null,
        |header: &mut Value| header["config"]["task"] = "parity".into(),
        |header: &mut Value| header["config"]["task"] = "cooking".into(),
        |header: &mut Value| header["config"] = Value::Null,
        |header: &mut Value| header["vocabularies"] = Value::Null,
        |header: &mut Value| header["vocabularies"]["source"] = serde_json::json!(["a"]),
        |header: &mut Value| header["progress"]["step"] = u32::MAX.into(),
    ] {
        let error = refused(&with_header(&whole, change));
        assert_eq!(error.code, ErrorCode::Checkpoint);
        assert!(error.message.len() > 40, "{error}");
    }
    // What is not there keeps its default, what nobody knows is passed over.
    let bytes = with_header(&whole, |header| {
        header["config"]
            .as_object_mut()
            .unwrap()
            .remove("sample_length");
        header["config"]["colour"] = "red".into();
        header["data"].as_object_mut().unwrap().remove("styles");
    });
    Checkpoint::read(&bytes).unwrap();
    let mut poisoned = slim(
        &whole,
        &Slim {
            weights_only: true,
            ..Slim::default()
        },
    )
    .unwrap();
    let last = poisoned.len() - 4;
    poisoned[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    let last_is_a_weight = refused(&poisoned);
    assert!(
        last_is_a_weight.message.contains("no numbers"),
        "{last_is_a_weight}"
    );
}

/// Numbers that programs stumble over.
const NUMBERS: [f64; 12] = [
    0.0,
    -1.0,
    1.0,
    0.5,
    3.0,
    255.0,
    65_536.0,
    2_147_483_648.0,
    4_294_967_295.0,
    1e15,
    -1e300,
    1e300,
];

/// Changes one thing somewhere in a value.
fn mutate(value: &mut Value, rng: &mut Rng) {
    match value {
        Value::Object(entries) if !entries.is_empty() && rng.below(8) > 0 => {
            let key = entries
                .keys()
                .nth(rng.below(entries.len()))
                .unwrap()
                .clone();
            match rng.below(12) {
                0 => drop(entries.remove(&key)),
                _ => mutate(&mut entries[&key], rng),
            }
        }
        Value::Array(values) if !values.is_empty() && rng.below(8) > 0 => {
            let index = rng.below(values.len());
            match rng.below(12) {
                0 => drop(values.remove(index)),
                1 => values.push(values[index].clone()),
                2 => values.swap(index, 0),
                _ => mutate(&mut values[index], rng),
            }
        }
        value => {
            let number = NUMBERS[rng.below(NUMBERS.len())];
            *value = match rng.below(8) {
                0 => Value::Null,
                1 => Value::Bool(true),
                2 => "".into(),
                3 => "gru".into(),
                4 => Value::Array(Vec::new()),
                5 => serde_json::json!({}),
                _ if number.fract() == 0.0 && number.abs() < 1e16 => (number as i64).into(),
                _ => number.into(),
            };
        }
    }
}

/// A file with something wrong in its bytes, in the description of its tensors, or in its header.
fn mutated(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + rng.below(3) {
        match rng.below(8) {
            0 => bytes.truncate(rng.below(bytes.len() + 1)),
            1 | 2 => {
                if !bytes.is_empty() {
                    let place = rng.below(bytes.len());
                    bytes[place] = rng.below(256) as u8;
                }
            }
            kind => {
                let Some(length) = bytes
                    .first_chunk::<8>()
                    .map(|b| u64::from_le_bytes(*b) as usize)
                else {
                    continue;
                };
                let Some(json) = length.checked_add(8).and_then(|end| bytes.get(8..end)) else {
                    continue;
                };
                let Ok(mut json) = serde_json::from_slice::<Value>(json) else {
                    continue;
                };
                let entry = json["__metadata__"]["unrolled"]
                    .as_str()
                    .map(str::to_string);
                let header = entry.and_then(|entry| serde_json::from_str::<Value>(&entry).ok());
                match header {
                    Some(mut header) if kind < 7 => {
                        mutate(&mut header, rng);
                        json["__metadata__"]["unrolled"] = header.to_string().into();
                    }
                    _ => mutate(&mut json, rng),
                }
                let json = json.to_string();
                let mut whole = (json.len() as u64).to_le_bytes().to_vec();
                whole.extend(json.as_bytes());
                whole.extend(&bytes[8 + length..]);
                bytes = whole;
            }
        }
    }
    bytes
}

/// All that the page does with a file.
fn use_file(bytes: &[u8], question: &Request, data: &[TextFile]) -> unrolled::error::Result<()> {
    let file = Checkpoint::read(bytes)?;
    file.facts();
    slim(
        bytes,
        &Slim {
            weights_only: true,
            precision: Precision::I8,
            ..Slim::default()
        },
    )?;
    let model = TaskKind::open(&file, &Device::flex())?;
    model.preview();
    // A question to another task is an error, too.
    let answered = ready(model.answer(question, &mut |_| {}));
    let config = file.header.config.clone();
    let loaded = config.task.load(data)?;
    // Data of its own is small, however large the settings are.
    if config.task == TaskKind::Parity && config.strings * config.bits > 100_000 {
        return Ok(());
    }
    let same = loaded
        .prepare(&config, None)?
        .restore(bytes, &Device::flex());
    let trained_on = loaded
        .prepare(&config, Some(&file.header.vocabularies))?
        .create(config, Origin::Model(&file), &Device::flex());
    for run in [same, trained_on].into_iter().flatten() {
        let mut run = run;
        ready(run.advance(std::time::Duration::ZERO))?;
    }
    answered.map(drop)
}

/// Files with errors at random places: a sentence each, and never a panic. `FUZZ_SECONDS=3600` goes on for an hour.
#[test]
fn no_damage_makes_it_panic() {
    let seconds = std::env::var("FUZZ_SECONDS").ok();
    let seconds: f64 = seconds.map_or(4.0, |seconds| seconds.parse().unwrap());
    let started = std::time::Instant::now();
    let files: Vec<_> = TASKS
        .iter()
        .flat_map(|&task| [1, 2].map(|version| (saved(version, task), record(task))))
        .collect();
    let mut opened = 0;
    let mut seed = 0;
    while started.elapsed().as_secs_f64() < seconds {
        seed += 1;
        let mut rng = Rng::new(seed, Stream::Sampling);
        let (bytes, record) = &files[rng.below(files.len())];
        let bytes = mutated(bytes, &mut rng);
        let used = std::panic::catch_unwind(|| use_file(&bytes, &record.question, &record.data));
        match used {
            Ok(Ok(())) => opened += 1,
            Ok(Err(error)) => assert!(error.message.len() > 20, "seed {seed}: {error}"),
            Err(_) => panic!("seed {seed} panics"),
        }
    }
    println!("{seed} files, {opened} of them good enough to be opened");
    assert!(opened > 0 && opened < seed);
}
