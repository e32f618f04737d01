//! Trains the networks that come with the page, natively and with the page's own code.
//!
//! `cargo run --release --example demos -- FOLDER NAME=FILE… [only=TASK]`
//!
//! Writes `TASK.safetensors` for every task into the folder, and `demos.json`, which says of each what the page shows
//! beside it. `NAME=FILE` is where a file of the built-in data is. The same machine writes the same models again, byte for
//! byte: every slice of training is one step, so that no clock has a say.

use burn::prelude::*;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use unrolled::checkpoint::{Checkpoint, HistoryKept, ModelFacts, Precision, Slim, slim};
use unrolled::config::{Config, ScheduleKind};
use unrolled::corpus::TextFile;
use unrolled::tasks::{
    Answer, ChatAnswer, ChatQuestion, ClassificationAnswer, ClassificationQuestion,
    GenerationAnswer, GenerationQuestion, ParityAnswer, ParityQuestion, Part, Request, TASKS,
    TaskKind,
};
use unrolled::train::{Event, Origin, Run};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What the page says of a network, beside what its file says.
struct Words {
    title: &'static str,
    /// What to try with it, in a sentence or two.
    about: &'static str,
    /// What may be done with it and with its data.
    licence: &'static str,
}

/// One entry of `demos.json`.
#[derive(Serialize, Deserialize)]
struct Entry {
    task: TaskKind,
    /// Beside `demos.json`.
    file: String,
    title: String,
    about: String,
    /// The name of its data.
    data: String,
    licence: String,
    /// How good it is, on what it has never seen.
    score: String,
    parameters: u32,
    bytes: usize,
    /// That its training took.
    seconds: u64,
}

fn words(task: TaskKind) -> Words {
    match task {
        TaskKind::Translation => Words {
            title: "Phrases from English to Spanish",
            about: "Translates phrases of a traveller word by word. Click a word to see where it looked and what else it \
                    thought of.",
            licence: "MIT or Apache-2.0, as Unrolled, whose own phrase book it learnt from.",
        },
        TaskKind::Parity => Words {
            title: "Odd or even",
            about: "Says after every bit whether the ones so far are odd or even in number. It learnt from strings of up \
                    to 50 bits, and goes on to be right in far longer ones.",
            licence: "MIT or Apache-2.0, as Unrolled; its data are random bits.",
        },
        TaskKind::Generation => Words {
            title: "A writer of the sea",
            about: "Has read Moby-Dick, character by character, and writes on from any beginning. Turn the temperature up \
                    and down.",
            licence: "MIT or Apache-2.0, as Unrolled; Herman Melville's Moby-Dick (1851) is in the public domain.",
        },
        TaskKind::Chat => Words {
            title: "Small talk",
            about: "Replies to greetings, questions and jokes. Several replies are drawn, to choose from.",
            licence: "MIT or Apache-2.0, as Unrolled, whose own small talk it learnt from.",
        },
        TaskKind::Classification => Words {
            title: "Good reviews and bad ones",
            about: "Reads a review word by word and says what it thinks after each. Try one that turns with its last \
                    words.",
            licence: "MIT or Apache-2.0, as Unrolled; its data are 1,000 sentences from reviews of phones, collected by \
                      Kotzias and others (2015) and published with wink-sentiment under the MIT licence.",
        },
        TaskKind::Vectors => Words {
            title: "Words of a whaling ship",
            about: "Knows of every word of Moby-Dick which others stand near it. Ask for the nearest words of “ship”.",
            licence: "MIT or Apache-2.0, as Unrolled; Herman Melville's Moby-Dick (1851) is in the public domain.",
        },
    }
}

/// The settings: those that the task starts with, but for a writer, which takes the time that no visitor has to wait.
fn settings(task: TaskKind) -> Config {
    let start = Config::for_task(task);
    match task {
        TaskKind::Generation => Config {
            hidden: 192,
            batch: 12,
            window: 50,
            learning_rate: 0.006,
            schedule: ScheduleKind::Cosine,
            epochs: 6,
            sample_every: 500,
            ..start
        },
        _ => start,
    }
}

/// Tables of words make the largest files; their networks answer as well with 8 bits a weight.
fn precision(task: TaskKind) -> Precision {
    match task {
        TaskKind::Chat | TaskKind::Classification => Precision::I8,
        _ => Precision::F16,
    }
}

/// Trains a network to the end: the model as a file, and the run as it comes out of that.
fn train(config: Config, files: &[TextFile], words: &Words) -> Result<(Vec<u8>, Box<dyn Run>)> {
    let task = config.task.load(files)?.prepare(&config, None)?;
    let device = Device::flex();
    let precision = precision(config.task);
    let mut run = task.clone().create(config, Origin::Chance, &device)?;
    let is_end = |event: &Event| matches!(event, Event::Finished { .. });
    while !ready(run.advance(Duration::ZERO))?.iter().any(is_end) {}
    let options = Slim {
        title: words.title.into(),
        licence: words.licence.into(),
        weights_only: true,
        precision,
        history: HistoryKept::All,
    };
    let bytes = slim(&ready(run.checkpoint())?, &options)?;
    let run = task.restore(&bytes, &device)?;
    Ok((bytes, run))
}

/// How good a network is, in a phrase: on data that nothing was chosen by.
fn score(run: &dyn Run, facts: &ModelFacts) -> Result<String> {
    let ask = |request: Request| ready(run.answer(&request, &mut |_| {}));
    let test = facts.test.ok_or("the run has no test part")?;
    let unexpected = || Err("the network answered another question".into());
    Ok(match facts.config.task {
        TaskKind::Translation => format!(
            "BLEU {:.0} on {} phrases that it has never seen",
            test.score.unwrap_or_default(),
            facts.data.test
        ),
        TaskKind::Parity => {
            let (length, strings) = (500, 200);
            let question = ParityQuestion::Accuracy {
                length,
                strings,
                seed: 1,
            };
            let Answer::Parity(ParityAnswer::Accuracy { right }) = ask(question.into())? else {
                return unexpected();
            };
            let right = right.last().copied().unwrap_or(0);
            format!("right on {right} of {strings} fresh strings of {length} bits")
        }
        TaskKind::Generation => {
            let answer = ask(GenerationQuestion::Baseline.into())?;
            let Answer::Generation(GenerationAnswer::Baseline { bits, order, .. }) = answer else {
                return unexpected();
            };
            // Counting is measured on the validation part, and nothing was chosen by that here.
            let validation = facts.validation.ok_or("the run has no validation part")?;
            format!(
                "{:.2} bits a character on pages that it has never read; counting {order} characters gives {bits:.2}",
                validation.scores.loss / std::f64::consts::LN_2
            )
        }
        TaskKind::Chat => {
            let question = ChatQuestion::Variety {
                questions: 100,
                max_output: facts.config.max_output,
            };
            let Answer::Chat(ChatAnswer::Variety {
                asked,
                distinct,
                right,
                ..
            }) = ask(question.into())?
            else {
                return unexpected();
            };
            format!(
                "{distinct} different replies to {asked} unseen questions, {right} of them as expected"
            )
        }
        TaskKind::Classification => {
            let question = ClassificationQuestion::Report { part: Part::Test };
            let answer = ask(question.into())?;
            let Answer::Classification(ClassificationAnswer::Report(report)) = answer else {
                return unexpected();
            };
            format!(
                "right on {:.0}\u{a0}% of {} unseen reviews; a bag of words on {:.0}\u{a0}%",
                100.0 * report.accuracy,
                report.texts,
                100.0 * report.bag_of_words
            )
        }
        TaskKind::Vectors => format!(
            "finds {:.0}\u{a0}% of unseen neighbours among six words; chance finds {:.0}\u{a0}%",
            100.0 * test.scores.accuracy,
            100.0 * facts.data.baseline.unwrap_or_default()
        ),
    })
}

/// Makes a task's demo, and says what the page shows beside it.
fn make(task: TaskKind, data: &[TextFile], folder: &Path) -> Result<Entry> {
    let built_in = task.info().built_in;
    let needed = built_in.as_ref().and_then(|data| data.file.as_ref());
    let files: Vec<TextFile> = data
        .iter()
        .filter(|file| needed == Some(&file.name))
        .cloned()
        .collect();
    if let (Some(name), []) = (needed, &files[..]) {
        return Err(format!("{name} is missing: give it as {name}=FILE").into());
    }
    let words = words(task);
    let started = Instant::now();
    let (bytes, run) = train(settings(task), &files, &words)?;
    let seconds = started.elapsed().as_secs_f64().ceil() as u64;
    let facts = Checkpoint::read(&bytes)?.facts();
    let file = format!("{}.safetensors", name(task)?);
    std::fs::write(folder.join(&file), &bytes)?;
    Ok(Entry {
        task,
        file,
        title: words.title.into(),
        about: words.about.into(),
        score: score(&*run, &facts)?,
        data: built_in.map_or(facts.data.name, |data| data.name),
        licence: words.licence.into(),
        parameters: facts.parameters,
        bytes: bytes.len(),
        seconds,
    })
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: demos FOLDER NAME=FILE… [only=TASK]";
    let folder = arguments.next().ok_or(usage)?;
    let (mut data, mut tasks) = (Vec::new(), TASKS.to_vec());
    for argument in arguments {
        let (name, value) = argument.split_once('=').ok_or(usage)?;
        if name == "only" {
            tasks = vec![serde_json::from_value(value.into())?];
        } else {
            let (name, text) = (name.into(), std::fs::read_to_string(value)?);
            data.push(TextFile { name, text });
        }
    }
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let list = folder.join("demos.json");
    // The others stay.
    let mut entries: Vec<Entry> = match std::fs::read_to_string(&list) {
        Ok(json) => serde_json::from_str(&json)?,
        Err(_) => Vec::new(),
    };
    for task in tasks {
        let entry = make(task, &data, folder)?;
        println!(
            "{}: {}; {} parameters, {} bytes, {} s",
            entry.file, entry.score, entry.parameters, entry.bytes, entry.seconds
        );
        entries.retain(|entry| entry.task != task);
        entries.push(entry);
        entries.sort_by_key(|entry| TASKS.iter().position(|&task| task == entry.task));
        std::fs::write(&list, serde_json::to_string_pretty(&entries)? + "\n")?;
    }
    Ok(())
}

/// A task's name in links and files.
fn name(task: TaskKind) -> Result<String> {
    Ok(serde_json::from_value(serde_json::to_value(task)?)?)
}

/// Runs a future that never has to wait, as all are on the CPU.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the CPU never waits"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small model of the task, and the data it was trained on.
    fn small(task: TaskKind) -> Result<(Config, Vec<TextFile>)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/native/files");
        let name = name(task)?;
        let model = std::fs::read(folder.join(format!("v1-{name}.safetensors")))?;
        let record = std::fs::read_to_string(folder.join(format!("v1-{name}.json")))?;
        let record: serde_json::Value = serde_json::from_str(&record)?;
        let text = record["data"].as_str().unwrap_or_default().to_string();
        let name = format!("{name}.txt");
        let files = match text.is_empty() {
            true => Vec::new(),
            false => vec![TextFile { name, text }],
        };
        let config = Config {
            epochs: 2,
            ..Checkpoint::read(&model)?.header.config
        };
        Ok((config, files))
    }

    #[test]
    fn the_same_seed_gives_the_same_file_byte_for_byte() -> Result<()> {
        for &task in TASKS {
            let (config, files) = small(task)?;
            let words = words(task);
            let [first, second] = [(); 2].map(|()| train(config.clone(), &files, &words));
            let (first, second) = (first?.0, second?.0);
            assert!(first == second, "{task:?}: the files differ");
            let other = Config { seed: 2, ..config };
            assert!(
                train(other, &files, &words)?.0 != first,
                "{task:?}: the seed has no say"
            );
        }
        Ok(())
    }
}
