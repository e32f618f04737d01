//! Trains a translator natively, with the page's own code, on a file of sentence pairs.
//!
//! `cargo run --release --example translator -- FILE [setting=value …] [export=FOLDER]`
//!
//! `phrase_book` instead of a file is the built-in phrase book.
//!
//! Settings have the names that they have in a share link, such as `hidden=256 attention=general`.
//! `export` writes the training and the validation pairs as two tab-separated files, so that
//! another program can be trained on the very same split.

use burn::prelude::*;
use std::error::Error;
use std::path::Path;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use unrolled::config::Config;
use unrolled::corpus::TextFile;
use unrolled::tasks::{Part, Task, Translation};
use unrolled::train::{Event, Trainer};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments
        .next()
        .ok_or("usage: translator FILE [setting=value …] [export=FOLDER]")?;
    let mut settings = serde_json::to_value(Config::default())?;
    let mut export = None;
    for argument in arguments {
        let (key, value) = argument
            .split_once('=')
            .ok_or("settings are written key=value")?;
        if key == "export" {
            export = Some(value.to_string());
        } else {
            let slot = settings
                .get_mut(key)
                .ok_or_else(|| format!("there is no setting {key}"))?;
            // Numbers and flags are JSON as they stand; choices are strings.
            *slot = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        }
    }
    let config: Config = serde_json::from_value(settings)?;
    let files = if file == "phrase_book" {
        Vec::new()
    } else {
        let text = std::fs::read_to_string(&file)?;
        vec![TextFile { name: file, text }]
    };
    let pairs = Translation::read(&files)?;
    let task = Rc::new(Translation::new(&config, &pairs)?);
    if let Some(folder) = export {
        for (part, name) in [
            (Part::Train, "train.tsv"),
            (Part::Validation, "validation.tsv"),
        ] {
            let lines: String = task
                .texts(part)
                .map(|(source, target)| format!("{source}\t{target}\n"))
                .collect();
            std::fs::write(Path::new(&folder).join(name), lines)?;
        }
    }
    let summary = task.summary(&config);
    let report = task.report();
    println!(
        "{}: {} train, {} validation pairs, {} parameters",
        report.name, report.train, report.validation, summary.parameters
    );
    let started = Instant::now();
    let mut trainer = Trainer::new(task, config, &Device::flex())?;
    while !trainer.info().finished {
        let advance = pin!(trainer.advance(Duration::from_secs(1)));
        // Nothing on the CPU ever waits.
        let Poll::Ready(events) = advance.poll(&mut Context::from_waker(Waker::noop())) else {
            continue;
        };
        for event in events? {
            if let Event::Epoch {
                epoch,
                train,
                validation: Some(validation),
                score,
                ..
            } = event
            {
                println!(
                    "epoch {epoch} loss {:.4} validation {:.4} accuracy {:.3} BLEU {:.2} after {:.0} s",
                    train.loss,
                    validation.loss,
                    validation.accuracy,
                    score.unwrap_or_default(),
                    started.elapsed().as_secs_f64()
                );
            }
        }
    }
    Ok(())
}
