//! Trains the classifier natively over several seeds, with the page's own code, and says how many held-out
//! texts it gets right, beside a bag of words and the commonest class.
//!
//! `cargo run --release --example sentiment -- FILE [preset=NAME] [seeds=5] [setting=value …] [export=FILE]`
//!
//! Presets and settings have the names that they have on the page and in a share link. `export` writes the
//! token ids and classes of both parts for every seed, so that `tests/native/oracle/make_sentiment.py`
//! trains on the very same splits.

use burn::prelude::*;
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use unrolled::config::Config;
use unrolled::corpus::TextFile;
use unrolled::tasks::{Classification, ClassificationAnswer, ClassificationQuestion, Part, Task};
use unrolled::train::Trainer;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments
        .next()
        .ok_or("usage: sentiment FILE [preset=NAME] [seeds=5] [setting=value …] [export=FILE]")?;
    let mut settings = serde_json::to_value(Classification::info().start())?;
    let (mut seeds, mut export) = (5, None);
    for argument in arguments {
        let (key, value) = argument
            .split_once('=')
            .ok_or("settings are written key=value")?;
        match key {
            "seeds" => seeds = value.parse()?,
            "export" => export = Some(value.to_string()),
            "preset" => {
                let presets = Classification::info().presets;
                let preset = presets.into_iter().find(|preset| preset.name == value);
                settings = serde_json::to_value(preset.ok_or("there is no such preset")?.config)?;
            }
            key => {
                let slot = settings
                    .get_mut(key)
                    .ok_or_else(|| format!("there is no setting {key}"))?;
                // Numbers and flags are JSON as they stand; choices are strings.
                *slot = serde_json::from_str(value).unwrap_or_else(|_| value.into());
            }
        }
    }
    let text = std::fs::read_to_string(&file)?;
    let name = Path::new(&file).file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    let corpus = Classification::read(&[TextFile { name, text }])?;
    let mut exported = Vec::new();
    let mut found = Vec::new();
    for seed in 1..=seeds {
        settings["seed"] = seed.into();
        let config: Config = serde_json::from_value(settings.clone())?;
        let task = Rc::new(Classification::new(&config, &corpus)?);
        let part = |part: Part| -> Vec<Value> {
            let texts = task.texts(part);
            texts.map(|(ids, class)| json!([ids, class])).collect()
        };
        exported.push(json!({
            "seed": seed,
            "vocabulary": task.vocabulary(),
            "train": part(Part::Train),
            "held_out": part(Part::Validation),
        }));
        if export.is_some() {
            continue;
        }
        let started = Instant::now();
        let mut trainer = Trainer::new(task.clone(), config, &Device::flex())?;
        while !trainer.info().finished {
            wait(trainer.advance(Duration::from_secs(1)))?;
        }
        let seconds = started.elapsed().as_secs_f64();
        let question = ClassificationQuestion::Report {
            part: Part::Validation,
        };
        let started = Instant::now();
        let answer = wait(trainer.answer(&question.into(), &mut |_| {}))?;
        let asking = started.elapsed().as_secs_f64();
        let unrolled::tasks::Answer::Classification(ClassificationAnswer::Report(report)) = answer
        else {
            return Err("the report is missing".into());
        };
        println!(
            "seed {seed}: {:.1} % of {} texts, bag of words {:.1} %, always {} {:.1} %; {seconds:.1} s, \
             report {asking:.2} s, epoch {}",
            100.0 * report.accuracy,
            report.texts,
            100.0 * report.bag_of_words,
            report.majority_class,
            100.0 * report.majority,
            trainer.info().epoch,
        );
        found.push((report.accuracy, report.bag_of_words));
    }
    if let Some(file) = export {
        let text = json!({ "settings": settings, "seeds": exported }).to_string();
        std::fs::write(&file, text)?;
        println!("{file}: the parts of {seeds} seeds");
        return Ok(());
    }
    for (name, values) in [
        (
            "network",
            found.iter().map(|pair| pair.0).collect::<Vec<_>>(),
        ),
        ("bag of words", found.iter().map(|pair| pair.1).collect()),
    ] {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let spread = (squares / (count - 1.0).max(1.0)).sqrt();
        println!(
            "{name}: mean {:.2} %, standard deviation {:.2}",
            100.0 * mean,
            100.0 * spread
        );
    }
    Ok(())
}

/// Runs a future that never has to wait, as all are on the CPU.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the CPU never waits"),
    }
}
