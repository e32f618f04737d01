//! Reading the oracle's figures and comparing with them. See `oracle/make_oracle.py`.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use burn::prelude::*;
use serde_json::Value;
use std::rc::Rc;
use std::time::Duration;
use unrolled::config::{Config, Initialisation, Lengths};
use unrolled::corpus::{TextFile, read_pairs};
use unrolled::error::Result;
use unrolled::nn::Init;
use unrolled::rng::{Rng, Stream};
use unrolled::tasks::{Parity, Task, TaskKind, Translation};
use unrolled::train::{Event, Trainer};

/// The oracle's tensor `{shape, data}`.
pub fn tensor<const D: usize>(value: &Value, device: &Device) -> Tensor<D> {
    let shape: [usize; D] =
        std::array::from_fn(|axis| value["shape"][axis].as_u64().unwrap() as usize);
    Tensor::from_data(TensorData::new(floats(&value["data"]), shape), device)
}

/// A flat list of numbers.
pub fn floats(value: &Value) -> Vec<f32> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap() as f32)
        .collect()
}

/// The values of a tensor in row-major order.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.inner().into_data().iter::<f32>().collect()
}

/// Asserts that values agree, relative to the largest of them.
#[track_caller]
pub fn assert_close(what: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{what}: number of values");
    let scale = expected
        .iter()
        .fold(1e-3f32, |max, value| max.max(value.abs()));
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let difference = (found - expected).abs() / scale;
        assert!(
            difference <= tolerance,
            "{what}[{index}]: {found}, expected {expected} (off by {difference:.1e})"
        );
    }
}

/// The CPU with gradients.
pub fn device() -> Device {
    Device::flex().autodiff()
}

/// Runs a future that never has to wait, as all are on the CPU.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future
        .as_mut()
        .poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
    {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the CPU never waits"),
    }
}

/// A generator of first weights.
pub fn with_init<T>(seed: u32, device: &Device, make: impl FnOnce(&mut Init) -> T) -> T {
    let mut rng = Rng::new(seed, Stream::Initialisation);
    make(&mut Init {
        style: Initialisation::PyTorch,
        rng: &mut rng,
        device,
    })
}

/// A translation task on these pairs, written `source<TAB>target`.
pub fn translation(config: &Config, lines: &str) -> Result<Rc<Translation>> {
    let pairs = read_pairs(&[TextFile {
        name: "pairs.tsv".into(),
        text: lines.into(),
    }])?;
    Ok(Rc::new(Translation::new(config, &pairs)?))
}

/// A run of the parity task.
pub fn parity(config: &Config) -> Trainer<Parity> {
    Trainer::new(
        Rc::new(Parity::new(config, &()).unwrap()),
        config.clone(),
        &Device::flex(),
    )
    .unwrap()
}

/// Small settings that train in a moment.
pub fn small(task: TaskKind) -> Config {
    Config {
        hidden: 16,
        embedding: 12,
        batch: 16,
        epochs: 3,
        strings: 200,
        bits: 6,
        lengths: Lengths::Fixed,
        ..Config::for_task(task)
    }
}

/// Trains until the run is over and returns all events.
pub fn finish<T: Task>(trainer: &mut Trainer<T>) -> Vec<Event> {
    let mut events = Vec::new();
    for _ in 0..100_000 {
        if trainer.info().finished {
            return events;
        }
        events.extend(ready(trainer.advance(Duration::from_millis(200))).unwrap());
    }
    panic!("the run does not come to an end")
}

/// The losses of the next so many single steps.
pub fn losses<T: Task>(trainer: &mut Trainer<T>, steps: usize) -> Vec<f64> {
    let mut losses = Vec::new();
    while losses.len() < steps {
        assert!(
            !trainer.info().finished,
            "the run is over after {} steps",
            losses.len()
        );
        for event in ready(trainer.advance(Duration::ZERO)).unwrap() {
            if let Event::Progress {
                phase: unrolled::train::Phase::Training,
                loss,
                ..
            } = event
            {
                losses.push(loss);
            }
        }
    }
    losses
}
