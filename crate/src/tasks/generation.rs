//! Text in the style of a book: the next character, or the next word, over and over.

use super::info::keys;
use super::{
    Activations, BuiltIn, DataReport, EmbeddingTable, KEPT_PER_UNIT, ModelSummary, Part, Preset,
    Task, TaskInfo, TaskKind, entry, no_data,
};
use crate::batch::{Streams, Tokens, ordered_batches, tails, windows};
use crate::config::{
    CellKind, Config, Initialisation, InputKind, Level, NETWORK, PARTS, Presentation, TRAINING,
};
use crate::corpus::{Documents, RejectedLine, TextFile, read_documents};
use crate::decode::{Sampling, log_probabilities, sample};
use crate::device;
use crate::error::{Error, ErrorCode, Result};
use crate::kernels::LOGITS_AT_ONCE;
use crate::models::{LanguageModel, LanguageModelConfig};
use crate::nn::{Dropout, Init, LossSums, State, masked_cross_entropy};
use crate::rng::{Rng, Stream};
use crate::text::{
    END, Ngrams, PAD, PARAGRAPH_END, RunningText, START, Tokenizer, UNK, Vocabulary, verbatim,
};
use crate::train::Sample;
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use tsify::Tsify;

/// First texts shown on the page, and how much of each.
const ROWS_SHOWN: usize = 8;
const BEGINNING_SHOWN: usize = 120;
/// Styles that a sample is written in while training.
const STYLES_SAMPLED: usize = 6;
/// How much of the held-out text each sample goes on from.
const SEED_CHARACTERS: usize = 40;
const SEED_WORDS: usize = 8;
/// Tokens of the longest text to begin with.
const LONGEST_SEED: usize = 2_000;
/// Tokens of the longest text that is written.
const LONGEST_TEXT: usize = 20_000;
/// Stretches that stand in the training text word for word are named from this length on: most of what
/// people write has shorter ones.
const SHORTEST_CHARACTERS: usize = 20;
const SHORTEST_WORDS: usize = 6;
/// The longest sequences that are counted for the baseline.
const ORDER_CHARACTERS: usize = 5;
const ORDER_WORDS: usize = 3;
/// Tokens of the held-out text that are looked for in the training text.
const COMPARED: usize = 1_000;

/// A text to be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GenerationQuestion {
    /// Reads the beginning of a new text, and writes nothing yet.
    Start {
        seed: String,
        /// How much of each style, in the order of the report; all alike where all are 0.
        blend: Vec<f64>,
        /// The start of the random choices: the same number gives the same text.
        random: u32,
    },
    /// Goes on with the text from where it is; nothing that was written is read again.
    Continue {
        count: u32,
        blend: Vec<f64>,
        sampling: Sampling,
    },
    /// What counting alone knows of the held-out text.
    Baseline,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GenerationAnswer {
    Text {
        /// The beginning as the network read it.
        seed: String,
        /// Tokens of the beginning that the network does not know, each once.
        unknown: Vec<String>,
        /// The number of tokens written before.
        start: u32,
        /// The tokens written since.
        tokens: Vec<GeneratedToken>,
        /// Whether there is no room for more.
        full: bool,
        /// Stretches of all that was written which stand in the training text word for word, from the length
        /// that is worth naming on: first token, and the token behind the last.
        #[tsify(type = "[number, number][]")]
        stretches: Vec<(u32, u32)>,
        /// Tokens of the longest stretch, however short.
        longest: u32,
        /// The longest stretch itself.
        longest_text: String,
    },
    Baseline {
        /// Bits per token of the held-out text, by counting sequences of `order` tokens: the best of all
        /// orders that were tried.
        bits: f64,
        order: u32,
        /// Bits per token without looking at what came before.
        single_bits: f64,
        /// Tokens of the longest stretch of the first `compared` held-out tokens that stands in the training
        /// text word for word: how much of it is no more than language.
        longest: u32,
        compared: u32,
    },
}

/// A token that was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct GeneratedToken {
    /// With the space in front of it, for words.
    pub text: String,
    /// The probability that the network gave it.
    pub probability: f32,
    /// How undecided the network was, in bits.
    pub entropy: f32,
}

/// Texts as token ids, their tails held out.
pub struct Generation {
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
    train: Tokens,
    validation: Tokens,
    test: Tokens,
    presentation: Presentation,
    window: usize,
    stride: usize,
    /// Tokens that are never written.
    never: Vec<u32>,
    /// Whether unknown tokens were trained on, so that one can be read.
    reads_unknown: bool,
    /// Where each sample while training goes on from.
    seed: Vec<u32>,
    baseline: OnceCell<GenerationAnswer>,
    /// The text that is being written for the user; away while a question is answered.
    writing: RefCell<Option<Writing>>,
    report: DataReport,
}

/// A text that is being written.
struct Writing {
    /// The beginning, as the tokenizer cut it.
    seed: Vec<String>,
    unknown: Vec<String>,
    tokens: Vec<u32>,
    /// Log probabilities of the next token.
    next: Vec<f32>,
    states: Vec<State>,
    rng: Rng,
}

/// Text on the device, time first.
pub struct GenerationBatch {
    /// `[time·batch]`
    ids: Tensor<1, Int>,
    /// The style of each token's document, `[time·batch]`; none where there is one style only.
    styles: Option<Tensor<1, Int>>,
    rows: usize,
    /// The next token of each, `[time·batch]`; in windows of the last one only, `[batch]`.
    targets: Tensor<1, Int>,
    tokens: usize,
}

fn id_tensor(ids: Vec<i32>, device: &Device) -> Tensor<1, Int> {
    let count = ids.len();
    Tensor::from_data(TensorData::new(ids, [count]), device)
}

/// Weights of styles that sum to 1.
fn normalised(blend: &[f64], styles: usize) -> Vec<f32> {
    let weight = |style: usize| match blend.get(style) {
        Some(weight) if weight.is_finite() => weight.max(0.0),
        _ => 0.0,
    };
    let total: f64 = (0..styles).map(weight).sum();
    let share = |style: usize| match total > 0.0 {
        true => weight(style) / total,
        false => 1.0 / styles as f64,
    };
    (0..styles).map(|style| share(style) as f32).collect()
}

/// Tokens that are never written by a network that was trained on so many texts.
fn never(texts: u32) -> Vec<u32> {
    let mut never = vec![PAD, UNK, END];
    if texts <= 1 {
        // Nothing ever ended in training.
        never.push(START);
    }
    never
}

fn no_text() -> Error {
    Error::new(
        ErrorCode::State,
        "No text is being written; start one first.",
    )
}

impl Generation {
    fn part(&self, part: Part) -> &Tokens {
        match part {
            Part::Train => &self.train,
            Part::Validation => &self.validation,
            Part::Test => &self.test,
        }
    }

    fn styles(&self) -> usize {
        self.report.styles.len()
    }

    fn network_config(&self, config: &Config) -> LanguageModelConfig {
        LanguageModelConfig::new(config, self.vocabulary.len(), self.styles())
    }

    /// The token as it is printed: between two documents there is a paragraph's end.
    fn printed(&self, id: u32) -> String {
        let text = match id {
            START => PARAGRAPH_END,
            id => self.vocabulary.token(id),
        };
        text.into()
    }

    /// The streams through a part: a row of the batch each.
    fn streams(&self, part: Part, config: &Config) -> Vec<Vec<usize>> {
        let (tokens, count) = (self.part(part).ids.len(), config.batch as usize);
        // Training steps are all of one length; held-out text is read to its end.
        let streams = Streams::new(tokens, count, self.window, part == Part::Train);
        (0..streams.steps())
            .map(|step| streams.starts(step))
            .collect()
    }

    /// Reads one or more tokens in each row, all rows of one length, `[row][time]`. Returns the log
    /// probabilities of each row's next token, and the states.
    async fn read_on(
        &self,
        network: &LanguageModel,
        rows: &[Vec<u32>],
        blend: &[Vec<f32>],
        states: Vec<State>,
        device: &Device,
    ) -> Result<(Vec<Vec<f32>>, Vec<State>)> {
        let (batch, time) = (rows.len(), rows[0].len());
        let ids = (0..time).flat_map(|step| rows.iter().map(move |row| row[step] as i32));
        let weights = TensorData::new(blend.concat(), [batch, self.styles()]);
        let style = network.blend(Tensor::from_data(weights, device), time);
        let ids = id_tensor(ids.collect(), device);
        let (outputs, states) = network.forward(ids, style, batch, states, &Dropout::OFF);
        let last = outputs.narrow(0, time - 1, 1).squeeze_dim(0);
        let logits = device::read(network.output.forward(last)).await?;
        let logs = logits
            .chunks(self.vocabulary.len())
            .map(|logits| log_probabilities(logits, &self.never));
        Ok((logs.collect(), states))
    }

    /// The tokens of a text that a user begins with, the unknown ones of them, and their ids.
    fn encode(&self, seed: &str) -> Result<(Vec<String>, Vec<String>, Vec<u32>)> {
        let tokens = self.tokenizer.tokenize(seed);
        if tokens.len() > LONGEST_SEED {
            let message = format!(
                "The text to begin with has {} tokens; shorten it to {LONGEST_SEED}.",
                tokens.len()
            );
            return Err(Error::new(ErrorCode::Setting, message));
        }
        let mut unknown: Vec<String> = Vec::new();
        let mut ids = Vec::with_capacity(tokens.len() + 1);
        for token in &tokens {
            match self.vocabulary.id(token) {
                Some(id) => ids.push(id),
                None => {
                    // A vector that was never trained would only disturb.
                    ids.extend(self.reads_unknown.then_some(UNK));
                    if !unknown.contains(token) {
                        unknown.push(token.clone());
                    }
                }
            }
        }
        // Like the beginning of a document.
        if ids.is_empty() || self.report.records > 1 {
            ids.insert(0, START);
        }
        Ok((tokens, unknown, ids))
    }

    /// The answer about a text, of which `start` tokens are known to the asker.
    fn text(&self, writing: &Writing, start: usize, chosen: &[(f32, f32)]) -> GenerationAnswer {
        let written = writing.tokens.iter().map(|&id| self.printed(id));
        let all: Vec<String> = writing.seed.iter().cloned().chain(written).collect();
        let pieces = self.tokenizer.pieces(&all);
        let (seed, pieces) = pieces.split_at(writing.seed.len());
        let new = pieces[start..].iter().zip(chosen);
        let shortest = match self.tokenizer.level {
            Level::Char => SHORTEST_CHARACTERS,
            Level::Word => SHORTEST_WORDS,
        };
        let found = verbatim(&writing.tokens, &self.train.ids, shortest, Some(UNK));
        let range = |range: &Range<usize>| (range.start as u32, range.end as u32);
        GenerationAnswer::Text {
            seed: seed.concat(),
            unknown: writing.unknown.clone(),
            start: start as u32,
            tokens: new
                .map(|(text, &(probability, entropy))| GeneratedToken {
                    text: text.clone(),
                    probability,
                    entropy,
                })
                .collect(),
            full: writing.tokens.len() >= LONGEST_TEXT,
            stretches: found.stretches.iter().map(range).collect(),
            longest: found.longest.len() as u32,
            longest_text: pieces[found.longest.clone()].concat(),
        }
    }

    fn baseline(&self) -> GenerationAnswer {
        let order = match self.tokenizer.level {
            Level::Char => ORDER_CHARACTERS,
            Level::Word => ORDER_WORDS,
        };
        let held_out = &self.validation.ids;
        let model = Ngrams::new(&self.train.ids, order, self.vocabulary.len());
        let bits = model.bits_per_token(held_out);
        let best = (0..bits.len()).min_by(|&a, &b| bits[a].total_cmp(&bits[b]));
        let best = best.unwrap_or(0);
        let compared = &held_out[..held_out.len().min(COMPARED)];
        let found = verbatim(compared, &self.train.ids, compared.len(), Some(UNK));
        GenerationAnswer::Baseline {
            bits: bits[best],
            order: best as u32 + 1,
            single_bits: bits[0],
            longest: found.longest.len() as u32,
            compared: compared.len() as u32,
        }
    }
}

/// The first words of a text on one line.
fn beginning(text: &str) -> String {
    let mut words = String::new();
    for word in text.split_whitespace() {
        if words.chars().count() + word.chars().count() > BEGINNING_SHOWN {
            words.push('…');
            break;
        }
        words += word;
        words.push(' ');
    }
    words.trim_end().into()
}

/// What the texts are, in words.
fn format(corpus: &Documents, vocabulary: &Vocabulary, coverage: f64, level: Level) -> String {
    let plural = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    };
    let texts = plural(corpus.documents.len(), "text");
    let styles = match corpus.styles.len() {
        1 => String::new(),
        count => format!(" in {count} styles"),
    };
    // Besides the special tokens.
    let known = vocabulary.len() - 4;
    let words = match level {
        Level::Char => plural(known, "different character"),
        Level::Word => format!(
            "{} cover {:.1} % of them",
            plural(known, "word"),
            100.0 * coverage
        ),
    };
    let note = corpus.note.as_ref();
    let note = note.map_or(String::new(), |note| format!("; {note}"));
    format!("{texts}{styles}, {words}{note}")
}

impl Task for Generation {
    type Corpus = Documents;
    type Network = LanguageModel;
    type Batch = GenerationBatch;
    /// A sample in one style, as ids.
    type Reply = Vec<u32>;
    type Question = GenerationQuestion;
    type Answer = GenerationAnswer;

    const KIND: TaskKind = TaskKind::Generation;

    fn info() -> TaskInfo {
        let own: &[&str] = &[
            "level",
            "lowercase",
            "presentation",
            "window",
            "stride",
            "vocabulary",
            "input",
            "embedding",
            "sample_every",
            "temperature",
            "top_k",
            "top_p",
            "sample_length",
        ];
        let recommended = Config {
            task: Self::KIND,
            level: Level::Char,
            input: InputKind::OneHot,
            hidden: 128,
            batch: 16,
            window: 40,
            learning_rate: 0.007,
            epochs: 5,
            patience: 0,
            sample_every: 250,
            validation_share: 0.05,
            ..Config::default()
        };
        let lesson = Config {
            presentation: Presentation::Windows,
            initialisation: Initialisation::Keras,
            batch: 32,
            learning_rate: 0.001,
            clip_norm: 0.0,
            sample_every: 500,
            ..recommended.clone()
        };
        let preset = |name: &str, about: &str, config: Config| Preset {
            name: name.into(),
            about: about.into(),
            config,
        };
        TaskInfo {
            kind: Self::KIND,
            label: "Writer".into(),
            help: "Learns to write in the style of a book, character by character or word by word".into(),
            about: "The network reads a book and guesses each next character, until it can write on by itself. \
                    Watch spelling come first, then words, then something like grammar; turn the temperature up and down, \
                    or drop several texts and mix their styles."
                .into(),
            settings: keys(&[own, PARTS, NETWORK, TRAINING]),
            presets: vec![
                preset(
                    "Recommended",
                    "Characters in streams through an LSTM of 128: readable words within half a minute on a laptop's CPU.",
                    recommended.clone(),
                ),
                preset(
                    "As in the lesson: 40 characters",
                    "Windows of 40 characters, a new one every 5, LSTM of 128. Each window teaches one character only, so \
                     an epoch takes many steps: several minutes on a CPU.",
                    Config {
                        window: 40,
                        stride: 5,
                        hidden: 128,
                        ..lesson.clone()
                    },
                ),
                preset(
                    "As in the lesson: 20 words",
                    "Costly: a GRU of 1,024 over windows of 20 words, 512 at a time, takes about 1.5 GB of memory and, on a CPU, \
                     more than ten seconds a step and hours an epoch. Meant for a GPU.",
                    Config {
                        level: Level::Word,
                        cell: CellKind::Gru,
                        input: InputKind::Embedding,
                        embedding: 128,
                        hidden: 1_024,
                        window: 20,
                        stride: 1,
                        batch: 512,
                        sample_every: 50,
                        sample_length: 60,
                        ..lesson
                    },
                ),
                preset(
                    "Shakespeare",
                    "Two layers of 128 over streams of 50 characters: for the million characters of tinyshakespeare, to be dropped \
                     as a file; other books of that size do as well.",
                    Config {
                        hidden: 128,
                        layers: 2,
                        window: 50,
                        batch: 50,
                        learning_rate: 0.002,
                        validation_share: 0.1,
                        test_share: 0.0,
                        ..recommended
                    },
                ),
            ],
            built_in: Some(BuiltIn {
                name: "Moby-Dick".into(),
                file: Some("moby-dick.txt".into()),
            }),
            score: None,
        }
    }

    fn read(files: &[TextFile]) -> Result<Documents> {
        read_documents(files)
    }

    /// Cuts the texts into tokens, holds their tails out, and counts the vocabulary of the training part.
    fn prepare(config: &Config, corpus: &Documents, known: Option<&Value>) -> Result<Self> {
        config.check()?;
        let tokenizer = match known {
            Some(known) => entry(known, "tokenizer")?,
            None => Tokenizer {
                level: config.level,
                lowercase: config.lowercase,
            },
        };
        let styles: Vec<String> = match known {
            Some(known) => entry(known, "styles")?,
            None => corpus.styles.clone(),
        };
        if styles.len() != corpus.styles.len() {
            let message = format!(
                "This network writes in {} styles, and the texts have {}. Load as many, or start a new network.",
                styles.len(),
                corpus.styles.len()
            );
            return Err(Error::new(ErrorCode::Setting, message));
        }
        let mut running = RunningText::default();
        let texts: Vec<(Vec<u32>, usize)> = corpus
            .documents
            .iter()
            .map(|document| (running.read(&document.text, &tokenizer), document.style))
            .collect();
        let cut = |text: &[u32]| tails(text.len(), config.validation_share, config.test_share);
        let mut counts = vec![0usize; running.tokens().len()];
        for (text, _) in &texts {
            let [train, ..] = cut(text);
            text[train]
                .iter()
                .for_each(|&number| counts[number as usize] += 1);
        }
        let counted = running
            .tokens()
            .iter()
            .map(String::as_str)
            .zip(counts.iter().copied());
        let vocabulary: Vocabulary = match known {
            Some(known) => entry(known, "vocabulary")?,
            None => Vocabulary::of_counts(counted.clone(), config.vocabulary as usize),
        };
        let ids = running.tokens().iter();
        let ids: Vec<u32> = ids
            .map(|token| vocabulary.id(token).unwrap_or(UNK))
            .collect();
        let all: usize = counts.iter().sum();
        let in_vocabulary: usize = counted
            .filter(|(token, _)| vocabulary.id(token).is_some())
            .map(|(_, count)| count)
            .sum();
        let coverage = in_vocabulary as f64 / all.max(1) as f64;

        let [mut train, mut validation, mut test] = [(); 3].map(|()| Tokens::default());
        for (text, style) in &texts {
            let text_ids: Vec<u32> = text.iter().map(|&number| ids[number as usize]).collect();
            let [first, second, third] = cut(text);
            train.push(&[&[START], &text_ids[first]].concat(), *style);
            validation.push(&text_ids[second], *style);
            test.push(&text_ids[third], *style);
        }
        let window = config.window as usize;
        if train.ids.len() <= window + 1 {
            let message = format!(
                "The text to train on has {} tokens, too few for a sequence of {window}; lower the sequence length or \
                 choose a longer text.",
                train.ids.len() - texts.len()
            );
            return Err(Error::new(ErrorCode::Setting, message).on_field("window"));
        }
        if config.presentation == Presentation::Windows
            && windows(&train, window, config.stride as usize).is_empty()
        {
            let message = format!(
                "No text has a whole window of {window} tokens and one to predict; lower the sequence length."
            );
            return Err(Error::new(ErrorCode::Setting, message).on_field("window"));
        }
        let seed = seed(&validation, &train, &vocabulary, config.level);
        let name = match &corpus.documents[..] {
            [only] => only.name.clone(),
            [first, second] => format!("{} and {}", first.name, second.name),
            many => format!("{} texts", many.len()),
        };
        let rows = corpus.documents.iter().take(ROWS_SHOWN);
        let rejected = corpus.rejected.iter().map(|file| RejectedLine {
            line: 1,
            reason: file.reason.clone(),
            text: file.name.clone(),
        });
        let report = DataReport {
            name,
            format: format(corpus, &vocabulary, coverage, config.level),
            records: texts.len() as u32,
            used: texts.len() as u32,
            train: (train.ids.len() - texts.len()) as u32,
            validation: validation.ids.len() as u32,
            test: test.ids.len() as u32,
            rows: rows
                .map(|document| (document.name.clone(), beginning(&document.text)))
                .collect(),
            styles,
            rejected: rejected.collect(),
            rejected_total: corpus.rejected.len() as u32,
            ..DataReport::default()
        };
        Ok(Self {
            tokenizer,
            reads_unknown: in_vocabulary < all,
            vocabulary,
            train,
            validation,
            test,
            presentation: config.presentation,
            window,
            stride: config.stride as usize,
            never: never(texts.len() as u32),
            seed,
            baseline: OnceCell::new(),
            writing: RefCell::new(None),
            report,
        })
    }

    fn recall(config: &Config, vocabularies: &Value, report: DataReport) -> Result<Self> {
        let vocabulary: Vocabulary = entry(vocabularies, "vocabulary")?;
        let styles = entry(vocabularies, "styles")?;
        Ok(Self {
            tokenizer: entry(vocabularies, "tokenizer")?,
            // A vocabulary that is not full has room for all tokens that there were.
            reads_unknown: vocabulary.len() >= config.vocabulary as usize + 4,
            vocabulary,
            train: Tokens::default(),
            validation: Tokens::default(),
            test: Tokens::default(),
            presentation: config.presentation,
            window: config.window as usize,
            stride: config.stride as usize,
            never: never(report.records),
            seed: vec![START],
            baseline: OnceCell::new(),
            writing: RefCell::new(None),
            report: DataReport { styles, ..report },
        })
    }

    fn report(&self) -> &DataReport {
        &self.report
    }

    fn summary(&self, config: &Config) -> ModelSummary {
        let network = self.network_config(config);
        let rows = f64::from(config.batch) * f64::from(config.window);
        let hidden = f64::from(config.hidden);
        let width = network.embedding.unwrap_or(0) as f64;
        let predicted = match self.presentation {
            Presentation::Streams => rows,
            Presentation::Windows => f64::from(config.batch),
        };
        let tokens = network.tokens as f64;
        let logits = (predicted * tokens).min(LOGITS_AT_ONCE as f64);
        let activations = Activations {
            kept: rows * (f64::from(config.layers) * hidden * KEPT_PER_UNIT + 2.0 * width)
                + 2.0 * logits,
            largest: rows * hidden.max(width),
            largest_weight: (tokens
                * if width > 0.0 {
                    hidden.max(width)
                } else {
                    4.0 * hidden
                })
            .max(4.0 * hidden * hidden),
            moments: config.optimizer.moments() as f64,
        };
        ModelSummary::new(network.layers(), &activations)
    }

    fn init(&self, config: &Config, init: &mut Init) -> LanguageModel {
        // A text under way belongs to the network before.
        self.writing.replace(None);
        self.network_config(config).init(init)
    }

    /// Streams in order, a step after the other; windows shuffled.
    fn epoch(&self, config: &Config, _epoch: u32, rng: &mut Rng) -> Vec<Vec<usize>> {
        match self.presentation {
            Presentation::Streams => self.streams(Part::Train, config),
            Presentation::Windows => {
                let mut starts = windows(&self.train, self.window, self.stride);
                rng.shuffle(&mut starts);
                starts
                    .chunks(config.batch as usize)
                    .map(<[usize]>::to_vec)
                    .collect()
            }
        }
    }

    fn held_out(&self, config: &Config, part: Part) -> Vec<Vec<usize>> {
        match self.presentation {
            Presentation::Streams => self.streams(part, config),
            Presentation::Windows => {
                let starts = windows(self.part(part), self.window, self.stride);
                let batches = ordered_batches(starts.len(), config.batch as usize);
                let of = |batch: Vec<usize>| batch.iter().map(|&index| starts[index]).collect();
                batches.into_iter().map(of).collect()
            }
        }
    }

    /// The text from these positions on.
    fn batch(&self, part: Part, starts: &[usize], device: &Device) -> GenerationBatch {
        let tokens = self.part(part);
        let time = match self.presentation {
            Presentation::Streams => Streams::step_length(starts, self.window, tokens.ids.len()),
            Presentation::Windows => self.window,
        };
        let positions = || (0..time).flat_map(|step| starts.iter().map(move |&start| start + step));
        let id = |position: usize| tokens.ids[position] as i32;
        let targets: Vec<i32> = match self.presentation {
            Presentation::Streams => positions().map(|position| id(position + 1)).collect(),
            Presentation::Windows => starts.iter().map(|&start| id(start + time)).collect(),
        };
        let styles = (self.styles() > 1).then(|| {
            let styles = positions().map(|position| tokens.style(position) as i32);
            id_tensor(styles.collect(), device)
        });
        GenerationBatch {
            ids: id_tensor(positions().map(id).collect(), device),
            styles,
            rows: starts.len(),
            tokens: targets.len(),
            targets: id_tensor(targets, device),
        }
    }

    fn tokens(&self, batch: &GenerationBatch) -> usize {
        batch.tokens
    }

    fn loss(
        &self,
        network: &LanguageModel,
        batch: &GenerationBatch,
        carried: &mut Vec<State>,
        dropout: &Dropout,
    ) -> LossSums {
        let styles = batch.styles.clone();
        let style = styles.and_then(|ids| network.styles(ids, batch.rows));
        let before = std::mem::take(carried);
        let (outputs, states) =
            network.forward(batch.ids.clone(), style, batch.rows, before, dropout);
        let [time, rows, hidden] = outputs.dims();
        let outputs = match self.presentation {
            Presentation::Streams => {
                *carried = states.into_iter().map(State::detach).collect();
                outputs.reshape([time * rows, hidden])
            }
            Presentation::Windows => outputs.narrow(0, time - 1, 1).reshape([rows, hidden]),
        };
        let mask = Tensor::ones([batch.tokens], &outputs.device());
        masked_cross_entropy(&network.output, outputs, batch.targets.clone(), mask)
    }

    /// A sample in each style, from the same beginning.
    fn questions(&self, part: Part) -> usize {
        match part {
            Part::Validation => self.styles().min(STYLES_SAMPLED),
            Part::Train | Part::Test => 0,
        }
    }

    async fn reply(
        &self,
        network: &LanguageModel,
        _part: Part,
        questions: Range<usize>,
        config: &Config,
        device: &Device,
    ) -> Result<Vec<Vec<u32>>> {
        let sampling = Sampling {
            temperature: config.temperature,
            top_k: config.top_k,
            top_p: config.top_p,
        };
        let one_style = |chosen: usize| {
            let weight = |style: usize| f32::from(u8::from(style == chosen));
            (0..self.styles()).map(weight).collect::<Vec<f32>>()
        };
        let blend: Vec<Vec<f32>> = questions.clone().map(one_style).collect();
        let mut rngs: Vec<Rng> = questions
            .map(|style| Rng::at(config.seed, Stream::Sampling, style as u64))
            .collect();
        let mut rows = vec![self.seed.clone(); blend.len()];
        let mut states = Vec::new();
        let mut replies = vec![Vec::new(); blend.len()];
        for _ in 0..config.sample_length {
            let (next, after) = self.read_on(network, &rows, &blend, states, device).await?;
            states = after;
            let drawn = next.iter().zip(&mut rngs);
            rows = drawn
                .map(|(next, rng)| vec![sample(next, &sampling, rng).token])
                .collect();
            for (reply, row) in replies.iter_mut().zip(&rows) {
                reply.extend(row);
            }
        }
        Ok(replies)
    }

    fn sample(&self, _part: Part, _question: usize, reply: &Vec<u32>) -> Sample {
        let print = |ids: &[u32]| ids.iter().map(|&id| self.printed(id)).collect::<Vec<_>>();
        let seed = self.seed.strip_prefix(&[START]).unwrap_or(&self.seed);
        let seed = print(seed);
        let pieces = self
            .tokenizer
            .pieces(&[seed.clone(), print(reply)].concat());
        let (input, output) = pieces.split_at(seed.len());
        Sample {
            input: input.concat(),
            output: output.concat(),
            expected: Vec::new(),
        }
    }

    fn embeddings(&self) -> Vec<EmbeddingTable<'_>> {
        vec![EmbeddingTable {
            name: match self.tokenizer.level {
                Level::Char => "characters",
                Level::Word => "words",
            },
            layer: "embedding",
            vocabulary: &self.vocabulary,
        }]
    }

    fn vocabularies(&self) -> Value {
        serde_json::json!({
            "tokenizer": self.tokenizer,
            "vocabulary": self.vocabulary,
            "styles": self.report.styles,
            "parts": [self.report.train, self.report.validation, self.report.test],
        })
    }

    async fn answer(
        &self,
        network: &LanguageModel,
        question: &GenerationQuestion,
        _on_partial: &mut dyn FnMut(GenerationAnswer),
        device: &Device,
    ) -> Result<GenerationAnswer> {
        match question {
            GenerationQuestion::Start {
                seed,
                blend,
                random,
            } => {
                let (seed, unknown, ids) = self.encode(seed)?;
                let blend = [normalised(blend, self.styles())];
                let (mut next, states) = self
                    .read_on(network, &[ids], &blend, Vec::new(), device)
                    .await?;
                let writing = Writing {
                    seed,
                    unknown,
                    tokens: Vec::new(),
                    next: next.remove(0),
                    states,
                    rng: Rng::new(*random, Stream::Sampling),
                };
                let answer = self.text(&writing, 0, &[]);
                self.writing.replace(Some(writing));
                Ok(answer)
            }
            GenerationQuestion::Continue {
                count,
                blend,
                sampling,
            } => {
                let mut writing = self.writing.take().ok_or_else(no_text)?;
                let blend = [normalised(blend, self.styles())];
                let start = writing.tokens.len();
                let room = LONGEST_TEXT.saturating_sub(start);
                let mut chosen = Vec::new();
                for _ in 0..(*count as usize).min(room) {
                    let drawn = sample(&writing.next, sampling, &mut writing.rng);
                    chosen.push((drawn.probability, drawn.entropy));
                    writing.tokens.push(drawn.token);
                    let row = [vec![drawn.token]];
                    let states = std::mem::take(&mut writing.states);
                    let (mut next, states) =
                        self.read_on(network, &row, &blend, states, device).await?;
                    writing.next = next.remove(0);
                    writing.states = states;
                }
                let answer = self.text(&writing, start, &chosen);
                self.writing.replace(Some(writing));
                Ok(answer)
            }
            GenerationQuestion::Baseline if self.train.ids.is_empty() => Err(no_data()),
            GenerationQuestion::Baseline => {
                Ok(self.baseline.get_or_init(|| self.baseline()).clone())
            }
        }
    }
}

/// The first words of the held-out text that begin a line or at least a word; of the text to train on where
/// nothing is held out.
fn seed(validation: &Tokens, train: &Tokens, vocabulary: &Vocabulary, level: Level) -> Vec<u32> {
    let text = match validation.ids.is_empty() {
        true => &train.ids,
        false => &validation.ids,
    };
    let known: Vec<u32> = text
        .iter()
        .copied()
        .filter(|&id| id != UNK && id != START)
        .collect();
    let most = match level {
        Level::Word => SEED_WORDS,
        Level::Char => SEED_CHARACTERS,
    };
    // The tail of a text begins anywhere, in the middle of a word too.
    let ends = |end: &str| {
        let search = known.iter().take(5 * most);
        let found = search
            .map(|&id| vocabulary.token(id))
            .position(|token| token.ends_with(end));
        found.map(|index| index + 1)
    };
    let from = ends("\n").or_else(|| ends(" ")).unwrap_or(0);
    let mut ids = &known[from..];
    while let [first, rest @ ..] = ids
        && vocabulary.token(*first).trim().is_empty()
    {
        ids = rest;
    }
    let mut ids = &ids[..ids.len().min(most)];
    if level == Level::Char {
        let end = ids
            .iter()
            .rposition(|&id| vocabulary.token(id).trim().is_empty());
        ids = &ids[..end.unwrap_or(ids.len())];
    }
    match ids.is_empty() {
        true => vec![START],
        false => ids.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[(&str, &str)]) -> Documents {
        let file = |&(name, text): &(&str, &str)| TextFile {
            name: name.into(),
            text: text.into(),
        };
        let files: Vec<TextFile> = texts.iter().map(file).collect();
        Generation::read(&files).unwrap()
    }

    fn small() -> Config {
        Config {
            batch: 4,
            window: 5,
            validation_share: 0.2,
            test_share: 0.1,
            ..Config::for_task(TaskKind::Generation)
        }
    }

    /// 100 different characters.
    fn alphabet(first: u32) -> String {
        (first..first + 100).filter_map(char::from_u32).collect()
    }

    fn values(tensor: &Tensor<1, Int>) -> Vec<i64> {
        tensor.clone().into_data().iter::<i64>().collect()
    }

    #[test]
    fn the_tail_of_every_text_is_held_out() {
        let (one, two) = (alphabet(0x3400), alphabet(0x4000));
        let task =
            Generation::new(&small(), &files(&[("one.txt", &one), ("two.txt", &two)])).unwrap();
        let report = task.report();
        assert_eq!(
            (report.train, report.validation, report.test),
            (140, 40, 20)
        );
        assert_eq!(report.styles, ["one", "two"]);
        // The vocabulary is that of the training part, so all that was held out is unknown to it.
        assert_eq!(task.vocabulary.len(), 144);
        assert!(
            task.validation
                .ids
                .iter()
                .chain(&task.test.ids)
                .all(|&id| id == UNK)
        );
        assert!(task.train.ids.iter().all(|&id| id != UNK));
        let starts = task.train.ids.iter().filter(|&&id| id == START);
        assert_eq!(starts.count(), 2);
    }

    #[test]
    fn streams_predict_every_next_token_and_windows_the_one_behind() {
        let text = alphabet(0x3400);
        let device = Device::flex();
        let config = small();
        let task = Generation::new(&config, &files(&[("one.txt", &text)])).unwrap();
        // 71 tokens with the start: 3 streams of 23, four whole steps of 5.
        let steps = task.epoch(&config, 1, &mut Rng::new(1, Stream::Shuffle));
        assert_eq!(
            steps,
            [[0, 23, 46], [5, 28, 51], [10, 33, 56], [15, 38, 61]]
        );
        let batch = task.batch(Part::Train, &steps[1], &device);
        let (ids, targets) = (values(&batch.ids), values(&batch.targets));
        assert_eq!(
            (ids.len(), batch.tokens, batch.styles.is_none()),
            (15, 15, true)
        );
        for (index, (&id, &target)) in ids.iter().zip(&targets).enumerate() {
            let position = steps[1][index % 3] + index / 3;
            assert_eq!(id as u32, task.train.ids[position]);
            assert_eq!(target as u32, task.train.ids[position + 1]);
        }
        let config = Config {
            presentation: Presentation::Windows,
            stride: 2,
            ..config
        };
        let task = Generation::new(&config, &files(&[("one.txt", &text)])).unwrap();
        let batches = task.epoch(&config, 1, &mut Rng::new(1, Stream::Shuffle));
        let mut starts = batches.concat();
        starts.sort_unstable();
        assert!(starts.into_iter().eq((0..66).step_by(2)));
        let batch = task.batch(Part::Train, &batches[0], &device);
        assert_eq!((values(&batch.ids).len(), batch.tokens), (20, 4));
        for (&start, target) in batches[0].iter().zip(values(&batch.targets)) {
            assert_eq!(target as u32, task.train.ids[start + 5]);
        }
    }

    #[test]
    fn held_out_text_is_read_to_its_end() {
        let text = "All happy families are alike; every unhappy family is unhappy in its own way. "
            .repeat(5);
        for batch in [1, 3, 50] {
            let config = Config { batch, ..small() };
            let task = Generation::new(&config, &files(&[("one.txt", &text)])).unwrap();
            let batches = task.held_out(&config, Part::Validation);
            let tokens = batches
                .iter()
                .map(|batch| task.tokens(&task.batch(Part::Validation, batch, &Device::flex())));
            let rows = batches[0].len();
            let left = task.validation.ids.len() - 1 - tokens.sum::<usize>();
            assert!(left < rows, "{left} of {rows} streams");
        }
    }

    #[test]
    fn every_token_has_the_style_of_its_text() {
        let (one, two) = (alphabet(0x3400), alphabet(0x4000));
        let config = small();
        let task =
            Generation::new(&config, &files(&[("one.txt", &one), ("two.txt", &two)])).unwrap();
        for starts in task.epoch(&config, 1, &mut Rng::new(1, Stream::Shuffle)) {
            let batch = task.batch(Part::Train, &starts, &Device::flex());
            let styles = values(&batch.styles.unwrap());
            for (style, id) in styles.into_iter().zip(values(&batch.ids)) {
                let token = task.vocabulary.token(id as u32);
                let second = token.chars().all(|c| c as u32 >= 0x4000);
                assert!(
                    id as u32 == START || (style == 1) == second,
                    "{token} {style}"
                );
            }
        }
    }

    #[test]
    fn words_keep_their_paragraphs_and_count_what_is_covered() {
        let text = "A cat sat. A cat ran.\n\nA dog sat! A dog ran, and ran, and ran away.";
        let config = Config {
            level: Level::Word,
            vocabulary: 10,
            validation_share: 0.0,
            test_share: 0.0,
            window: 5,
            ..small()
        };
        let task = Generation::new(&config, &files(&[("one.txt", text)])).unwrap();
        assert_eq!(task.vocabulary.len(), 14);
        assert!(
            task.report.format.starts_with("1 text, 10 words cover"),
            "{}",
            task.report.format
        );
        assert!(task.reads_unknown);
        assert!(task.questions(Part::Validation) == 1 && task.questions(Part::Test) == 0);
    }

    #[test]
    fn a_text_that_is_too_short_gets_a_sentence() {
        let text = "Barely longer than the shortest text that is read.";
        for presentation in [Presentation::Streams, Presentation::Windows] {
            let config = Config {
                presentation,
                window: 64,
                ..small()
            };
            let error = Generation::new(&config, &files(&[("one.txt", text)]))
                .map(|_| ())
                .unwrap_err();
            assert_eq!(error.field.as_deref(), Some("window"));
            assert!(
                error.message.contains("too few for a sequence of 64"),
                "{error}"
            );
        }
        // Together long enough, but none of them alone.
        let config = Config {
            presentation: Presentation::Windows,
            window: 40,
            ..small()
        };
        let error = Generation::new(&config, &files(&[("one.txt", text), ("two.txt", text)]))
            .map(|_| ())
            .unwrap_err();
        assert!(
            error.message.starts_with("No text has a whole window"),
            "{error}"
        );
    }

    #[test]
    fn samples_begin_where_a_line_or_a_word_begins() {
        let vocabulary_of =
            |text: &str| Vocabulary::of_counts(text.split_inclusive(|_| true).map(|c| (c, 1)), 100);
        let begin = |text: &str| {
            let vocabulary = vocabulary_of(text);
            let mut tokens = Tokens::default();
            let ids: Vec<String> = text.chars().map(String::from).collect();
            tokens.push(&vocabulary.encode(&ids), 0);
            let ids = seed(&tokens, &Tokens::default(), &vocabulary, Level::Char);
            ids.iter()
                .map(|&id| vocabulary.token(id))
                .collect::<String>()
        };
        assert_eq!(
            begin("ght.\n\nIt was the best of times, it was the worst of times"),
            "It was the best of times, it was the"
        );
        assert_eq!(begin("mes, it was"), "it");
        assert_eq!(begin("abc"), "abc");
        assert_eq!(begin(""), "<start>");
    }

    #[test]
    fn blends_sum_to_one() {
        assert_eq!(normalised(&[1.0, 3.0], 2), [0.25, 0.75]);
        assert_eq!(normalised(&[0.0, 0.0], 2), [0.5, 0.5]);
        assert_eq!(normalised(&[], 1), [1.0]);
        assert_eq!(normalised(&[f64::NAN, -1.0, 2.0, 9.0], 3), [0.0, 0.0, 1.0]);
    }
}
