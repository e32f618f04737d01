//! A vector for every word of a text, so that words which stand near the same words point the same
//! way: skip-gram with negative sampling (Mikolov et al. 2013).

use super::embeddings::{self, EmbeddingTable};
use super::info::keys;
use super::{
    Activations, BuiltIn, DataReport, ModelSummary, Part, Preset, SideReport, Task, TaskInfo,
    TaskKind, VectorsAnswer, VectorsQuestion, entry,
};
use crate::batch::{Noise, keep_probabilities, split, word_pairs};
use crate::config::{Config, Level, PARTS, ScheduleKind, TRAINING};
use crate::corpus::{Documents, RejectedLine, TextFile, read_documents};
use crate::error::{Error, ErrorCode, Result};
use crate::models::{SkipGram, SkipGramConfig};
use crate::nn::{Dropout, Init, LossSums, State};
use crate::rng::{Rng, Stream};
use crate::text::{Tokenizer, Vocabulary};
use crate::train::Sample;
use burn::prelude::*;
use serde_json::Value;
use std::collections::HashMap;
use std::ops::Range;

/// First words shown on the page, each with those near it.
const ROWS_SHOWN: usize = 8;
/// Words of the longest sentence.
const LONGEST_SENTENCE: usize = 1_000;
/// Pairs of a held-out part that are looked at.
const MOST_HELD_OUT: usize = 10_000;
/// Numbers that a training step keeps for each number of a candidate's vector: the vector, the product
/// and the gradients of both.
const KEPT_PER_NUMBER: f64 = 6.0;

/// Sentences as word ids, divided into parts.
pub struct Vectors {
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
    /// Sentences of the training part, without the words that are too rare.
    train: Vec<Vec<u32>>,
    /// How likely each word is to be kept.
    keep: Vec<f32>,
    noise: Noise,
    window: usize,
    negatives: usize,
    seed: u32,
    /// Training pairs of an epoch; the number that one differs from the next by is small.
    pairs: usize,
    validation: HeldOut,
    test: HeldOut,
    report: DataReport,
}

/// Pairs of a held-out part, with negatives that stay the same.
#[derive(Default)]
struct HeldOut {
    centres: Vec<u32>,
    /// A neighbour and its negatives for each centre.
    candidates: Vec<u32>,
}

/// Pairs on the device, each with its negatives.
pub struct VectorsBatch {
    /// `[pairs]`
    centres: Tensor<1, Int>,
    /// The neighbour of each pair and then its negatives, `[pairs·(1 + negatives)]`.
    candidates: Tensor<1, Int>,
}

impl Vectors {
    fn network_config(&self, config: &Config) -> SkipGramConfig {
        SkipGramConfig {
            vocabulary: self.vocabulary.len(),
            size: config.embedding as usize,
        }
    }

    fn held_out_part(&self, part: Part) -> Option<&HeldOut> {
        match part {
            Part::Train => None,
            Part::Validation => Some(&self.validation),
            Part::Test => Some(&self.test),
        }
    }

    /// The pairs of the training part, drawn anew: each as the centre's id times the size of the
    /// vocabulary, plus the neighbour's id.
    fn draw_pairs(&self, rng: &mut Rng) -> Vec<usize> {
        let mut pairs = Vec::new();
        let words = self.vocabulary.len();
        let mut add = |centre: u32, context: u32| {
            pairs.push(centre as usize * words + context as usize);
        };
        for sentence in &self.train {
            word_pairs(sentence, &self.keep, self.window, rng, &mut add);
        }
        pairs
    }

    /// Pairs of held-out sentences, and negatives for them.
    fn hold_out(&self, sentences: &[Vec<u32>], rng: &mut Rng) -> HeldOut {
        let mut pairs = Vec::new();
        for sentence in sentences {
            word_pairs(sentence, &self.keep, self.window, rng, |centre, context| {
                pairs.push((centre, context));
            });
        }
        rng.shuffle(&mut pairs);
        pairs.truncate(MOST_HELD_OUT);
        let mut held_out = HeldOut::default();
        for (centre, context) in pairs {
            held_out.centres.push(centre);
            self.add_candidates(context, rng, &mut held_out.candidates);
        }
        held_out
    }

    fn add_candidates(&self, context: u32, rng: &mut Rng, candidates: &mut Vec<u32>) {
        candidates.push(context);
        candidates.extend((0..self.negatives).map(|_| self.noise.draw_other(context, rng)));
    }
}

/// A text as sentences, and these as words: a sentence ends at a full stop, a question or an
/// exclamation mark or a blank line, and what has no letter and no digit in it is no word.
fn sentences<'a>(
    text: &'a str,
    tokenizer: &'a Tokenizer,
) -> impl Iterator<Item = Vec<String>> + 'a {
    let ends =
        |token: &String| matches!(token.as_str(), "." | "!" | "?" | "…" | "。" | "！" | "？");
    paragraphs(text).flat_map(move |paragraph| {
        let tokens = tokenizer.tokenize(&paragraph);
        let words = |sentence: &[String]| {
            let word = |token: &&String| token.chars().any(char::is_alphanumeric);
            sentence.iter().filter(word).cloned().collect::<Vec<_>>()
        };
        let sentences: Vec<_> = tokens.split(ends).map(words).collect();
        // A text without full stops is cut, as word2vec does it.
        sentences.into_iter().flat_map(|sentence| {
            let parts = sentence.chunks(LONGEST_SENTENCE).map(<[String]>::to_vec);
            parts.collect::<Vec<_>>()
        })
    })
}

/// What stands between blank lines.
fn paragraphs(text: &str) -> impl Iterator<Item = String> {
    let mut lines = text.lines();
    std::iter::from_fn(move || {
        let first = lines.find(|line| !line.trim().is_empty())?;
        let mut paragraph = first.to_string();
        for line in lines.by_ref().take_while(|line| !line.trim().is_empty()) {
            paragraph.push('\n');
            paragraph += line;
        }
        Some(paragraph)
    })
}

/// Each word of the first sentences with those near it.
fn rows(sentences: &[Vec<String>], window: usize) -> Vec<(String, String)> {
    let near = |sentence: &[String], place: usize| {
        let last = (place + window).min(sentence.len() - 1);
        let others = (place.saturating_sub(window)..=last).filter(|&other| other != place);
        let others: Vec<&str> = others.map(|other| sentence[other].as_str()).collect();
        (sentence[place].clone(), others.join(" "))
    };
    sentences
        .iter()
        .filter(|sentence| sentence.len() > 1)
        .flat_map(|sentence| (0..sentence.len()).map(|place| near(sentence, place)))
        .take(ROWS_SHOWN)
        .collect()
}

/// The share of pairs that the better of two guesses gets right which do not look at the centre: the
/// most frequent of the candidates, and any one of them.
fn baseline(held_out: &HeldOut, counts: &[u32]) -> Option<f64> {
    let pairs = held_out.centres.len();
    if pairs == 0 {
        return None;
    }
    let count = |word: &u32| counts.get(*word as usize).copied().unwrap_or(0);
    let right = held_out
        .candidates
        .chunks_exact(held_out.candidates.len() / pairs)
        .filter(|candidates| match candidates {
            [neighbour, negatives @ ..] => negatives.iter().all(|n| count(n) < count(neighbour)),
            [] => false,
        });
    let by_frequency = right.count() as f64 / pairs as f64;
    Some(by_frequency.max(pairs as f64 / held_out.candidates.len() as f64))
}

fn id_tensor(ids: Vec<i32>, device: &Device) -> Tensor<1, Int> {
    let count = ids.len();
    Tensor::from_data(TensorData::new(ids, [count]), device)
}

impl Task for Vectors {
    type Corpus = Documents;
    type Network = SkipGram;
    type Batch = VectorsBatch;
    type Reply = ();
    type Question = VectorsQuestion;
    type Answer = VectorsAnswer;

    const KIND: TaskKind = TaskKind::Vectors;

    fn info() -> TaskInfo {
        let own: &[&str] = &[
            "words",
            "lowercase",
            "vocabulary",
            "min_count",
            "context",
            "negatives",
            "thinning",
            "embedding",
        ];
        let recommended = Config {
            task: Self::KIND,
            lowercase: true,
            min_count: 10,
            embedding: 64,
            batch: 2_048,
            epochs: 12,
            learning_rate: 0.003,
            schedule: ScheduleKind::Cosine,
            warm_up_steps: 1,
            clip_norm: 0.0,
            patience: 0,
            ..Config::default()
        };
        TaskInfo {
            kind: Self::KIND,
            label: "Word vectors".into(),
            help: "Learns a vector for every word of a text, from the words that stand near it".into(),
            about: "Words that stand near the same words get vectors that point the same way, so that what a \
                    word means can be measured. Ask for the nearest words of “ship”, then drop a text of your own."
                .into(),
            settings: keys(&[own, PARTS, TRAINING]),
            presets: vec![
                Preset {
                    name: "Recommended".into(),
                    about: "A book of 200,000 words in half a minute on the CPU. Rarer words than those that come ten times \
                            are left out: so short a text says too little of them.".into(),
                    config: recommended.clone(),
                },
                Preset {
                    name: "As in word2vec".into(),
                    about: "The settings that the program word2vec starts with: 100 numbers a word, a window of \
                            5 words, 5 negatives, words from 5 times on, 5 epochs. Adam stands in the place of plain gradient descent, \
                            which needs far more text."
                        .into(),
                    config: Config {
                        min_count: 5,
                        embedding: 100,
                        epochs: 5,
                        ..recommended
                    },
                },
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

    fn prepare(config: &Config, corpus: &Documents, known: Option<&Value>) -> Result<Self> {
        config.check()?;
        let tokenizer = match known {
            Some(known) => entry(known, "tokenizer")?,
            None => Tokenizer {
                level: Level::Word,
                lowercase: config.lowercase,
            },
        };
        let mut read = 0;
        let texts = corpus.documents.iter();
        let all: Vec<Vec<String>> = texts
            .flat_map(|document| sentences(&document.text, &tokenizer))
            .take_while(|sentence| {
                let begins = read < config.words as usize;
                read += sentence.len();
                begins
            })
            .collect();
        let read: usize = all.iter().map(Vec::len).sum();
        let mut rng = Rng::new(config.seed, Stream::Split);
        let parts = split(&all, config.validation_share, config.test_share, &mut rng);
        let train = || parts.train.iter().map(|&index| all[index].as_slice());

        let mut times: HashMap<&str, u32> = HashMap::new();
        for word in train().flatten() {
            *times.entry(word).or_default() += 1;
        }
        let frequent = times.values().filter(|&&times| times >= config.min_count);
        let frequent = frequent.count();
        if frequent < 2 {
            let message = format!(
                "Only {frequent} of {} different words come {} times or more, and it takes two to learn from. \
                 Lower the minimum count, or load a longer text.",
                times.len(),
                config.min_count
            );
            return Err(Error::new(ErrorCode::Setting, message).on_field("min_count"));
        }
        let vocabulary: Vocabulary = match known {
            Some(known) => entry(known, "words")?,
            None => Vocabulary::build(train(), frequent.min(config.vocabulary as usize)),
        };
        let mut counts = vec![0u32; vocabulary.len()];
        for id in train().flatten().filter_map(|word| vocabulary.id(word)) {
            counts[id as usize] += 1;
        }
        let encode = |part: &[usize]| -> Vec<Vec<u32>> {
            let ids = |&index: &usize| {
                let ids = all[index].iter().filter_map(|word| vocabulary.id(word));
                ids.collect()
            };
            part.iter().map(ids).collect()
        };
        let (train, validation, test) = (
            encode(&parts.train),
            encode(&parts.validation),
            encode(&parts.test),
        );
        if train.iter().all(|sentence| sentence.len() < 2) {
            let message = "No sentence has two words that are frequent enough. Lower the minimum count, or \
                           load a longer text.";
            return Err(Error::new(ErrorCode::Setting, message).on_field("min_count"));
        }
        let words = |part: &[Vec<u32>]| part.iter().map(Vec::len).sum::<usize>() as u32;
        let (to_train, to_validate, to_test) = (words(&train), words(&validation), words(&test));
        let longest = all.iter().map(Vec::len).max().unwrap_or(0);
        let mut lengths = vec![0; longest + 1];
        all.iter().for_each(|sentence| lengths[sentence.len()] += 1);
        let rejected = corpus.rejected.iter().map(|file| RejectedLine {
            line: 1,
            reason: file.reason.clone(),
            text: file.name.clone(),
        });
        let names = corpus
            .documents
            .iter()
            .map(|document| document.name.as_str());
        let report = DataReport {
            name: names.collect::<Vec<_>>().join(", "),
            format: "running text".into(),
            records: read as u32,
            used: to_train + to_validate + to_test,
            train: to_train,
            validation: to_validate,
            test: to_test,
            rows: rows(&all, config.context as usize),
            source: Some(SideReport {
                vocabulary: vocabulary.len() as u32,
                coverage: f64::from(to_train) / times.values().sum::<u32>().max(1) as f64,
                lengths,
            }),
            rejected: rejected.collect(),
            rejected_total: corpus.rejected.len() as u32,
            ..DataReport::default()
        };
        let mut vectors = Self {
            tokenizer,
            keep: keep_probabilities(&counts, config.thinning),
            noise: Noise::new(&counts),
            vocabulary,
            train,
            window: config.context as usize,
            negatives: config.negatives as usize,
            seed: config.seed,
            pairs: 0,
            validation: HeldOut::default(),
            test: HeldOut::default(),
            report,
        };
        let mut rng = Rng::new(config.seed, Stream::Negatives);
        vectors.pairs = vectors.draw_pairs(&mut rng).len();
        if vectors.pairs == 0 {
            let message = "Next to nothing is left of so short a text when frequent words are thinned out. Set \
                           “Thin out above” to 1, or load a longer text.";
            return Err(Error::new(ErrorCode::Setting, message).on_field("thinning"));
        }
        vectors.validation = vectors.hold_out(&validation, &mut rng);
        vectors.test = vectors.hold_out(&test, &mut rng);
        vectors.report.baseline = baseline(&vectors.validation, &counts);
        Ok(vectors)
    }

    fn recall(config: &Config, vocabularies: &Value, report: DataReport) -> Result<Self> {
        let vocabulary: Vocabulary = entry(vocabularies, "words")?;
        Ok(Self {
            tokenizer: entry(vocabularies, "tokenizer")?,
            keep: vec![1.0; vocabulary.len()],
            noise: Noise::new(&vec![1; vocabulary.len()]),
            vocabulary,
            train: Vec::new(),
            window: config.context as usize,
            negatives: config.negatives as usize,
            seed: config.seed,
            pairs: 0,
            validation: HeldOut::default(),
            test: HeldOut::default(),
            report,
        })
    }

    fn report(&self) -> &DataReport {
        &self.report
    }

    fn summary(&self, config: &Config) -> ModelSummary {
        let network = self.network_config(config);
        let candidates = f64::from(config.batch) * (1.0 + self.negatives as f64);
        let size = network.size as f64;
        let activations = Activations {
            kept: candidates * size * KEPT_PER_NUMBER,
            largest_weight: network.vocabulary as f64 * size,
            largest: candidates * size,
            moments: config.optimizer.moments() as f64,
        };
        ModelSummary::new(network.layers(), &activations)
    }

    fn init(&self, config: &Config, init: &mut Init) -> SkipGram {
        self.network_config(config).init(init)
    }

    fn lengths(&self, part: Part) -> Vec<(usize, usize)> {
        let pairs = self
            .held_out_part(part)
            .map_or(self.pairs, |part| part.centres.len());
        vec![(1, 1); pairs]
    }

    /// Pairs drawn anew in every epoch, in as many batches as in the first.
    fn epoch(&self, config: &Config, _epoch: u32, rng: &mut Rng) -> Vec<Vec<usize>> {
        let mut pairs = self.draw_pairs(rng);
        // Chance may leave a text of a few words without a single pair.
        while pairs.is_empty() {
            pairs = self.draw_pairs(rng);
        }
        rng.shuffle(&mut pairs);
        let batches = self.pairs.div_ceil(config.batch as usize);
        // In 64 bits: a browser's `usize` has 32.
        let boundary = |batch: usize| (batch as u64 * pairs.len() as u64 / batches as u64) as usize;
        (0..batches)
            .map(|batch| {
                let start = boundary(batch);
                let end = boundary(batch + 1).max(start + 1);
                pairs[start..end].to_vec()
            })
            .collect()
    }

    fn batch(&self, part: Part, examples: &[usize], device: &Device) -> VectorsBatch {
        let mut centres = Vec::with_capacity(examples.len());
        let mut candidates = Vec::with_capacity(examples.len() * (1 + self.negatives));
        match self.held_out_part(part) {
            Some(held_out) => {
                let width = 1 + self.negatives;
                for &example in examples {
                    centres.push(held_out.centres[example]);
                    candidates.extend(&held_out.candidates[example * width..][..width]);
                }
            }
            None => {
                // The batch itself is where its negatives come from: it is another one in every epoch, and
                // after a break the same again.
                let position = examples.iter().fold(0u64, |hash, &pair| {
                    (hash.rotate_left(5) ^ pair as u64).wrapping_mul(0x517C_C1B7_2722_0A95)
                });
                let mut rng = Rng::at(self.seed, Stream::Negatives, position);
                let words = self.vocabulary.len();
                for &pair in examples {
                    centres.push((pair / words) as u32);
                    self.add_candidates((pair % words) as u32, &mut rng, &mut candidates);
                }
            }
        }
        let ids = |ids: Vec<u32>| ids.into_iter().map(|id| id as i32).collect();
        VectorsBatch {
            centres: id_tensor(ids(centres), device),
            candidates: id_tensor(ids(candidates), device),
        }
    }

    fn tokens(&self, batch: &VectorsBatch) -> usize {
        batch.centres.dims()[0]
    }

    fn loss(
        &self,
        network: &SkipGram,
        batch: &VectorsBatch,
        _carried: &mut Vec<State>,
        _dropout: &Dropout,
    ) -> LossSums {
        network.loss(batch.centres.clone(), batch.candidates.clone())
    }

    /// The page asks for nearest words itself: nothing else is to be answered.
    fn questions(&self, _part: Part) -> usize {
        0
    }

    async fn reply(
        &self,
        _network: &SkipGram,
        _part: Part,
        _questions: Range<usize>,
        _config: &Config,
        _device: &Device,
    ) -> Result<Vec<()>> {
        Ok(Vec::new())
    }

    fn sample(&self, _part: Part, _question: usize, (): &()) -> Sample {
        Sample {
            input: String::new(),
            output: String::new(),
            expected: Vec::new(),
        }
    }

    fn embeddings(&self) -> Vec<EmbeddingTable<'_>> {
        vec![EmbeddingTable {
            name: "words",
            layer: "vectors",
            vocabulary: &self.vocabulary,
        }]
    }

    fn vocabularies(&self) -> Value {
        serde_json::json!({
            "tokenizer": self.tokenizer,
            "words": self.vocabulary,
            "parts": [self.report.train, self.report.validation, self.report.test],
        })
    }

    async fn answer(
        &self,
        network: &SkipGram,
        question: &VectorsQuestion,
        _on_partial: &mut dyn FnMut(VectorsAnswer),
        _device: &Device,
    ) -> Result<VectorsAnswer> {
        embeddings::look(self, network, question).await
    }
}
