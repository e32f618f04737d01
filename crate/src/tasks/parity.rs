//! Is the number of ones in a string of bits even or odd?
//!
//! The smallest task that needs memory: one bit of it, changed by every one that comes. Every bit of
//! the data is drawn at random. The network answers in classes: even and odd, or every number of ones
//! that there can be. Either way the answer is the class modulo 2.

use super::info::keys;
use super::{
    Activations, DataReport, KEPT_PER_UNIT, ModelSummary, Part, Preset, ScoreInfo, Task, TaskInfo,
    TaskKind,
};
use crate::batch::{Padded, epoch_batches, pad, split};
use crate::config::{
    Activation, CellKind, Config, Framing, Initialisation, Lengths, NETWORK, PARTS, ParityLoss,
    TRAINING,
};
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
use serde_json::Value;
use std::ops::Range;
use tsify::Tsify;

/// First strings shown on the page.
const ROWS_SHOWN: usize = 8;
/// Held-out strings answered after every epoch.
const QUESTIONS: usize = 500;
/// The longest string that a user may ask about.
const LONGEST: usize = 500;
/// The most fresh strings drawn for one question.
const MOST_STRINGS: usize = 10_000;
/// Bits read at once while fresh strings are answered.
const BITS_AT_ONCE: usize = 1 << 15;

/// What a user asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ParityQuestion {
    /// What is thought after every bit of a string?
    Bits {
        /// A string of 0 and 1.
        bits: String,
    },
    /// How many fresh random strings are answered right?
    Accuracy {
        /// Bits in each string.
        length: u32,
        strings: u32,
        /// Of the strings, which have nothing to do with the strings of the data.
        seed: u32,
    },
}

/// What the user gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ParityAnswer {
    /// What the network holds for true after every bit.
    Bits { steps: Vec<ParityStep> },
    /// The number of strings answered right after each of their bits, the last being the whole
    /// strings: what begins a random string is itself a random string.
    Accuracy { right: Vec<u32> },
}

/// What the network holds for true after a bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ParityStep {
    pub bit: u32,
    /// The answer: whether the likeliest class is an odd one.
    pub odd: bool,
    /// The probability of all odd classes together.
    pub probability_odd: f32,
    /// The likeliest number of ones, where the network counts.
    #[tsify(optional)]
    pub count: Option<u32>,
    /// The top layer's hidden state.
    pub hidden: Vec<f32>,
}

/// Random bit strings, divided into parts.
pub struct Parity {
    train: Vec<Vec<u32>>,
    validation: Vec<Vec<u32>>,
    test: Vec<Vec<u32>>,
    framing: Framing,
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

/// The class that a network takes for the likeliest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    class: u32,
    /// Of that class.
    probability: f32,
    /// Of all odd classes together.
    probability_odd: f32,
}

impl Verdict {
    fn new(probabilities: &[f32]) -> Self {
        let (class, probability) = probabilities
            .iter()
            .copied()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or_default();
        Self {
            class: class as u32,
            probability,
            probability_odd: probabilities.iter().skip(1).step_by(2).sum(),
        }
    }

    fn is_odd(self) -> bool {
        self.class % 2 == 1
    }
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
        let classes = match config.framing {
            Framing::Parity => 2,
            Framing::Count => config.bits as usize + 1,
        };
        ClassifierConfig {
            stack: StackConfig::new(config, 1),
            classes,
        }
    }

    /// The class of so many ones.
    fn class(&self, ones: u32) -> u32 {
        match self.framing {
            Framing::Parity => ones % 2,
            Framing::Count => ones,
        }
    }

    /// A class in words.
    fn name(&self, class: u32) -> String {
        let parity = if class % 2 == 1 { "odd" } else { "even" };
        match self.framing {
            Framing::Parity => parity.into(),
            Framing::Count => format!("{class}, {parity}"),
        }
    }

    /// What the network says to these rows of hidden states `[rows, hidden]`.
    async fn verdicts(network: &Classifier, rows: Tensor<2>) -> Result<Vec<Verdict>> {
        let probabilities = softmax(network.output.forward(rows), 1);
        let classes = probabilities.dims()[1];
        let probabilities = device::read(probabilities).await?;
        Ok(probabilities.chunks(classes).map(Verdict::new).collect())
    }

    /// The hidden states `[time, batch, hidden]` along these strings.
    fn hidden_states(network: &Classifier, strings: &[&[u32]], device: &Device) -> Tensor<3> {
        let lengths: Vec<usize> = strings.iter().map(|bits| bits.len()).collect();
        let time = lengths.iter().copied().max().unwrap_or_default();
        let input = Input::Vectors(bit_tensor(strings, time, device));
        network.hidden_states(input, &lengths, time, &Dropout::OFF, device)
    }

    /// What the network says after every bit, and the hidden state there.
    async fn read_along(
        &self,
        network: &Classifier,
        bits: &[u32],
        device: &Device,
    ) -> Result<Vec<ParityStep>> {
        let states = Self::hidden_states(network, &[bits], device);
        let [time, _, hidden] = states.dims();
        let rows: Tensor<2> = states.reshape([time, hidden]);
        let verdicts = Self::verdicts(network, rows.clone()).await?;
        let states = device::read(rows).await?;
        let steps = bits.iter().zip(verdicts).zip(states.chunks(hidden));
        let steps = steps.map(|((&bit, verdict), hidden)| ParityStep {
            bit,
            odd: verdict.is_odd(),
            probability_odd: verdict.probability_odd,
            count: (self.framing == Framing::Count).then_some(verdict.class),
            hidden: hidden.to_vec(),
        });
        Ok(steps.collect())
    }

    /// How many of so many fresh strings are answered right, after each of their bits: the first bits
    /// of a random string are a shorter random string.
    async fn count_right(
        network: &Classifier,
        length: usize,
        strings: usize,
        seed: u32,
        device: &Device,
    ) -> Result<Vec<u32>> {
        let mut rng = Rng::new(seed, Stream::FreshParity);
        let at_once = (BITS_AT_ONCE / length.max(1)).max(1);
        let mut right = vec![0; length];
        let mut left = strings;
        while left > 0 {
            let count = left.min(at_once);
            left -= count;
            let strings: Vec<Vec<u32>> =
                (0..count).map(|_| random_bits(length, &mut rng)).collect();
            let strings: Vec<&[u32]> = strings.iter().map(Vec::as_slice).collect();
            let states = Self::hidden_states(network, &strings, device);
            let hidden = states.dims()[2];
            let rows = states.reshape([length * count, hidden]);
            let verdicts = Self::verdicts(network, rows).await?;
            for (row, bits) in strings.iter().enumerate() {
                for (step, ones) in counts(bits).enumerate() {
                    let odd = verdicts[step * count + row].is_odd();
                    right[step] += u32::from(odd == (ones % 2 == 1));
                }
            }
        }
        Ok(right)
    }
}

fn random_bits(length: usize, rng: &mut Rng) -> Vec<u32> {
    (0..length).map(|_| rng.below(2) as u32).collect()
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

/// The number of ones so far, after every bit.
fn counts(bits: &[u32]) -> impl Iterator<Item = u32> {
    bits.iter().scan(0, |ones, bit| {
        *ones += bit;
        Some(*ones)
    })
}

fn ones(bits: &[u32]) -> u32 {
    bits.iter().sum()
}

fn text(bits: &[u32]) -> String {
    bits.iter().map(u32::to_string).collect()
}

impl Task for Parity {
    type Corpus = ();
    type Network = Classifier;
    type Batch = ParityBatch;
    /// What it says after the last bit.
    type Reply = Verdict;
    type Question = ParityQuestion;
    type Answer = ParityAnswer;

    const KIND: TaskKind = TaskKind::Parity;

    fn info() -> TaskInfo {
        let own: &[&str] = &[
            "strings",
            "bits",
            "lengths",
            "growth",
            "framing",
            "parity_loss",
        ];
        let recommended = Config {
            task: Self::KIND,
            bits: 50,
            lengths: Lengths::Mixed,
            cell: CellKind::Gru,
            hidden: 24,
            batch: 100,
            epochs: 15,
            learning_rate: 0.01,
            patience: 0,
            ..Config::default()
        };
        let lesson = Config {
            strings: 100_000,
            lengths: Lengths::Fixed,
            framing: Framing::Count,
            parity_loss: ParityLoss::Last,
            cell: CellKind::Rnn,
            activation: Activation::Relu,
            initialisation: Initialisation::Keras,
            batch: 1_000,
            epochs: 50,
            learning_rate: 0.001,
            clip_norm: 0.0,
            // The loss jumps now and then: the best weights come back at the end.
            patience: 20,
            ..recommended.clone()
        };
        let curriculum = Config {
            bits: 200,
            lengths: Lengths::Growing,
            growth: 3,
            parity_loss: ParityLoss::Last,
            epochs: 70,
            ..recommended.clone()
        };
        TaskInfo {
            kind: Self::KIND,
            label: "Parity".into(),
            help: "Learns whether the number of ones in a string of bits is even or odd".into(),
            about: "The smallest task that needs memory: one bit of it, changed by every one that comes. \
                    Try strings of 50 bits only, asked after the last bit: with nothing easier to begin with, \
                    most networks learn nothing at all."
                .into(),
            settings: keys(&[own, PARTS, NETWORK, TRAINING]),
            presets: vec![
                Preset {
                    name: "Recommended".into(),
                    about: "A small GRU reads strings of 1 to 50 bits and is asked after every bit. \
                            In seconds it is right on 500 bits too."
                        .into(),
                    config: recommended,
                },
                Preset {
                    name: "As in the lesson".into(),
                    about: "A simple RNN of 24 ReLU units learns to count the ones in 100,000 strings of 50 bits, \
                            asked after the last bit. It takes minutes, and fails on any other length."
                        .into(),
                    config: lesson,
                },
                Preset {
                    name: "Curriculum".into(),
                    about: "Asked after the last of up to 200 bits, a network only guesses. \
                            It learns when the strings are short at first, and longer by 3 bits with every epoch."
                        .into(),
                    config: curriculum,
                },
            ],
            built_in: None,
            score: Some(ScoreInfo {
                name: "Strings right (%)".into(),
                help: "Validation strings whose number of ones it takes rightly for even or odd; guessing gets 50"
                    .into(),
            }),
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

    fn prepare(config: &Config, _corpus: &(), _known: Option<&Value>) -> Result<Self> {
        config.check()?;
        let mut rng = Rng::new(config.seed, Stream::Parity);
        let longest = config.bits as usize;
        let strings: Vec<Vec<u32>> = (0..config.strings)
            .map(|_| {
                let length = match config.lengths {
                    Lengths::Fixed => longest,
                    Lengths::Mixed | Lengths::Growing => 1 + rng.below(longest),
                };
                random_bits(length, &mut rng)
            })
            .collect();
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
            framing: config.framing,
            loss: config.parity_loss,
            report: DataReport::default(),
        };
        let rows = parity.train.iter().take(ROWS_SHOWN);
        let rows = rows.map(|bits| (text(bits), parity.name(parity.class(ones(bits)))));
        let lengths = match config.lengths {
            Lengths::Fixed => config.bits.to_string(),
            Lengths::Mixed | Lengths::Growing => format!("1 to {}", config.bits),
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

    fn recall(config: &Config, _vocabularies: &Value, report: DataReport) -> Result<Self> {
        Ok(Self {
            train: Vec::new(),
            validation: Vec::new(),
            test: Vec::new(),
            framing: config.framing,
            loss: config.parity_loss,
            report,
        })
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

    /// Where strings grow, an epoch has as many examples as there are strings, but only of the short
    /// ones: they come again and again until longer ones join them.
    fn epoch(&self, config: &Config, epoch: u32, rng: &mut Rng) -> Vec<Vec<usize>> {
        let lengths = self.lengths(Part::Train);
        let shortest = lengths.iter().map(|length| length.0).min();
        let longest = match config.lengths {
            Lengths::Fixed | Lengths::Mixed => usize::MAX,
            Lengths::Growing => epoch.saturating_mul(config.growth) as usize,
        };
        let longest = longest.max(shortest.unwrap_or_default());
        let short = (0..lengths.len()).filter(|&index| lengths[index].0 <= longest);
        let examples: Vec<usize> = short.cycle().take(lengths.len()).collect();
        let lengths: Vec<_> = examples.iter().map(|&example| lengths[example]).collect();
        let mut batches = epoch_batches(&lengths, config.batch as usize, rng);
        for example in batches.iter_mut().flatten() {
            *example = examples[*example];
        }
        batches
    }

    fn batch(&self, part: Part, examples: &[usize], device: &Device) -> ParityBatch {
        let strings: Vec<&[u32]> = examples
            .iter()
            .map(|&example| self.strings(part)[example].as_slice())
            .collect();
        let targets: Vec<Vec<u32>> = strings
            .iter()
            .map(|bits| counts(bits).map(|ones| self.class(ones)).collect())
            .collect();
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
    ) -> Result<Vec<Verdict>> {
        let strings: Vec<&[u32]> = self.strings(part)[questions]
            .iter()
            .map(Vec::as_slice)
            .collect();
        let states = Self::hidden_states(network, &strings, device);
        let [time, batch, hidden] = states.dims();
        let last: Vec<i32> = (0..)
            .zip(&strings)
            .map(|(row, bits)| ((bits.len() - 1) * batch + row) as i32)
            .collect();
        let last = Tensor::<1, Int>::from_data(TensorData::new(last, [batch]), device);
        let rows = states.reshape([time * batch, hidden]).select(0, last);
        Self::verdicts(network, rows).await
    }

    fn score(&self, part: Part, replies: &[Verdict]) -> Option<f64> {
        let strings = self.strings(part);
        let right = strings
            .iter()
            .zip(replies)
            .filter(|(bits, verdict)| verdict.is_odd() == (ones(bits) % 2 == 1))
            .count();
        (!replies.is_empty()).then(|| 100.0 * right as f64 / replies.len() as f64)
    }

    fn sample(&self, part: Part, question: usize, verdict: &Verdict) -> Sample {
        let bits = &self.strings(part)[question];
        Sample {
            input: text(bits),
            output: format!(
                "{} ({:.0} % sure)",
                self.name(verdict.class),
                100.0 * verdict.probability
            ),
            expected: vec![self.name(self.class(ones(bits)))],
        }
    }

    fn vocabularies(&self) -> Value {
        Value::Null
    }

    async fn answer(
        &self,
        network: &Classifier,
        question: &ParityQuestion,
        _on_partial: &mut dyn FnMut(ParityAnswer),
        device: &Device,
    ) -> Result<ParityAnswer> {
        match question {
            ParityQuestion::Bits { bits } => {
                let bits: Option<Vec<u32>> = bits.chars().map(|bit| bit.to_digit(2)).collect();
                let bits = bits.filter(|bits| (1..=LONGEST).contains(&bits.len()));
                let bits = bits.ok_or_else(|| {
                    let message = format!("Write a string of 0 and 1, of 1 to {LONGEST} bits.");
                    Error::new(ErrorCode::Setting, message)
                })?;
                let steps = self.read_along(network, &bits, device).await?;
                Ok(ParityAnswer::Bits { steps })
            }
            &ParityQuestion::Accuracy {
                length,
                strings,
                seed,
            } => {
                let (length, strings) = (length as usize, strings as usize);
                if !(1..=LONGEST).contains(&length) || !(1..=MOST_STRINGS).contains(&strings) {
                    let message = format!(
                        "Ask for 1 to {MOST_STRINGS} strings of 1 to {LONGEST} bits, and not for {strings} of {length}."
                    );
                    return Err(Error::new(ErrorCode::Setting, message));
                }
                let right = Self::count_right(network, length, strings, seed, device).await?;
                Ok(ParityAnswer::Accuracy { right })
            }
        }
    }
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use super::*;

    fn config() -> Config {
        Config {
            bits: 40,
            strings: 2_000,
            ..Config::for_task(TaskKind::Parity)
        }
    }

    /// A network that is not trained, on the CPU.
    fn network(task: &Parity, config: &Config, device: &Device) -> Classifier {
        let mut rng = Rng::new(config.seed, Stream::Initialisation);
        let mut init = Init {
            style: config.initialisation,
            rng: &mut rng,
            device,
        };
        task.init(config, &mut init)
    }

    /// Runs a future that never has to wait, as all are on the CPU.
    fn ready<T>(future: impl Future<Output = Result<T>>) -> T {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            std::task::Poll::Ready(value) => value.expect("an answer"),
            std::task::Poll::Pending => panic!("the CPU never waits"),
        }
    }

    #[test]
    fn every_bit_is_drawn_at_random() {
        let config = Config {
            lengths: Lengths::Fixed,
            ..config()
        };
        let task = Parity::new(&config, &()).unwrap();
        for position in 0..40 {
            let ones: u32 = task.train.iter().map(|bits| bits[position]).sum();
            let share = f64::from(ones) / task.train.len() as f64;
            assert!((share - 0.5).abs() < 0.05, "bit {position}: {share}");
        }
        let odd = task.train.iter().filter(|bits| ones(bits) % 2 == 1).count();
        assert!((odd as f64 / task.train.len() as f64 - 0.5).abs() < 0.05);
    }

    #[test]
    fn fresh_strings_are_not_those_of_the_data() {
        let config = Config {
            lengths: Lengths::Fixed,
            ..config()
        };
        let task = Parity::new(&config, &()).unwrap();
        let mut rng = Rng::new(config.seed, Stream::FreshParity);
        for _ in 0..2_000 {
            let fresh = random_bits(40, &mut rng);
            for part in [Part::Train, Part::Validation, Part::Test] {
                assert!(!task.strings(part).contains(&fresh));
            }
        }
    }

    #[test]
    fn a_curriculum_begins_with_short_strings_and_ends_with_all() {
        let config = Config {
            lengths: Lengths::Growing,
            growth: 3,
            ..config()
        };
        let task = Parity::new(&config, &()).unwrap();
        let lengths = task.lengths(Part::Train);
        let epoch = |epoch| {
            let mut rng = Rng::at(config.seed, Stream::Shuffle, epoch);
            task.epoch(&config, epoch as u32, &mut rng)
        };
        let longest = |batches: &[Vec<usize>]| {
            let examples = batches.iter().flatten();
            examples.map(|&example| lengths[example].0).max().unwrap()
        };
        let epochs = [1, 2, 13, 14, 15].map(epoch);
        let limits = epochs.each_ref().map(|batches| longest(batches));
        assert_eq!(limits, [3, 6, 39, 40, 40]);
        let steps = lengths.len().div_ceil(100);
        assert!(epochs.iter().all(|batches| batches.len() == steps));
        let mut all = epochs[4].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..lengths.len()));
    }

    #[test]
    fn a_curriculum_without_short_strings_begins_with_the_shortest() {
        let config = Config {
            lengths: Lengths::Growing,
            growth: 1,
            bits: 500,
            strings: 100,
            ..config()
        };
        let task = Parity::new(&config, &()).unwrap();
        let mut rng = Rng::new(1, Stream::Shuffle);
        let batches = task.epoch(&config, 1, &mut rng);
        assert_eq!(batches.concat().len(), task.train.len());
    }

    #[test]
    fn strings_answered_together_are_answered_as_one_by_one() {
        let device = Device::flex();
        for framing in [Framing::Parity, Framing::Count] {
            let config = Config {
                framing,
                ..config()
            };
            let task = Parity::new(&config, &()).unwrap();
            let network = network(&task, &config, &device);
            let alone = |bits: &[u32]| ready(task.read_along(&network, bits, &device));

            // Strings of all lengths in one batch.
            let replies = ready(task.reply(&network, Part::Test, 0..30, &config, &device));
            for (bits, reply) in task.test.iter().zip(replies) {
                let steps = alone(bits);
                assert_eq!(steps.len(), bits.len());
                let last = steps.last().unwrap();
                assert!((last.probability_odd - reply.probability_odd).abs() < 1e-5);
                assert_eq!(last.odd, reply.is_odd());
                assert_eq!(
                    last.count,
                    (framing == Framing::Count).then_some(reply.class)
                );
            }

            let right = ready(Parity::count_right(&network, 9, 50, 7, &device));
            let mut rng = Rng::new(7, Stream::FreshParity);
            let mut expected = vec![0; 9];
            for _ in 0..50 {
                let bits = random_bits(9, &mut rng);
                let steps = alone(&bits);
                for (index, step) in steps.iter().enumerate() {
                    let odd = ones(&bits[..=index]) % 2 == 1;
                    expected[index] += u32::from(step.odd == odd);
                }
            }
            assert_eq!(right, expected);
        }
    }

    #[test]
    fn a_verdict_is_the_likeliest_class_modulo_two() {
        let verdict = Verdict::new(&[0.3, 0.2, 0.1, 0.25, 0.15]);
        assert_eq!((verdict.class, verdict.is_odd()), (0, false));
        assert!((verdict.probability - 0.3).abs() < 1e-6);
        assert!((verdict.probability_odd - 0.45).abs() < 1e-6);
        assert!(Verdict::new(&[0.4, 0.6]).is_odd());
        assert!(!Verdict::new(&[0.0, 0.1, 0.9]).is_odd());
    }
}
