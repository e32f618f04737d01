//! Trains a writer natively, with the page's own code, on text files, and lets it write.
//!
//! `cargo run --release --example writer -- PRESET FILE… [setting=value …]`
//!
//! The preset is the name of one or its beginning, such as `shakespeare`; settings have the names that
//! they have in a share link, such as `hidden=256 epochs=2`.

use burn::prelude::*;
use std::error::Error;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use unrolled::config::Config;
use unrolled::corpus::TextFile;
use unrolled::tasks::{Answer, Generation, GenerationAnswer, GenerationQuestion, Task};
use unrolled::train::{Event, Trainer};

/// Nothing on the CPU ever waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return value;
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments
        .next()
        .ok_or("usage: writer PRESET FILE… [setting=value …]")?;
    let presets = Generation::info().presets;
    let is_meant = |preset: &str| preset.to_lowercase().starts_with(&name.to_lowercase());
    let preset = presets.iter().find(|preset| is_meant(&preset.name));
    let preset = preset.ok_or_else(|| {
        let names: Vec<&str> = presets.iter().map(|preset| preset.name.as_str()).collect();
        format!("there is no preset {name}; there are {}", names.join(", "))
    })?;
    let mut settings = serde_json::to_value(&preset.config)?;
    let mut files = Vec::new();
    for argument in arguments {
        if let Some((key, value)) = argument.split_once('=') {
            let slot = settings
                .get_mut(key)
                .ok_or_else(|| format!("there is no setting {key}"))?;
            // Numbers and flags are JSON as they stand; choices are strings.
            *slot = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        } else {
            let text = std::fs::read_to_string(&argument)?;
            files.push(TextFile {
                name: argument,
                text,
            });
        }
    }
    let config: Config = serde_json::from_value(settings)?;
    let started = Instant::now();
    let task = Rc::new(Generation::new(&config, &Generation::read(&files)?)?);
    let report = task.report();
    println!(
        "{}: {} tokens to train, {} to validate, {} parameters, read in {:.1} s",
        report.format,
        report.train,
        report.validation,
        task.summary(&config).parameters,
        started.elapsed().as_secs_f64()
    );
    let started = Instant::now();
    let mut trainer = Trainer::new(task, config, &Device::flex())?;
    let question = GenerationQuestion::Baseline.into();
    if let Answer::Generation(GenerationAnswer::Baseline {
        bits,
        order,
        single_bits,
        longest,
        compared,
    }) = ready(trainer.answer(&question, &mut |_| {}))?
    {
        println!(
            "counting {order} tokens: {bits:.3} bits a token, single ones {single_bits:.3}; \
             of {compared} held-out tokens {longest} in a row stand in the training text; {:.1} s",
            started.elapsed().as_secs_f64()
        );
    }
    let started = Instant::now();
    while !trainer.info().finished {
        for event in ready(trainer.advance(Duration::from_secs(1)))? {
            let seconds = started.elapsed().as_secs_f64();
            match event {
                Event::Epoch {
                    epoch,
                    step,
                    train,
                    validation: Some(validation),
                    samples,
                    ..
                } => {
                    println!(
                        "epoch {epoch}, step {step}: loss {:.4}, validation {:.4}, {:.3} bits, {seconds:.0} s",
                        train.loss,
                        validation.loss,
                        validation.loss / std::f64::consts::LN_2
                    );
                    for sample in samples {
                        println!("  {}|{}", sample.input, sample.output);
                    }
                }
                Event::Samples { step, samples, .. } => {
                    for sample in samples {
                        println!(
                            "step {step}, {seconds:.0} s: {}|{}",
                            sample.input, sample.output
                        );
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}
