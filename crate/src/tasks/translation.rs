//! A sentence in one language to a sentence in another.

use super::info::keys;
use super::pairs::{self, InputToken, PairBatch, PairExamples, TokenPairs, read_sentence};
use super::{
    BuiltIn, DataReport, EmbeddingTable, ModelSummary, Part, Preset, ScoreInfo, Task, TaskInfo,
    TaskKind, entry,
};
use crate::config::{Config, NETWORK, PARTS, TRAINING};
use crate::corpus::{Pairs, TextFile, phrase_book, read_pairs};
use crate::decode::{BeamOptions, Decoder, Hypothesis, beam_search};
use crate::error::{Error, ErrorCode, Result};
use crate::models::{Seq2Seq, Seq2SeqConfig};
use crate::nn::{Dropout, Init, LossSums, State};
use crate::text::{END, PAD, START, Tokenizer, Vocabulary};
use crate::train::{BleuCounts, Sample};
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ops::Range;
use tsify::Tsify;

/// A sentence to translate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct TranslationQuestion {
    pub text: String,
    pub beam: u32,
    pub length_penalty: f64,
    pub max_output: u32,
}

/// A sentence translated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct TranslationAnswer {
    /// The sentence as the network reads it.
    pub input: Vec<InputToken>,
    /// Translations, the best first.
    pub hypotheses: Vec<TranslatedSentence>,
    /// False while the translation is still growing.
    pub done: bool,
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

/// Sentence pairs with a vocabulary for each language.
pub struct Translation {
    tokenizer: Tokenizer,
    source: Vocabulary,
    target: Vocabulary,
    pairs: PairExamples,
    report: DataReport,
}

impl Translation {
    /// The sentence pairs of a part, as they stand in the data.
    pub fn texts(&self, part: Part) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.texts(part)
    }

    fn network_config(&self, config: &Config) -> Seq2SeqConfig {
        Seq2SeqConfig::new(config, self.source.len(), self.target.len())
    }

    fn words(&self, ids: &[u32]) -> Vec<String> {
        ids.iter()
            .map(|&id| self.target.token(id).to_string())
            .collect()
    }

    fn translated(
        &self,
        hypothesis: &Hypothesis,
        attention: &[Vec<Vec<f32>>],
    ) -> TranslatedSentence {
        let word = |id: u32| self.target.token(id).to_string();
        let tokens = hypothesis.steps.iter().map(|step| OutputToken {
            text: word(step.token),
            probability: step.probability,
            alternatives: step
                .top
                .iter()
                .map(|&(id, probability)| Candidate {
                    text: word(id),
                    probability,
                })
                .collect(),
        });
        let looked = hypothesis
            .steps
            .iter()
            .zip(attention)
            .map(|(step, rows)| rows[step.row].clone());
        TranslatedSentence {
            text: self.tokenizer.join(&self.words(&hypothesis.tokens())),
            score: hypothesis.score,
            tokens: tokens.collect(),
            attention: (!attention.is_empty()).then(|| looked.collect()),
        }
    }
}

impl Task for Translation {
    type Corpus = Pairs;
    type Network = Seq2Seq;
    type Batch = PairBatch;
    /// The likeliest translation, as ids.
    type Reply = Vec<u32>;
    type Question = TranslationQuestion;
    type Answer = TranslationAnswer;

    const KIND: TaskKind = TaskKind::Translation;

    fn info() -> TaskInfo {
        let own: &[&str] = &[
            "pairs",
            "max_tokens",
            "level",
            "lowercase",
            "vocabulary",
            "source_column",
            "target_column",
            "input",
            "embedding",
            "attention",
            "sample_every",
            "beam",
            "length_penalty",
            "max_output",
        ];
        TaskInfo {
            kind: Self::KIND,
            label: "Translator".into(),
            help: "Learns from sentence pairs to turn one language into another".into(),
            about: "One network reads a sentence into its memory, and a second one writes it anew in the other language. \
                    Take the attention away, or let it read longer sentences, and see what it forgets."
                .into(),
            settings: keys(&[own, PARTS, NETWORK, TRAINING]),
            presets: vec![Preset {
                name: "Recommended".into(),
                about: "Writes its first right sentences within ten seconds, and is done in half a minute.".into(),
                config: Config::default(),
            }],
            built_in: Some(BuiltIn {
                name: "Phrase book".into(),
                file: None,
            }),
            score: Some(ScoreInfo {
                name: "BLEU".into(),
                help: "How much its translations of validation sentences have in common with the references, from 0 to 100"
                    .into(),
            }),
        }
    }

    fn read(files: &[TextFile]) -> Result<Pairs> {
        if files.is_empty() {
            return Ok(phrase_book::pairs());
        }
        read_pairs(files)
    }

    /// Cuts the pairs into tokens, divides them, and counts the vocabularies of the training part.
    fn prepare(config: &Config, data: &Pairs, known: Option<&Value>) -> Result<Self> {
        config.check()?;
        if config.source_column == config.target_column {
            let message = "Source and target are the same column; choose two different ones.";
            return Err(Error::new(ErrorCode::Setting, message).on_field("target_column"));
        }
        let tokenizer = match known {
            Some(known) => entry(known, "tokenizer")?,
            None => Tokenizer {
                level: config.level,
                lowercase: config.lowercase,
            },
        };
        let all = data.sentences(config.source_column, config.target_column)?;
        let pairs = TokenPairs::new(
            all.into_iter().map(|(_, source, target)| (source, target)),
            [&tokenizer, &tokenizer],
            [config.max_tokens; 2],
            config,
            data,
        )?;
        let vocabulary = |side| Vocabulary::build(pairs.train(side), config.vocabulary as usize);
        let (source, target) = match known {
            Some(known) => (entry(known, "source")?, entry(known, "target")?),
            None => (vocabulary(0), vocabulary(1)),
        };
        Ok(Self {
            report: pairs.report(data, [&source, &target]),
            pairs: pairs.encode([&source, &target]),
            tokenizer,
            source,
            target,
        })
    }

    fn recall(_config: &Config, vocabularies: &Value, report: DataReport) -> Result<Self> {
        Ok(Self {
            tokenizer: entry(vocabularies, "tokenizer")?,
            source: entry(vocabularies, "source")?,
            target: entry(vocabularies, "target")?,
            pairs: PairExamples::default(),
            report,
        })
    }

    fn report(&self) -> &DataReport {
        &self.report
    }

    fn summary(&self, config: &Config) -> ModelSummary {
        pairs::summary(&self.network_config(config), &self.report, config)
    }

    fn init(&self, config: &Config, init: &mut Init) -> Seq2Seq {
        self.network_config(config).init(init)
    }

    fn lengths(&self, part: Part) -> Vec<(usize, usize)> {
        self.pairs.lengths(part)
    }

    fn batch(&self, part: Part, examples: &[usize], device: &Device) -> PairBatch {
        self.pairs.batch(part, examples, device)
    }

    fn tokens(&self, batch: &PairBatch) -> usize {
        batch.tokens()
    }

    fn loss(
        &self,
        network: &Seq2Seq,
        batch: &PairBatch,
        _carried: &mut Vec<State>,
        dropout: &Dropout,
    ) -> LossSums {
        batch.loss(network, dropout)
    }

    fn questions(&self, part: Part) -> usize {
        self.pairs.questions(part).len()
    }

    /// Greedy translations, all sentences at once.
    async fn reply(
        &self,
        network: &Seq2Seq,
        part: Part,
        questions: Range<usize>,
        config: &Config,
        device: &Device,
    ) -> Result<Vec<Vec<u32>>> {
        self.pairs
            .greedy(network, part, questions, config.max_output, device)
            .await
    }

    /// Corpus BLEU-4, 0 to 100.
    fn score(&self, part: Part, replies: &[Vec<u32>]) -> Option<f64> {
        if replies.is_empty() {
            return None;
        }
        let mut counts = BleuCounts::default();
        for (group, reply) in self.pairs.questions(part).iter().zip(replies) {
            counts.add(&self.words(reply), &self.pairs.references(group));
        }
        Some(counts.score())
    }

    fn sample(&self, part: Part, question: usize, reply: &Vec<u32>) -> Sample {
        let output = self.tokenizer.join(&self.words(reply));
        self.pairs.sample(part, question, output, &self.tokenizer)
    }

    fn embeddings(&self) -> Vec<EmbeddingTable<'_>> {
        vec![
            EmbeddingTable {
                name: "source words",
                layer: "source_embedding",
                vocabulary: &self.source,
            },
            EmbeddingTable {
                name: "target words",
                layer: "target_embedding",
                vocabulary: &self.target,
            },
        ]
    }

    fn vocabularies(&self) -> Value {
        serde_json::json!({
            "tokenizer": self.tokenizer,
            "source": self.source,
            "target": self.target,
            "parts": self.pairs.sizes(),
        })
    }

    async fn answer(
        &self,
        network: &Seq2Seq,
        question: &TranslationQuestion,
        on_partial: &mut dyn FnMut(TranslationAnswer),
        device: &Device,
    ) -> Result<TranslationAnswer> {
        let TranslationQuestion {
            text,
            beam,
            length_penalty,
            max_output,
        } = question;
        let decoding = Config {
            beam: *beam,
            length_penalty: *length_penalty,
            max_output: *max_output,
            ..Config::default()
        };
        decoding.check()?;
        let (input, ids) = read_sentence(text, &self.tokenizer, &self.source)?;
        if ids.is_empty() {
            return Ok(TranslationAnswer {
                input,
                hypotheses: Vec::new(),
                done: true,
            });
        }
        let mut decoder = Decoder::new(network, &[ids], device);
        let attention = decoder.attention();
        let options = BeamOptions {
            width: *beam as usize,
            length_penalty: *length_penalty,
            max_output: *max_output as usize,
            start: START,
            end: END,
            pad: PAD,
        };
        let answer = |hypotheses: &[Hypothesis], done: bool| TranslationAnswer {
            input: input.clone(),
            hypotheses: hypotheses
                .iter()
                .map(|found| self.translated(found, &attention.borrow()))
                .collect(),
            done,
        };
        let found = beam_search(&mut decoder, &options, |partial| {
            on_partial(answer(partial, false))
        })
        .await?;
        Ok(answer(&found, true))
    }
}
