//! What can be trained: one file for each task, behind one trait.

mod parity;
mod report;
mod translation;

pub use parity::Parity;
pub use report::{
    Activations, DataReport, KEPT_PER_UNIT, LayerSummary, ModelSummary, Preview, SideReport,
};
pub use translation::Translation;

use crate::config::{Config, TaskKind};
use crate::error::Result;
use crate::nn::{Dropout, Init, LossSums};
use crate::train::Sample;
use burn::module::Module;
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use tsify::Tsify;

/// A part of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Learnt from.
    Train,
    /// Watched after every epoch.
    Validation,
    /// Looked at once, at the end.
    Test,
}

/// A task with its data: how examples become batches, what network answers them, and how well.
pub trait Task {
    type Network: Module + 'static;
    /// Examples on the device.
    type Batch;
    /// What the network answers to one question of the held-out data.
    type Reply;

    const KIND: TaskKind;

    /// What the data is.
    fn report(&self) -> &DataReport;

    /// The network that the settings ask for, and whether it fits, without making it.
    fn summary(&self, config: &Config) -> ModelSummary;

    /// Draws a network's weights.
    fn init(&self, config: &Config, init: &mut Init) -> Self::Network;

    /// Lengths of a part's examples, for batches of like length; source and target where there are two.
    fn lengths(&self, part: Part) -> Vec<(usize, usize)>;

    /// Puts these examples of a part on the device.
    fn batch(&self, part: Part, examples: &[usize], device: &Device) -> Self::Batch;

    /// Tokens of a batch that the loss counts.
    fn tokens(&self, batch: &Self::Batch) -> usize;

    /// The loss of a batch.
    fn loss(&self, network: &Self::Network, batch: &Self::Batch, dropout: &Dropout) -> LossSums;

    /// The number of inputs of a held-out part that are answered in full.
    fn questions(&self, part: Part) -> usize;

    /// Answers to these questions of a part.
    fn reply(
        &self,
        network: &Self::Network,
        part: Part,
        questions: Range<usize>,
        config: &Config,
        device: &Device,
    ) -> impl Future<Output = Result<Vec<Self::Reply>>>;

    /// Corpus BLEU of the answers to a part's questions, for tasks that write text.
    fn bleu(&self, part: Part, replies: &[Self::Reply]) -> Option<f64>;

    /// One question of a part with its answer, in words.
    fn sample(&self, part: Part, question: usize, reply: &Self::Reply) -> Sample;

    /// What a checkpoint must hold, besides weights and settings, for the network to be of use.
    fn vocabularies(&self) -> serde_json::Value;

    /// Answers a user. `on_partial` is called with unfinished answers as they grow.
    fn answer(
        &self,
        network: &Self::Network,
        request: &Request,
        on_partial: &mut dyn FnMut(Answer),
        device: &Device,
    ) -> impl Future<Output = Result<Answer>>;
}

/// What a user asks a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Request {
    Translation {
        text: String,
        beam: u32,
        length_penalty: f64,
        max_output: u32,
    },
    Parity {
        /// A string of 0 and 1.
        bits: String,
    },
}

/// What the network answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Answer {
    Translation {
        /// The sentence as the network reads it.
        input: Vec<InputToken>,
        /// Translations, the best first.
        hypotheses: Vec<TranslatedSentence>,
        /// False while the translation is still growing.
        done: bool,
    },
    Parity {
        /// After every bit.
        steps: Vec<ParityStep>,
    },
}

/// A token of the sentence to translate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct InputToken {
    pub text: String,
    /// Whether the network has a vector for it; if not, it reads `<unk>`.
    pub known: bool,
}

/// A translation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct TranslatedSentence {
    pub text: String,
    /// Log probability, divided by length as the settings have it.
    pub score: f64,
    pub tokens: Vec<OutputToken>,
    /// The attention weights, a row for each output token, a column for each input token.
    #[tsify(optional)]
    pub attention: Option<Vec<Vec<f32>>>,
}

/// A token of a translation, and what else could have stood there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct OutputToken {
    pub text: String,
    pub probability: f32,
    /// The likeliest tokens at this place.
    pub alternatives: Vec<Candidate>,
}

/// A token with its probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct Candidate {
    pub text: String,
    pub probability: f32,
}

/// What the parity network holds for true after a bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ParityStep {
    pub bit: u32,
    /// The probability that the number of ones so far is odd.
    pub probability_odd: f32,
    /// The top layer's hidden state.
    pub hidden: Vec<f32>,
}
