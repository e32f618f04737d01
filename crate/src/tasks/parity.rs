//! Is the number of ones in a string of bits even or odd?
//!
//! The smallest task that needs memory: one bit of state, updated at every step. Every bit of the
//! data is drawn at random.

use super::info::keys;
use super::{
    Activations, DataReport, KEPT_PER_UNIT, ModelSummary, Part, Preset, Task, TaskInfo, TaskKind,
};
use crate::batch::{Padded, pad, split};
use crate::config::{Config, NETWORK, PARTS, ParityLoss, TRAINING};
use crate::corpus::TextFile;
use crate::device;
use crate::error::{Error, ErrorCode, Result};
use crate::models::{Classifier, ClassifierConfig};
use crate::nn::{Dropout, Init, Input, LossSums, StackConfig, State, masked_cross_entropy};
use crate::rng::{Rng, Stream};
use crate::train::Sample;
use burn::prelude::*;
use burn::tensor::activation::softmax;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use tsify::Tsify;

/// Even and odd.
const CLASSES: usize = 2;
/// Held-out strings shown after every epoch.
const QUESTIONS: usize = 6;
/// The longest string that a user may ask about.
const LONGEST: usize = 2_000;

/// A string of 0 and 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ParityQuestion {
    pub bits: String,
}

/// What the network holds for true after every bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ParityAnswer {
    pub steps: Vec<ParityStep>,
}

/// What the network holds for true after a bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ParityStep {
    pub bit: u32,
    /// The probability that the number of ones so far is odd.
    pub probability_odd: f32,
    /// The top layer's hidden state.
    pub hidden: Vec<f32>,
}

/// Random bit strings, divided into parts.
pub struct Parity {
    train: Vec<Vec<u32>>,
    validation: Vec<Vec<u32>>,
    test: Vec<Vec<u32>>,
    loss: ParityLoss,
    report: DataReport,
}

/// Bit strings on the device.
pub struct ParityBatch {
    /// `[time, batch, 1]`: −1 for a zero, 1 for a one
    bits: Tensor<3>,
    lengths: Vec<usize>,
    /// `[time·batch]`
    targets: Tensor<1, Int>,
    /// `[time·batch]`
    mask: Tensor<1>,
    tokens: usize,
}

impl Parity {
    /// The bit strings of a part.
    pub fn strings(&self, part: Part) -> &[Vec<u32>] {
        match part {
            Part::Train => &self.train,
            Part::Validation => &self.validation,
            Part::Test => &self.test,
        }
    }

    fn network_config(config: &Config) -> ClassifierConfig {
        ClassifierConfig {
            stack: StackConfig::new(config, 1),
            classes: CLASSES,
        }
    }

    /// The probability of odd after each bit and the hidden states, `[time][hidden]`.
    async fn read_along(
        network: &Classifier,
        bits: &[u32],
        device: &Device,
    ) -> Result<(Vec<f32>, Vec<f32>)> {
        let input = bit_tensor(&[bits], bits.len(), device);
        let states = network.hidden_states(
            Input::Vectors(input),
            &[bits.len()],
            bits.len(),
            &Dropout::OFF,
            device,
        );
        let [time, _, hidden] = states.dims();
        let rows: Tensor<2> = states.reshape([time, hidden]);
        let odd = softmax(network.output.forward(rows.clone()), 1).narrow(1, 1, 1);
        Ok((device::read(odd).await?, device::read(rows).await?))
    }
}

/// Bits to numbers around zero, `[time, batch, 1]`; padding is 0.
fn bit_tensor(strings: &[&[u32]], time: usize, device: &Device) -> Tensor<3> {
    let batch = strings.len();
    let mut values = vec![0f32; time * batch];
    for (row, string) in strings.iter().enumerate() {
        for (step, &bit) in string.iter().enumerate() {
            values[step * batch + row] = if bit == 1 { 1.0 } else { -1.0 };
        }
    }
    Tensor::from_data(TensorData::new(values, [time, batch, 1]), device)
}

/// 1 after every bit at which the number of ones so far is odd.
fn parities(bits: &[u32]) -> Vec<u32> {
    bits.iter()
        .scan(0, |parity, bit| {
            *parity ^= bit;
            Some(*parity)
        })
        .collect()
}

fn text(bits: &[u32]) -> String {
    bits.iter().map(u32::to_string).collect()
}

fn name(bits: &[u32]) -> &'static str {
    if bits.iter().sum::<u32>() % 2 == 1 {
        "odd"
    } else {
        "even"
    }
}

impl Task for Parity {
    type Corpus = ();
    type Network = Classifier;
    type Batch = ParityBatch;
    /// The probability of odd after the last bit.
    type Reply = f32;
    type Question = ParityQuestion;
    type Answer = ParityAnswer;

    const KIND: TaskKind = TaskKind::Parity;

    fn info() -> TaskInfo {
        let own: &[&str] = &["strings", "bits", "mixed_lengths", "parity_loss"];
        TaskInfo {
            kind: Self::KIND,
            label: "Parity".into(),
            help: "Learns whether the number of ones in a string of bits is even or odd".into(),
            about: "The smallest task that needs memory: one bit of it, changed by every one that comes. \
                    Ask after the last bit only, and see how much harder it becomes."
                .into(),
            settings: keys(&[own, PARTS, NETWORK, TRAINING]),
            presets: vec![Preset {
                name: "Recommended".into(),
                about: "Learns within seconds.".into(),
                config: Config {
                    task: Self::KIND,
                    hidden: 32,
                    batch: 100,
                    epochs: 30,
                    learning_rate: 0.01,
                    patience: 0,
                    ..Config::default()
                },
            }],
            built_in: None,
            score: None,
        }
    }

    /// The task makes its own data: there is nothing to read.
    fn read(files: &[TextFile]) -> Result<()> {
        match files {
            [] => Ok(()),
            [file, ..] => {
                let message = format!(
                    "{} was not loaded: the parity task makes its own strings. Choose another task for files.",
                    file.name
                );
                Err(Error::new(ErrorCode::File, message))
            }
        }
    }

    fn new(config: &Config, _corpus: &()) -> Result<Self> {
        config.check()?;
        let mut rng = Rng::new(config.seed, Stream::Parity);
        let mut string = || {
            let longest = config.bits as usize;
            let length = if config.mixed_lengths {
                1 + rng.below(longest)
            } else {
                longest
            };
            (0..length).map(|_| rng.below(2) as u32).collect::<Vec<_>>()
        };
        let strings: Vec<Vec<u32>> = (0..config.strings).map(|_| string()).collect();
        // Short strings come many times: a split by string keeps all copies in one part.
        let mut rng = Rng::new(config.seed, Stream::Split);
        let parts = split(
            &strings,
            config.validation_share,
            config.test_share,
            &mut rng,
        );
        let of = |part: &[usize]| part.iter().map(|&index| strings[index].clone()).collect();
        let parity = Self {
            train: of(&parts.train),
            validation: of(&parts.validation),
            test: of(&parts.test),
            loss: config.parity_loss,
            report: DataReport::default(),
        };
        let rows = parity
            .train
            .iter()
            .take(8)
            .map(|bits| (text(bits), name(bits).to_string()));
        let lengths = if config.mixed_lengths {
            format!("1 to {}", config.bits)
        } else {
            config.bits.to_string()
        };
        let report = DataReport {
            name: format!("Random strings of {lengths} bits"),
            format: "made on the spot, every bit drawn at random".into(),
            records: config.strings,
            used: config.strings,
            train: parity.train.len() as u32,
            validation: parity.validation.len() as u32,
            test: parity.test.len() as u32,
            rows: rows.collect(),
            ..DataReport::default()
        };
        Ok(Self { report, ..parity })
    }

    fn report(&self) -> &DataReport {
        &self.report
    }

    fn summary(&self, config: &Config) -> ModelSummary {
        let network = Self::network_config(config);
        let rows = f64::from(config.batch) * f64::from(config.bits);
        let hidden = f64::from(config.hidden);
        let activations = Activations {
            kept: rows * f64::from(config.layers) * hidden * KEPT_PER_UNIT,
            largest_weight: 4.0 * hidden * hidden,
            largest: rows * hidden,
            moments: config.optimizer.moments() as f64,
        };
        ModelSummary::new(network.layers(), &activations)
    }

    fn init(&self, config: &Config, init: &mut Init) -> Classifier {
        Self::network_config(config).init(init)
    }

    fn lengths(&self, part: Part) -> Vec<(usize, usize)> {
        self.strings(part)
            .iter()
            .map(|bits| (bits.len(), bits.len()))
            .collect()
    }

    fn batch(&self, part: Part, examples: &[usize], device: &Device) -> ParityBatch {
        let strings: Vec<&[u32]> = examples
            .iter()
            .map(|&example| self.strings(part)[example].as_slice())
            .collect();
        let targets: Vec<Vec<u32>> = strings.iter().map(|bits| parities(bits)).collect();
        let Padded {
            ids: targets,
            time,
            lengths,
        } = pad(&targets, 0);
        let batch = strings.len();
        let counts = |step: usize, row: usize| match self.loss {
            ParityLoss::Every => step < lengths[row],
            ParityLoss::Last => step + 1 == lengths[row],
        };
        let mask: Vec<f32> = (0..time * batch)
            .map(|index| f32::from(u8::from(counts(index / batch, index % batch))))
            .collect();
        let tokens = mask.iter().filter(|&&counted| counted > 0.0).count();
        ParityBatch {
            bits: bit_tensor(&strings, time, device),
            targets: Tensor::from_data(TensorData::new(targets, [time * batch]), device),
            mask: Tensor::from_data(TensorData::new(mask, [time * batch]), device),
            lengths,
            tokens,
        }
    }

    fn tokens(&self, batch: &ParityBatch) -> usize {
        batch.tokens
    }

    fn loss(
        &self,
        network: &Classifier,
        batch: &ParityBatch,
        _carried: &mut Vec<State>,
        dropout: &Dropout,
    ) -> LossSums {
        let [time, size, _] = batch.bits.dims();
        let input = Input::Vectors(batch.bits.clone());
        let states =
            network.hidden_states(input, &batch.lengths, time, dropout, &batch.bits.device());
        let hidden = states.dims()[2];
        let rows = states.reshape([time * size, hidden]);
        masked_cross_entropy(
            &network.output,
            rows,
            batch.targets.clone(),
            batch.mask.clone(),
        )
    }

    fn questions(&self, part: Part) -> usize {
        self.strings(part).len().min(QUESTIONS)
    }

    async fn reply(
        &self,
        network: &Classifier,
        part: Part,
        questions: Range<usize>,
        _config: &Config,
        device: &Device,
    ) -> Result<Vec<f32>> {
        let mut replies = Vec::new();
        for bits in &self.strings(part)[questions] {
            let (odd, _) = Self::read_along(network, bits, device).await?;
            replies.extend(odd.last());
        }
        Ok(replies)
    }

    fn sample(&self, part: Part, question: usize, odd: &f32) -> Sample {
        let bits = &self.strings(part)[question];
        let (verdict, certainty) = if *odd > 0.5 {
            ("odd", *odd)
        } else {
            ("even", 1.0 - odd)
        };
        Sample {
            input: text(bits),
            output: format!("{verdict} ({:.0} % sure)", 100.0 * certainty),
            expected: vec![name(bits).into()],
        }
    }

    fn vocabularies(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    async fn answer(
        &self,
        network: &Classifier,
        ParityQuestion { bits }: &ParityQuestion,
        _on_partial: &mut dyn FnMut(ParityAnswer),
        device: &Device,
    ) -> Result<ParityAnswer> {
        let bits: Option<Vec<u32>> = bits.chars().map(|bit| bit.to_digit(2)).collect();
        let Some(bits) = bits.filter(|bits| bits.len() <= LONGEST) else {
            let message = format!("Write a string of 0 and 1, of {LONGEST} bits at most.");
            return Err(Error::new(ErrorCode::Setting, message));
        };
        if bits.is_empty() {
            return Ok(ParityAnswer { steps: Vec::new() });
        }
        let (odd, states) = Self::read_along(network, &bits, device).await?;
        let hidden = states.chunks(states.len() / bits.len());
        let steps = bits
            .iter()
            .zip(odd)
            .zip(hidden)
            .map(|((&bit, probability_odd), hidden)| ParityStep {
                bit,
                probability_odd,
                hidden: hidden.to_vec(),
            });
        Ok(ParityAnswer {
            steps: steps.collect(),
        })
    }
}
