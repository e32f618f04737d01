//! Pairs of sentences for an encoder–decoder: what the tasks that write an answer to a sentence have in common.

use super::{Activations, DataReport, KEPT_PER_UNIT, ModelSummary, Part, SideReport};
use crate::batch::{Parts, pad, references, split};
use crate::config::{AttentionKind, Config};
use crate::corpus::Table;
use crate::decode::{greedy, id_tensor};
use crate::error::{Error, ErrorCode, Result};
use crate::kernels::LOGITS_AT_ONCE;
use crate::models::{Seq2Seq, Seq2SeqConfig};
use crate::nn::{Dropout, LossSums, masked_cross_entropy};
use crate::rng::{Rng, Stream};
use crate::text::{END, PAD, START, Tokenizer, Vocabulary};
use crate::train::Sample;
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use tsify::Tsify;

/// First rows shown on the page.
const ROWS_SHOWN: usize = 8;
/// First lines shown with all their columns.
const LINES_SHOWN: usize = 5;
/// Held-out sentences answered after every epoch at most; the test part is answered whole.
const VALIDATION_QUESTIONS: usize = 1_000;
/// Tokens of the longest sentence that a user may give.
const LONGEST_SENTENCE: usize = 1_000;

/// A token of a sentence that a user gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct InputToken {
    pub text: String,
    /// Whether the network has a vector for it; if not, it reads `<unk>`.
    pub known: bool,
}

/// A sentence that a user gave, as tokens.
///
/// # Errors
/// [`ErrorCode::Setting`] for one of more than a thousand tokens.
pub fn read_sentence(
    text: &str,
    tokenizer: &Tokenizer,
    vocabulary: &Vocabulary,
) -> Result<(Vec<InputToken>, Vec<u32>)> {
    let words = tokenizer.tokenize(text);
    if words.len() > LONGEST_SENTENCE {
        let message = format!(
            "This is {} tokens long; give at most {LONGEST_SENTENCE} at a time.",
            words.len()
        );
        return Err(Error::new(ErrorCode::Setting, message));
    }
    let ids = vocabulary.encode(&words);
    let known = |text: String| InputToken {
        known: vocabulary.id(&text).is_some(),
        text,
    };
    Ok((words.into_iter().map(known).collect(), ids))
}

/// Pairs cut into tokens and divided into parts.
pub struct TokenPairs {
    /// As they stand in the data.
    texts: Vec<(String, String)>,
    /// The tokens of each source and each target.
    tokens: Vec<[Vec<String>; 2]>,
    parts: Parts,
    records: usize,
    too_long: u32,
}

impl TokenPairs {
    /// Cuts the source and the target of each pair, and divides the pairs. `limits`: the most tokens on
    /// either side; pairs that are longer, or have nothing on a side, are left out.
    ///
    /// # Errors
    /// [`ErrorCode::Setting`] if less than two pairs are left; `table` is what they come from.
    pub fn new<S: Into<String>>(
        pairs: impl IntoIterator<Item = (S, S)>,
        tokenizers: [&Tokenizer; 2],
        limits: [u32; 2],
        config: &Config,
        table: &Table,
    ) -> Result<Self> {
        let (mut texts, mut tokens) = (Vec::new(), Vec::new());
        let (mut records, mut too_long) = (0, 0);
        for (source, target) in pairs {
            records += 1;
            if records > config.pairs as usize {
                continue;
            }
            let (source, target) = (source.into(), target.into());
            let cut = [
                tokenizers[0].tokenize(&source),
                tokenizers[1].tokenize(&target),
            ];
            let long = |side: usize| cut[side].len() > limits[side] as usize;
            if long(0) || long(1) {
                too_long += 1;
            } else if !cut[0].is_empty() && !cut[1].is_empty() {
                tokens.push(cut);
                texts.push((source, target));
            }
        }
        if tokens.len() < 2 {
            return Err(too_few(table, records, tokens.len(), too_long));
        }
        let sources: Vec<&Vec<String>> = tokens.iter().map(|[source, _]| source).collect();
        let mut rng = Rng::new(config.seed, Stream::Split);
        let parts = split(
            &sources,
            config.validation_share,
            config.test_share,
            &mut rng,
        );
        Ok(Self {
            texts,
            tokens,
            parts,
            records,
            too_long,
        })
    }

    /// The training sentences of a side: 0 the source, 1 the target.
    pub fn train(&self, side: usize) -> impl Iterator<Item = &[String]> {
        self.parts
            .train
            .iter()
            .map(move |&index| self.tokens[index][side].as_slice())
    }

    fn side_report(&self, side: usize, vocabulary: &Vocabulary) -> SideReport {
        let length = |pair: &[Vec<String>; 2]| pair[side].len();
        let mut lengths = vec![0; self.tokens.iter().map(length).max().unwrap_or(0) + 1];
        for pair in &self.tokens {
            lengths[length(pair)] += 1;
        }
        SideReport {
            vocabulary: vocabulary.len() as u32,
            coverage: vocabulary.coverage(self.train(side)),
            lengths,
        }
    }

    /// What there is to say of the pairs and the table that they come from.
    pub fn report(&self, table: &Table, [source, target]: [&Vocabulary; 2]) -> DataReport {
        DataReport {
            name: table.name.clone(),
            format: table.format.clone(),
            records: self.records as u32,
            used: self.tokens.len() as u32,
            too_long: self.too_long,
            train: self.parts.train.len() as u32,
            validation: self.parts.validation.len() as u32,
            test: self.parts.test.len() as u32,
            columns: table.rows.iter().take(LINES_SHOWN).cloned().collect(),
            rows: self.texts.iter().take(ROWS_SHOWN).cloned().collect(),
            source: Some(self.side_report(0, source)),
            target: Some(self.side_report(1, target)),
            rejected: table.rejected.clone(),
            rejected_total: table.rejected_total as u32,
            ..DataReport::default()
        }
    }

    /// The pairs as token ids.
    pub fn encode(self, [source, target]: [&Vocabulary; 2]) -> PairExamples {
        let ids = self
            .tokens
            .iter()
            .map(|[left, right]| [source.encode(left), target.encode(right)])
            .collect();
        let sources: Vec<&Vec<String>> = self.tokens.iter().map(|[left, _]| left).collect();
        let mut validation_questions = references(&sources, &self.parts.validation);
        validation_questions.truncate(VALIDATION_QUESTIONS);
        let test_questions = references(&sources, &self.parts.test);
        PairExamples {
            ids,
            texts: self.texts,
            references: self.tokens.into_iter().map(|[_, right]| right).collect(),
            parts: self.parts,
            validation_questions,
            test_questions,
        }
    }
}

fn too_few(table: &Table, records: usize, left: usize, too_long: u32) -> Error {
    if too_long > 0 {
        let message = format!(
            "Only {left} of the {records} pairs are short enough to train on; raise the limits of length."
        );
        return Error::new(ErrorCode::Setting, message).on_field("max_tokens");
    }
    let message = format!(
        "{} holds {left} {} to train on. Two are needed at least, and some hundreds to learn anything.",
        table.name,
        if left == 1 { "pair" } else { "pairs" }
    );
    Error::new(ErrorCode::Setting, message)
}

/// Pairs of sentences as token ids, divided into parts.
#[derive(Default)]
pub struct PairExamples {
    /// Source and target ids of every pair that is used.
    ids: Vec<[Vec<u32>; 2]>,
    texts: Vec<(String, String)>,
    /// Target sentences as tokens: as references they know words that the vocabulary does not.
    references: Vec<Vec<String>>,
    parts: Parts,
    validation_questions: Vec<Vec<usize>>,
    test_questions: Vec<Vec<usize>>,
}

impl PairExamples {
    fn part(&self, part: Part) -> &[usize] {
        match part {
            Part::Train => &self.parts.train,
            Part::Validation => &self.parts.validation,
            Part::Test => &self.parts.test,
        }
    }

    /// The numbers of training, validation and test pairs: data of the same words can be divided otherwise.
    pub fn sizes(&self) -> [usize; 3] {
        [Part::Train, Part::Validation, Part::Test].map(|part| self.part(part).len())
    }

    /// The pairs of a part, as they stand in the data.
    pub fn texts(&self, part: Part) -> impl Iterator<Item = (&str, &str)> {
        self.part(part)
            .iter()
            .map(|&pair| (self.texts[pair].0.as_str(), self.texts[pair].1.as_str()))
    }

    /// The distinct source sentences of a held-out part, each with all its pairs.
    pub fn questions(&self, part: Part) -> &[Vec<usize>] {
        match part {
            Part::Train => &[],
            Part::Validation => &self.validation_questions,
            Part::Test => &self.test_questions,
        }
    }

    /// The source of a question, as ids.
    pub fn source(&self, question: &[usize]) -> &[u32] {
        question.first().map_or(&[], |&pair| &self.ids[pair][0])
    }

    /// All targets of a question, as tokens.
    pub fn references(&self, question: &[usize]) -> Vec<&[String]> {
        let target = |&pair: &usize| self.references[pair].as_slice();
        question.iter().map(target).collect()
    }

    /// The likeliest answers to these questions of a part, as ids.
    ///
    /// # Errors
    /// [`ErrorCode::Device`] when the device fails.
    pub async fn greedy(
        &self,
        network: &Seq2Seq,
        part: Part,
        questions: Range<usize>,
        max_output: u32,
        device: &Device,
    ) -> Result<Vec<Vec<u32>>> {
        let questions = self.questions(part)[questions].iter();
        let sources: Vec<&[u32]> = questions.map(|question| self.source(question)).collect();
        greedy(network, &sources, max_output, device).await
    }

    /// A question of a part with its answer and the right ones, in words.
    pub fn sample(
        &self,
        part: Part,
        question: usize,
        output: String,
        tokenizer: &Tokenizer,
    ) -> Sample {
        let question = &self.questions(part)[question];
        let references = self.references(question).into_iter();
        Sample {
            input: question
                .first()
                .map_or_else(String::new, |&pair| self.texts[pair].0.clone()),
            output,
            expected: references.map(|words| tokenizer.join(words)).collect(),
        }
    }

    /// Source and target length of a part's pairs, `<end>` included.
    pub fn lengths(&self, part: Part) -> Vec<(usize, usize)> {
        let length = |&index: &usize| (self.ids[index][0].len(), self.ids[index][1].len() + 1);
        self.part(part).iter().map(length).collect()
    }

    /// Puts these pairs of a part on the device.
    pub fn batch(&self, part: Part, examples: &[usize], device: &Device) -> PairBatch {
        let part = self.part(part);
        let side = |side: usize| {
            let ids = move |&example: &usize| self.ids[part[example]][side].as_slice();
            examples.iter().map(ids)
        };
        let sources: Vec<&[u32]> = side(0).collect();
        let inputs: Vec<Vec<u32>> = side(1).map(|target| [&[START], target].concat()).collect();
        let outputs: Vec<Vec<u32>> = side(1).map(|target| [target, &[END]].concat()).collect();
        let (source, input, output) = (pad(&sources, PAD), pad(&inputs, PAD), pad(&outputs, PAD));
        let mask: Vec<f32> = output
            .ids
            .iter()
            .map(|&id| f32::from(u8::from(id != PAD as i32)))
            .collect();
        let count = mask.len();
        PairBatch {
            source: id_tensor(source.ids, device),
            source_lengths: source.lengths,
            input: id_tensor(input.ids, device),
            output: id_tensor(output.ids, device),
            mask: Tensor::from_data(TensorData::new(mask, [count]), device),
            target_lengths: output.lengths,
        }
    }
}

/// Pairs of sentences on the device, padded, time first.
pub struct PairBatch {
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

impl PairBatch {
    /// Tokens that the loss counts.
    pub fn tokens(&self) -> usize {
        self.target_lengths.iter().sum()
    }

    /// The loss with the right token before each one known (teacher forcing).
    pub fn loss(&self, network: &Seq2Seq, dropout: &Dropout) -> LossSums {
        let encoded = network.encode(self.source.clone(), &self.source_lengths, dropout);
        let (rows, _, _) = network.decode(
            self.input.clone(),
            &self.target_lengths,
            encoded.into(),
            dropout,
        );
        masked_cross_entropy(
            &network.output,
            rows,
            self.output.clone(),
            self.mask.clone(),
        )
    }
}

/// What training the network on the data takes.
pub fn summary(network: &Seq2SeqConfig, report: &DataReport, config: &Config) -> ModelSummary {
    let longest =
        |side: &Option<SideReport>| side.as_ref().map_or(1, |side| side.lengths.len()) as f64;
    let (source, target) = (longest(&report.source), longest(&report.target));
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
        kept: batch * (recurrent + attention + 2.0 * (source + target) * embedding) + 2.0 * logits,
        largest: batch * widest,
        largest_weight: wide
            * network
                .embedding
                .map_or(4.0 * hidden, |size| hidden.max(size as f64)),
        moments: config.optimizer.moments() as f64,
    };
    ModelSummary::new(network.layers(), &activations)
}
