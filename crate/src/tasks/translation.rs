//! A sentence in one language to a sentence in another.

use super::info::keys;
use super::{
    Activations, BuiltIn, DataReport, EmbeddingTable, KEPT_PER_UNIT, ModelSummary, Part, Preset,
    ScoreInfo, SideReport, Task, TaskInfo, TaskKind,
};
use crate::batch::{Padded, Parts, pad, references, split};
use crate::config::{AttentionKind, Config, NETWORK, PARTS, TRAINING};
use crate::corpus::{Pairs, TextFile, phrase_book, read_pairs};
use crate::decode::{BeamOptions, Hypothesis, StepModel, beam_search};
use crate::device;
use crate::error::{Error, ErrorCode, Result};
use crate::kernels::LOGITS_AT_ONCE;
use crate::models::{DecoderState, Seq2Seq, Seq2SeqConfig};
use crate::nn::{Dropout, Init, LossSums, State, masked_cross_entropy};
use crate::rng::{Rng, Stream};
use crate::text::{END, PAD, START, Tokenizer, Vocabulary};
use crate::train::{BleuCounts, Sample};
use burn::prelude::*;
use burn::tensor::activation::log_softmax;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use tsify::Tsify;

/// First rows shown on the page.
const ROWS_SHOWN: usize = 8;
/// First lines shown with all their columns.
const LINES_SHOWN: usize = 5;
/// Held-out sentences translated after every epoch at most; the test part is translated whole.
const VALIDATION_QUESTIONS: usize = 1_000;
/// Tokens of the longest text that is translated at once.
const LONGEST_QUESTION: usize = 1_000;
/// A score no softmax recovers from: tokens that are never chosen.
const NEVER: f32 = -1e9;

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

/// Sentence pairs as token ids, divided into parts, with their vocabularies.
pub struct Translation {
    tokenizer: Tokenizer,
    source: Vocabulary,
    target: Vocabulary,
    /// Source and target ids of every pair that is used.
    pairs: Vec<(Vec<u32>, Vec<u32>)>,
    /// Target sentences as tokens: references for BLEU know words that the vocabulary does not.
    references: Vec<Vec<String>>,
    texts: Vec<(String, String)>,
    parts: Parts,
    validation_questions: Vec<Vec<usize>>,
    test_questions: Vec<Vec<usize>>,
    report: DataReport,
}

/// Sentence pairs on the device, padded, time first.
pub struct TranslationBatch {
    /// `[source time·batch]`
    source: Tensor<1, Int>,
    source_lengths: Vec<usize>,
    /// What the decoder reads: `<start>` and the target, `[target time·batch]`.
    input: Tensor<1, Int>,
    /// What it should say: the target and `<end>`, `[target time·batch]`.
    output: Tensor<1, Int>,
    /// 1 where `output` is no padding, `[target time·batch]`.
    mask: Tensor<1>,
    target_lengths: Vec<usize>,
}

impl Translation {
    /// The sentence pairs of a part, as they stand in the data.
    pub fn texts(&self, part: Part) -> impl Iterator<Item = (&str, &str)> {
        self.part(part)
            .iter()
            .map(|&pair| (self.texts[pair].0.as_str(), self.texts[pair].1.as_str()))
    }

    fn part(&self, part: Part) -> &[usize] {
        match part {
            Part::Train => &self.parts.train,
            Part::Validation => &self.parts.validation,
            Part::Test => &self.parts.test,
        }
    }

    /// The distinct source sentences of a held-out part, each with all its pairs.
    fn question_groups(&self, part: Part) -> &[Vec<usize>] {
        match part {
            Part::Train => &[],
            Part::Validation => &self.validation_questions,
            Part::Test => &self.test_questions,
        }
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

/// The vocabulary of the training part of one side, and what to say of that side.
fn vocabulary(
    sentences: &[Vec<String>],
    parts: &Parts,
    config: &Config,
) -> (Vocabulary, SideReport) {
    let train = || parts.train.iter().map(|&index| sentences[index].as_slice());
    let vocabulary = Vocabulary::build(train(), config.vocabulary as usize);
    let longest = sentences.iter().map(Vec::len).max().unwrap_or(0);
    let mut lengths = vec![0; longest + 1];
    sentences
        .iter()
        .for_each(|sentence| lengths[sentence.len()] += 1);
    let report = SideReport {
        vocabulary: vocabulary.len() as u32,
        coverage: vocabulary.coverage(train()),
        lengths,
    };
    (vocabulary, report)
}

fn id_tensor(ids: Vec<i32>, device: &Device) -> Tensor<1, Int> {
    let count = ids.len();
    Tensor::from_data(TensorData::new(ids, [count]), device)
}

/// `[1, vocabulary]`: added to logits, so that `<pad>` and `<start>` are never said.
fn never_said(vocabulary: usize, device: &Device) -> Tensor<2> {
    let mut scores = vec![0f32; vocabulary];
    scores[PAD as usize] = NEVER;
    scores[START as usize] = NEVER;
    Tensor::from_data(TensorData::new(scores, [1, vocabulary]), device)
}

impl Task for Translation {
    type Corpus = Pairs;
    type Network = Seq2Seq;
    type Batch = TranslationBatch;
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
    fn new(config: &Config, data: &Pairs) -> Result<Self> {
        config.check()?;
        if config.source_column == config.target_column {
            let message = "Source and target are the same column; choose two different ones.";
            return Err(Error::new(ErrorCode::Setting, message).on_field("target_column"));
        }
        let tokenizer = Tokenizer {
            level: config.level,
            lowercase: config.lowercase,
        };
        let all = data.sentences(config.source_column, config.target_column)?;
        let (mut sources, mut targets, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        let mut too_long = 0;
        for &(_, source, target) in all.iter().take(config.pairs as usize) {
            let tokens = (tokenizer.tokenize(source), tokenizer.tokenize(target));
            if tokens.0.len().max(tokens.1.len()) > config.max_tokens as usize {
                too_long += 1;
            } else if !tokens.0.is_empty() && !tokens.1.is_empty() {
                sources.push(tokens.0);
                targets.push(tokens.1);
                rows.push((source.to_string(), target.to_string()));
            }
        }
        if sources.len() < 2 {
            let message = format!(
                "Only {} of the {} pairs are short enough to train on; raise the longest sentence.",
                sources.len(),
                all.len()
            );
            return Err(Error::new(ErrorCode::Setting, message).on_field("max_tokens"));
        }
        let mut rng = Rng::new(config.seed, Stream::Split);
        let parts = split(
            &sources,
            config.validation_share,
            config.test_share,
            &mut rng,
        );
        let (source, source_report) = vocabulary(&sources, &parts, config);
        let (target, target_report) = vocabulary(&targets, &parts, config);
        let mut validation_questions = references(&sources, &parts.validation);
        validation_questions.truncate(VALIDATION_QUESTIONS);
        let test_questions = references(&sources, &parts.test);
        let pairs = sources.iter().zip(&targets);
        let report = DataReport {
            name: data.name.clone(),
            format: data.format.clone(),
            records: all.len() as u32,
            used: sources.len() as u32,
            too_long,
            train: parts.train.len() as u32,
            validation: parts.validation.len() as u32,
            test: parts.test.len() as u32,
            columns: data.rows.iter().take(LINES_SHOWN).cloned().collect(),
            rows: rows.iter().take(ROWS_SHOWN).cloned().collect(),
            source: Some(source_report),
            target: Some(target_report),
            rejected: data.rejected.clone(),
            rejected_total: data.rejected_total as u32,
            ..DataReport::default()
        };
        Ok(Self {
            pairs: pairs
                .map(|(s, t)| (source.encode(s), target.encode(t)))
                .collect(),
            texts: rows,
            references: targets,
            tokenizer,
            source,
            target,
            parts,
            validation_questions,
            test_questions,
            report,
        })
    }

    fn report(&self) -> &DataReport {
        &self.report
    }

    fn summary(&self, config: &Config) -> ModelSummary {
        let network = self.network_config(config);
        let longest =
            |side: &Option<SideReport>| side.as_ref().map_or(1, |side| side.lengths.len()) as f64;
        let (source, target) = (longest(&self.report.source), longest(&self.report.target));
        let hidden = f64::from(config.hidden);
        // Numbers kept for the backward pass: those of the recurrent layers, and the attention
        // weights (their whole inside, if additive). Logits live for one chunk at a time.
        let recurrent = (source + target) * f64::from(config.layers) * hidden * KEPT_PER_UNIT;
        let batch = f64::from(config.batch);
        let logits = (batch * target * network.classes as f64).min(LOGITS_AT_ONCE as f64);
        let embedding = network.embedding.unwrap_or(0) as f64;
        // The widest that a sentence gets, beside the gates: attention joins the states with contexts.
        let widest = match config.attention {
            AttentionKind::None => 0.0,
            AttentionKind::Dot | AttentionKind::General => 2.0 * target * hidden,
            AttentionKind::Additive => target * hidden * source.max(2.0),
        };
        let widest = widest.max(source.max(target) * hidden.max(embedding));
        let attention = match config.attention {
            AttentionKind::None => 0.0,
            AttentionKind::Additive => 3.0 * source * target * hidden,
            AttentionKind::Dot | AttentionKind::General => {
                4.0 * source * target + 6.0 * target * hidden
            }
        };
        let wide = network.classes.max(network.source) as f64;
        let activations = Activations {
            kept: batch * (recurrent + attention + 2.0 * (source + target) * embedding)
                + 2.0 * logits,
            largest: batch * widest,
            largest_weight: wide
                * network
                    .embedding
                    .map_or(4.0 * hidden, |size| hidden.max(size as f64)),
            moments: config.optimizer.moments() as f64,
        };
        ModelSummary::new(network.layers(), &activations)
    }

    fn init(&self, config: &Config, init: &mut Init) -> Seq2Seq {
        self.network_config(config).init(init)
    }

    fn lengths(&self, part: Part) -> Vec<(usize, usize)> {
        let length = |&index: &usize| (self.pairs[index].0.len(), self.pairs[index].1.len() + 1);
        self.part(part).iter().map(length).collect()
    }

    fn batch(&self, part: Part, examples: &[usize], device: &Device) -> TranslationBatch {
        let pairs: Vec<_> = examples
            .iter()
            .map(|&example| &self.pairs[self.part(part)[example]])
            .collect();
        let sources: Vec<&[u32]> = pairs.iter().map(|pair| pair.0.as_slice()).collect();
        let inputs: Vec<Vec<u32>> = pairs
            .iter()
            .map(|pair| [&[START], pair.1.as_slice()].concat())
            .collect();
        let outputs: Vec<Vec<u32>> = pairs
            .iter()
            .map(|pair| [pair.1.as_slice(), &[END]].concat())
            .collect();
        let (source, input, output) = (pad(&sources, PAD), pad(&inputs, PAD), pad(&outputs, PAD));
        let mask: Vec<f32> = output
            .ids
            .iter()
            .map(|&id| f32::from(u8::from(id != PAD as i32)))
            .collect();
        let count = mask.len();
        TranslationBatch {
            source: id_tensor(source.ids, device),
            source_lengths: source.lengths,
            input: id_tensor(input.ids, device),
            output: id_tensor(output.ids, device),
            mask: Tensor::from_data(TensorData::new(mask, [count]), device),
            target_lengths: output.lengths,
        }
    }

    fn tokens(&self, batch: &TranslationBatch) -> usize {
        batch.target_lengths.iter().sum()
    }

    fn loss(
        &self,
        network: &Seq2Seq,
        batch: &TranslationBatch,
        _carried: &mut Vec<State>,
        dropout: &Dropout,
    ) -> LossSums {
        let encoded = network.encode(batch.source.clone(), &batch.source_lengths, dropout);
        let (rows, _, _) = network.decode(
            batch.input.clone(),
            &batch.target_lengths,
            encoded.into(),
            dropout,
        );
        masked_cross_entropy(
            &network.output,
            rows,
            batch.output.clone(),
            batch.mask.clone(),
        )
    }

    fn questions(&self, part: Part) -> usize {
        self.question_groups(part).len()
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
        let groups = &self.question_groups(part)[questions];
        let sources: Vec<&[u32]> = groups
            .iter()
            .map(|group| self.pairs[group[0]].0.as_slice())
            .collect();
        let Padded { ids, lengths, .. } = pad(&sources, PAD);
        let mut state: DecoderState = network
            .encode(id_tensor(ids, device), &lengths, &Dropout::OFF)
            .into();
        let never = never_said(self.target.len(), device);
        let mut replies = vec![Vec::new(); groups.len()];
        let mut open = vec![true; groups.len()];
        let mut last = vec![START as i32; groups.len()];
        for _ in 0..config.max_output {
            let ones = vec![1; groups.len()];
            let (rows, _, next) =
                network.decode(id_tensor(last, device), &ones, state, &Dropout::OFF);
            state = next;
            let logits = network.output.forward(rows) + never.clone();
            let said = device::read_ids(logits.argmax(1)).await?;
            for ((reply, open), &id) in replies.iter_mut().zip(&mut open).zip(&said) {
                *open &= id != END;
                if *open {
                    reply.push(id);
                }
            }
            if !open.contains(&true) {
                break;
            }
            last = said.into_iter().map(|id| id as i32).collect();
        }
        Ok(replies)
    }

    /// Corpus BLEU-4, 0 to 100.
    fn score(&self, part: Part, replies: &[Vec<u32>]) -> Option<f64> {
        if replies.is_empty() {
            return None;
        }
        let mut counts = BleuCounts::default();
        for (group, reply) in self.question_groups(part).iter().zip(replies) {
            let references: Vec<&[String]> = group
                .iter()
                .map(|&pair| self.references[pair].as_slice())
                .collect();
            counts.add(&self.words(reply), &references);
        }
        Some(counts.score())
    }

    fn sample(&self, part: Part, question: usize, reply: &Vec<u32>) -> Sample {
        let group = &self.question_groups(part)[question];
        Sample {
            input: self.texts[group[0]].0.clone(),
            output: self.tokenizer.join(&self.words(reply)),
            expected: group
                .iter()
                .map(|&pair| self.tokenizer.join(&self.references[pair]))
                .collect(),
        }
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

    fn vocabularies(&self) -> serde_json::Value {
        serde_json::json!({
            "tokenizer": self.tokenizer,
            "source": self.source,
            "target": self.target,
            // Other data of the same words would be divided otherwise.
            "parts": [self.parts.train.len(), self.parts.validation.len(), self.parts.test.len()],
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
        let words = self.tokenizer.tokenize(text);
        let known = |word: &String| InputToken {
            text: word.clone(),
            known: self.source.id(word).is_some(),
        };
        let input: Vec<InputToken> = words.iter().map(known).collect();
        if words.len() > LONGEST_QUESTION {
            let message = format!(
                "This is {} tokens long; translate at most {LONGEST_QUESTION} at a time.",
                words.len()
            );
            return Err(Error::new(ErrorCode::Setting, message));
        }
        if words.is_empty() {
            return Ok(TranslationAnswer {
                input,
                hypotheses: Vec::new(),
                done: true,
            });
        }
        let ids: Vec<i32> = self
            .source
            .encode(&words)
            .into_iter()
            .map(|id| id as i32)
            .collect();
        let encoded = network.encode(id_tensor(ids, device), &[words.len()], &Dropout::OFF);
        let attention = Rc::new(RefCell::new(Vec::new()));
        let mut decoder = Decoder {
            network,
            state: Some(encoded.into()),
            never: never_said(self.target.len(), device),
            attention: attention.clone(),
            device,
        };
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

/// The attention weights of each decoding step so far, `[step][row][source time]`.
type AttentionSteps = Rc<RefCell<Vec<Vec<Vec<f32>>>>>;

/// A network in the middle of one sentence: a batch row for each beam.
struct Decoder<'a> {
    network: &'a Seq2Seq,
    state: Option<DecoderState>,
    never: Tensor<2>,
    attention: AttentionSteps,
    device: &'a Device,
}

impl StepModel for Decoder<'_> {
    async fn step(&mut self, parents: &[usize], tokens: &[u32]) -> Result<Vec<Vec<f32>>> {
        let Some(state) = self.state.take() else {
            return Err(Error::new(
                ErrorCode::State,
                "The translation was broken off; ask again.",
            ));
        };
        let state = state.select(parents, self.device);
        let ids = tokens.iter().map(|&id| id as i32).collect();
        let ones = vec![1; tokens.len()];
        let (rows, weights, next) =
            self.network
                .decode(id_tensor(ids, self.device), &ones, state, &Dropout::OFF);
        self.state = Some(next);
        if let Some(weights) = weights {
            let source = weights.dims()[2];
            let values = device::read(weights).await?;
            self.attention
                .borrow_mut()
                .push(values.chunks(source).map(<[f32]>::to_vec).collect());
        }
        let logits = self.network.output.forward(rows) + self.never.clone();
        let vocabulary = logits.dims()[1];
        let values = device::read(log_softmax(logits, 1)).await?;
        Ok(values.chunks(vocabulary).map(<[f32]>::to_vec).collect())
    }
}
