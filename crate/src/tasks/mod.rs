//! What can be trained: one file for each task, behind one trait, in one table.

mod chat;
mod classification;
mod embeddings;
mod generation;
mod info;
mod pairs;
mod parity;
mod report;
mod translation;
mod vectors;

pub use chat::{Chat, ChatAnswer, ChatMessage, ChatQuestion, ChatReply};
pub use classification::{
    Classification, ClassificationAnswer, ClassificationQuestion, ClassificationReport, ReadText,
};
pub use embeddings::{
    EmbeddingTable, NearWord, Place, TableReport, VectorsAnswer, VectorsQuestion, look,
    table_reports,
};
pub use generation::{GeneratedToken, Generation, GenerationAnswer, GenerationQuestion};
pub use info::{BuiltIn, Preset, ScoreInfo, TaskInfo};
pub use parity::{Parity, ParityAnswer, ParityQuestion};
pub use report::{
    Activations, ClassTexts, DataReport, KEPT_PER_UNIT, LayerSummary, ModelSummary, Preview,
    SideReport, preview,
};
pub use translation::{Translation, TranslationAnswer, TranslationQuestion};
pub use vectors::Vectors;

use crate::batch::{epoch_batches, ordered_batches};
use crate::checkpoint::Checkpoint;
use crate::config::Config;
use crate::corpus::TextFile;
use crate::error::{Error, ErrorCode, Result};
use crate::model::{AnyModel, Model};
use crate::nn::{Dropout, Init, LossSums, State};
use crate::rng::Rng;
use crate::train::Sample;
#[cfg(feature = "train")]
use crate::train::{Data, Loaded};
use burn::module::Module;
use burn::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ops::Range;
use tsify::Tsify;

/// The table of tasks. Each line is a task with the types of what it is asked and what it answers;
/// its name in links, checkpoints and messages is that of its type in lower case.
macro_rules! tasks {
    ($( $Task:ident $Question:ident $Answer:ident; )+) => {
        /// What is trained.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
        #[serde(rename_all = "snake_case")]
        pub enum TaskKind { $( $Task ),+ }

        impl TaskKind {
            /// What the page says about the task, and how it starts.
            pub fn info(self) -> TaskInfo {
                match self { $( Self::$Task => $Task::info() ),+ }
            }

            /// Reads the files into records of the task.
            ///
            /// # Errors
            /// Those of [`Task::read`].
            #[cfg(feature = "train")]
            pub fn load(self, files: &[TextFile]) -> Result<Box<dyn Loaded>> {
                match self { $( Self::$Task => Ok(Box::new(Data::<$Task>::read(files)?)) ),+ }
            }

            /// Opens the model in a file, without any data.
            ///
            /// # Errors
            /// Those of [`Model::open`].
            pub fn open(file: &Checkpoint, device: &Device) -> Result<Box<dyn AnyModel>> {
                match file.header.config.task {
                    $( Self::$Task => Ok(Box::new(Model::<$Task>::open(file, device)?)) ),+
                }
            }
        }

        /// All tasks, in the order of the page.
        pub const TASKS: &[TaskKind] = &[ $( TaskKind::$Task ),+ ];

        /// What a user asks a network.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
        #[serde(tag = "task", rename_all = "snake_case")]
        pub enum Request { $( $Task($Question) ),+ }

        /// What the network answers.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
        #[serde(tag = "task", rename_all = "snake_case")]
        pub enum Answer { $( $Task($Answer) ),+ }

        impl Request {
            fn task(&self) -> TaskKind {
                match self { $( Self::$Task(_) => TaskKind::$Task ),+ }
            }
        }

        $(
            impl Question for $Question {
                fn of(request: &Request) -> Option<&Self> {
                    match request {
                        Request::$Task(question) => Some(question),
                        #[allow(unreachable_patterns, reason = "a table of one task")]
                        _ => None,
                    }
                }
            }

            impl From<$Question> for Request {
                fn from(question: $Question) -> Self { Self::$Task(question) }
            }

            impl From<$Answer> for Answer {
                fn from(answer: $Answer) -> Self { Self::$Task(answer) }
            }
        )+
    };
}

tasks! {
    Translation TranslationQuestion TranslationAnswer;
    Parity ParityQuestion ParityAnswer;
    Generation GenerationQuestion GenerationAnswer;
    Chat ChatQuestion ChatAnswer;
    Classification ClassificationQuestion ClassificationAnswer;
    Vectors VectorsQuestion VectorsAnswer;
}

/// A part of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Learnt from.
    Train,
    /// Watched after every epoch.
    Validation,
    /// Looked at once, at the end.
    Test,
}

/// A task with its data: how examples become batches, what network answers them, and how well.
pub trait Task: Sized + 'static {
    const KIND: TaskKind;

    /// What files become before any setting is looked at; `()` where a task makes its own data.
    type Corpus: 'static;
    type Network: Module + 'static;
    /// Examples on the device.
    type Batch;
    /// What the network answers to one question of the held-out data.
    type Reply;
    /// What a user asks.
    type Question: Question;
    /// What the user gets.
    type Answer: Into<Answer>;

    /// What the page says about the task, and how it starts.
    fn info() -> TaskInfo;

    /// Reads files into records; no files stand for the data that the program itself writes.
    ///
    /// # Errors
    /// [`ErrorCode::File`] with the file, the line where there is one, and what to do.
    fn read(files: &[TextFile]) -> Result<Self::Corpus>;

    /// The records that the settings ask for, as examples in their parts. `known` are the vocabularies of a
    /// network that is to be trained on: they take the place of the data's own.
    ///
    /// # Errors
    /// [`ErrorCode::Setting`] for values out of range, or that leave nothing to train on.
    fn prepare(config: &Config, corpus: &Self::Corpus, known: Option<&Value>) -> Result<Self>;

    /// The same for a new network.
    ///
    /// # Errors
    /// Those of [`Self::prepare`].
    fn new(config: &Config, corpus: &Self::Corpus) -> Result<Self> {
        Self::prepare(config, corpus, None)
    }

    /// The task without any data, as a network needs it that was trained elsewhere: with that one's vocabularies, and
    /// what there is to say of the data it was trained on.
    ///
    /// # Errors
    /// [`ErrorCode::Checkpoint`] for vocabularies that are damaged.
    fn recall(config: &Config, vocabularies: &Value, report: DataReport) -> Result<Self>;

    /// What the data is.
    fn report(&self) -> &DataReport;

    /// The network that the settings ask for, and whether it fits, without making it.
    fn summary(&self, config: &Config) -> ModelSummary;

    /// Draws a network's weights.
    fn init(&self, config: &Config, init: &mut Init) -> Self::Network;

    /// Lengths of a part's examples, for batches of like length; source and target where there are two. Nothing
    /// for a task with an order of its own: [`Self::epoch`] and [`Self::held_out`].
    fn lengths(&self, _part: Part) -> Vec<(usize, usize)> {
        Vec::new()
    }

    /// The training examples of each batch of an epoch, counted from 1: shuffled, and of like length in a batch.
    /// Every epoch of a run has as many batches.
    fn epoch(&self, config: &Config, _epoch: u32, rng: &mut Rng) -> Vec<Vec<usize>> {
        epoch_batches(&self.lengths(Part::Train), config.batch as usize, rng)
    }

    /// The examples of each batch of a held-out part, in order.
    fn held_out(&self, config: &Config, part: Part) -> Vec<Vec<usize>> {
        ordered_batches(self.lengths(part).len(), config.batch as usize)
    }

    /// Puts these examples of a part on the device.
    fn batch(&self, part: Part, examples: &[usize], device: &Device) -> Self::Batch;

    /// Tokens of a batch that the loss counts.
    fn tokens(&self, batch: &Self::Batch) -> usize;

    /// The loss of a batch. `carried` holds the recurrent states that the batch before left there, and is
    /// empty at the start of an epoch or of a held-out part: streams go on from them, with no gradient
    /// back to where they came from; all else leaves it empty.
    fn loss(
        &self,
        network: &Self::Network,
        batch: &Self::Batch,
        carried: &mut Vec<State>,
        dropout: &Dropout,
    ) -> LossSums;

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

    /// The score that [`TaskInfo::score`] names, of the answers to a part's questions.
    fn score(&self, _part: Part, _replies: &[Self::Reply]) -> Option<f64> {
        None
    }

    /// One question of a part with its answer, in words.
    fn sample(&self, part: Part, question: usize, reply: &Self::Reply) -> Sample;

    /// The tables of token vectors that a network of this task may have: to be looked at, and to start
    /// from vectors that were learnt elsewhere.
    fn embeddings(&self) -> Vec<EmbeddingTable<'_>> {
        Vec::new()
    }

    /// What a checkpoint must hold, besides weights and settings, for the network to be of use.
    fn vocabularies(&self) -> Value;

    /// Answers a user. `on_partial` is called with unfinished answers as they grow.
    fn answer(
        &self,
        network: &Self::Network,
        question: &Self::Question,
        on_partial: &mut dyn FnMut(Self::Answer),
        device: &Device,
    ) -> impl Future<Output = Result<Self::Answer>>;
}

/// One entry of a network's vocabularies.
///
/// # Errors
/// [`ErrorCode::Checkpoint`] where it is missing or damaged.
fn entry<V: DeserializeOwned>(vocabularies: &Value, name: &str) -> Result<V> {
    V::deserialize(&vocabularies[name]).map_err(|cause| {
        let message = format!("The vocabularies of this model are damaged. ({name}: {cause})");
        Error::new(ErrorCode::Checkpoint, message)
    })
}

/// What a question about the data gets where there is a network and no data.
fn no_data() -> Error {
    let message = "This takes the data that the network was trained on. Load it, and train on.";
    Error::new(ErrorCode::State, message)
}

/// What one task is asked, among what all are asked.
pub trait Question: Sized {
    /// The question in a request, if it is for this task.
    fn of(request: &Request) -> Option<&Self>;

    /// The question in a request.
    ///
    /// # Errors
    /// [`ErrorCode::State`] if it is for another task.
    fn expect(request: &Request) -> Result<&Self> {
        Self::of(request).ok_or_else(|| {
            let message = format!(
                "This network was not trained for that; choose the task {}.",
                request.task().info().label
            );
            Error::new(ErrorCode::State, message)
        })
    }
}
