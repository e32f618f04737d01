//! The class of a text: is a review good or bad, what is a message about?

use super::info::keys;
use super::{
    Activations, BuiltIn, ClassTexts, DataReport, EmbeddingTable, KEPT_PER_UNIT, ModelSummary,
    Part, Preset, SideReport, Task, TaskInfo, TaskKind, entry, no_data,
};
use crate::batch::{Padded, Parts, pad, split_by_class};
use crate::config::{Config, Cut, Initialisation, NETWORK, PARTS, Pooling, TRAINING};
use crate::corpus::{Labelled, TextFile, Texts, read_labelled};
use crate::device;
use crate::error::{Error, ErrorCode, Result};
use crate::models::{BagOfWords, TextClassifier, TextClassifierConfig};
use crate::nn::{Dropout, Init, LossSums, StackConfig, State, masked_cross_entropy};
use crate::rng::{Rng, Stream};
use crate::text::{PAD, Tokenizer, Vocabulary};
use crate::train::Sample;
use burn::prelude::*;
use burn::tensor::activation::softmax;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cell::OnceCell;
use std::ops::Range;
use tsify::Tsify;

/// The built-in file, with a class 0 or 1 behind each text.
const BUILT_IN: &str = "amazon_cells_labelled.txt";
const BUILT_IN_NAME: &str = "Reviews of phones";
/// What its two classes mean.
const BUILT_IN_CLASSES: [&str; 2] = ["negative", "positive"];
/// Held-out texts shown after every epoch.
const QUESTIONS: usize = 6;
/// Tokens of the longest text that a user may ask about.
const LONGEST_QUESTION: usize = 5_000;
/// Texts read at once for a report.
const REPORT_BATCH: usize = 64;
/// Mistakes shown.
const MISTAKES: usize = 10;
/// First records shown on the page.
const ROWS_SHOWN: usize = 8;
/// First lines shown with all their columns.
const LINES_SHOWN: usize = 5;
/// So many characters of a text are shown in a table.
const TEXT_SHOWN: usize = 300;

/// What a user asks a classifier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ClassificationQuestion {
    /// The class of a text, and how the verdict comes about.
    Text { text: String },
    /// How it does on a held-out part of the data.
    Report { part: Part },
}

/// What a classifier answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ClassificationAnswer {
    Text(ReadText),
    Report(ClassificationReport),
}

/// A text as the network read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ReadText {
    pub classes: Vec<String>,
    pub tokens: Vec<ReadToken>,
}

/// A token of a text, and what the network held for true after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ReadToken {
    pub text: String,
    /// Whether it is in the vocabulary.
    pub known: bool,
    /// The probability of each class after this token; none where the text was cut off.
    #[tsify(optional)]
    pub probabilities: Option<Vec<f32>>,
}

/// How a classifier does on a part of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ClassificationReport {
    pub part: Part,
    pub classes: Vec<ClassScores>,
    /// Texts by true class and by the class that the network says, `[true][said]`.
    pub confusion: Vec<Vec<u32>>,
    pub texts: u32,
    pub accuracy: f64,
    /// The accuracy of logistic regression on the same words, whatever their order.
    pub bag_of_words: f64,
    /// The accuracy of always saying the class that is commonest in training, and which it is.
    pub majority: f64,
    pub majority_class: String,
    /// The mistakes that the network was surest of, the surest first.
    pub mistakes: Vec<Mistake>,
}

/// One class of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ClassScores {
    pub name: String,
    /// Texts that have the class.
    pub texts: u32,
    /// The share of right ones among the texts that were said to have it; none where there are no such.
    #[tsify(optional)]
    pub precision: Option<f64>,
    /// The share of texts that have it which were found.
    #[tsify(optional)]
    pub recall: Option<f64>,
    /// The harmonic mean of both: `2·right / (texts + said)`.
    #[tsify(optional)]
    pub f1: Option<f64>,
}

/// A text that the network gave another class than it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct Mistake {
    pub text: String,
    pub truth: String,
    pub said: String,
    /// The probability that it gave to what it said.
    pub probability: f32,
}

/// Labelled texts as token ids, divided into parts.
pub struct Classification {
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
    classes: Vec<String>,
    examples: Vec<Example>,
    parts: Parts,
    cut: (Cut, usize),
    bag_of_words: OnceCell<BagOfWords>,
    report: DataReport,
}

/// A text with its class.
struct Example {
    text: String,
    /// As many tokens as are read.
    ids: Vec<u32>,
    class: usize,
}

/// Texts on the device, padded, time first.
pub struct ClassificationBatch {
    /// `[time·batch]`
    ids: Tensor<1, Int>,
    lengths: Vec<usize>,
    /// `[batch]`
    classes: Tensor<1, Int>,
}

/// The same texts with a network's classes in their order.
///
/// # Errors
/// [`ErrorCode::Setting`] where the texts have a class that the network does not know.
fn with_classes(texts: Texts, classes: Vec<String>) -> Result<Texts> {
    let place = |name: &String| classes.iter().position(|class| class == name);
    let places: Option<Vec<usize>> = texts.classes.iter().map(place).collect();
    let Some(places) = places else {
        let message = format!(
            "This network knows the classes {}, and the texts have {}. Load texts of the same classes, or start a new network.",
            classes.join(", "),
            texts.classes.join(", ")
        );
        return Err(Error::new(ErrorCode::Setting, message));
    };
    let moved = texts.texts.into_iter();
    Ok(Texts {
        texts: moved.map(|(text, class)| (text, places[class])).collect(),
        classes,
        ..texts
    })
}

/// The tokens that are left of so many when a text is cut.
fn kept((from, to): (Cut, usize), tokens: usize) -> Range<usize> {
    match from {
        Cut::Front => tokens.saturating_sub(to)..tokens,
        Cut::Back => 0..tokens.min(to),
    }
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(TEXT_SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// The index of the largest number.
fn largest(numbers: &[f32]) -> usize {
    let best = numbers.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    best.map_or(0, |(index, _)| index)
}

impl Classification {
    /// The texts of a part as token ids, each with the index of its class.
    pub fn texts(&self, part: Part) -> impl Iterator<Item = (&[u32], usize)> {
        self.part(part).iter().map(|&index| {
            let Example { ids, class, .. } = &self.examples[index];
            (ids.as_slice(), *class)
        })
    }

    /// The number of token ids, special tokens included.
    pub fn vocabulary(&self) -> usize {
        self.vocabulary.len()
    }

    fn part(&self, part: Part) -> &[usize] {
        match part {
            Part::Train => &self.parts.train,
            Part::Validation => &self.parts.validation,
            Part::Test => &self.parts.test,
        }
    }

    fn network_config(&self, config: &Config) -> TextClassifierConfig {
        TextClassifierConfig {
            vocabulary: self.vocabulary.len(),
            stack: StackConfig::new(config, config.embedding as usize),
            pooling: config.pooling,
            classes: self.classes.len(),
        }
    }

    /// The probability of each class for these examples of a part.
    async fn probabilities(
        &self,
        network: &TextClassifier,
        part: Part,
        examples: &[usize],
        device: &Device,
    ) -> Result<Vec<Vec<f32>>> {
        let ClassificationBatch { ids, lengths, .. } = self.batch(part, examples, device);
        let rows = network.read(ids, &lengths, &Dropout::OFF);
        let values = device::read(softmax(network.output.forward(rows), 1)).await?;
        Ok(values
            .chunks(self.classes.len())
            .map(<[f32]>::to_vec)
            .collect())
    }

    async fn read_text(
        &self,
        network: &TextClassifier,
        text: &str,
        device: &Device,
    ) -> Result<ReadText> {
        let words = self.tokenizer.tokenize(text);
        if words.len() > LONGEST_QUESTION {
            let message = format!(
                "This is {} tokens long; ask about {LONGEST_QUESTION} at most.",
                words.len()
            );
            return Err(Error::new(ErrorCode::Setting, message));
        }
        let read = kept(self.cut, words.len());
        let mut verdicts = Vec::new();
        if !read.is_empty() {
            let ids = self.vocabulary.encode(&words[read.clone()]);
            let ids: Vec<i32> = ids.into_iter().map(|id| id as i32).collect();
            let time = ids.len();
            let states =
                network.read_along(Tensor::from_data(TensorData::new(ids, [time]), device));
            let rows = match network.pooling {
                Pooling::Last => states,
                Pooling::Mean => {
                    let hidden = states.dims()[1];
                    let means = running_means(&device::read(states).await?, hidden);
                    Tensor::from_data(TensorData::new(means, [time, hidden]), device)
                }
            };
            verdicts = device::read(softmax(network.output.forward(rows), 1)).await?;
        }
        let mut verdicts = verdicts.chunks(self.classes.len());
        let tokens = words
            .into_iter()
            .enumerate()
            .map(|(index, text)| ReadToken {
                known: self.vocabulary.id(&text).is_some(),
                probabilities: read
                    .contains(&index)
                    .then(|| verdicts.next().unwrap_or_default().to_vec()),
                text,
            });
        Ok(ReadText {
            tokens: tokens.collect(),
            classes: self.classes.clone(),
        })
    }

    /// Logistic regression on the training part, made when it is first asked for.
    fn bag_of_words(&self) -> &BagOfWords {
        self.bag_of_words.get_or_init(|| {
            let texts: Vec<(&[u32], usize)> = self.texts(Part::Train).collect();
            BagOfWords::fit(&texts, self.vocabulary.len(), self.classes.len())
        })
    }

    async fn classification_report(
        &self,
        network: &TextClassifier,
        part: Part,
        device: &Device,
    ) -> Result<ClassificationReport> {
        if self.examples.is_empty() {
            return Err(no_data());
        }
        let texts = self.part(part);
        if texts.is_empty() {
            let message = "No text is held out for that; raise the share of this part.";
            return Err(
                Error::new(ErrorCode::Setting, message).on_field(match part {
                    Part::Test => "test_share",
                    _ => "validation_share",
                }),
            );
        }
        let count = self.classes.len();
        let mut confusion = vec![vec![0u32; count]; count];
        let mut wrong: Vec<(f32, usize, usize)> = Vec::new();
        let all: Vec<usize> = (0..texts.len()).collect();
        for examples in all.chunks(REPORT_BATCH) {
            let said = self.probabilities(network, part, examples, device).await?;
            for (&example, probabilities) in examples.iter().zip(said) {
                let (truth, said) = (self.examples[texts[example]].class, largest(&probabilities));
                confusion[truth][said] += 1;
                if said != truth {
                    wrong.push((probabilities[said], texts[example], said));
                }
            }
        }
        wrong.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mistakes = wrong.into_iter().take(MISTAKES);
        let mistakes = mistakes.map(|(probability, example, said)| Mistake {
            text: shortened(&self.examples[example].text),
            truth: self.classes[self.examples[example].class].clone(),
            said: self.classes[said].clone(),
            probability,
        });
        let baseline = self.bag_of_words();
        let found =
            |(ids, class): &(&[u32], usize)| largest(&baseline.probabilities(ids)) == *class;
        let bag_of_words = self.texts(part).filter(found).count();
        let mut trained = vec![0f32; count];
        self.texts(Part::Train)
            .for_each(|(_, class)| trained[class] += 1.0);
        let commonest = largest(&trained);
        let in_part = |class: usize| confusion[class].iter().sum::<u32>();
        let share = |right: usize| right as f64 / texts.len() as f64;
        let right: u32 = (0..count).map(|class| confusion[class][class]).sum();
        Ok(ClassificationReport {
            part,
            classes: (0..count)
                .map(|class| scores(&self.classes[class], &confusion, class))
                .collect(),
            texts: texts.len() as u32,
            accuracy: share(right as usize),
            bag_of_words: share(bag_of_words),
            majority: share(in_part(commonest) as usize),
            majority_class: self.classes[commonest].clone(),
            mistakes: mistakes.collect(),
            confusion,
        })
    }
}

/// Precision, recall and F1 of a class.
fn scores(name: &str, confusion: &[Vec<u32>], class: usize) -> ClassScores {
    let right = f64::from(confusion[class][class]);
    let texts: u32 = confusion[class].iter().sum();
    let said: u32 = confusion.iter().map(|row| row[class]).sum();
    let ratio = |numerator: f64, denominator: u32| {
        (denominator > 0).then(|| numerator / f64::from(denominator))
    };
    ClassScores {
        name: name.into(),
        texts,
        precision: ratio(right, said),
        recall: ratio(right, texts),
        f1: ratio(2.0 * right, texts + said),
    }
}

/// The mean of the rows of `hidden` numbers so far, after each row.
fn running_means(rows: &[f32], hidden: usize) -> Vec<f32> {
    let mut sums = vec![0f32; hidden];
    let mut means = Vec::with_capacity(rows.len());
    for (row, count) in rows.chunks(hidden).zip(1u16..) {
        sums.iter_mut()
            .zip(row)
            .for_each(|(sum, value)| *sum += value);
        means.extend(sums.iter().map(|sum| sum / f32::from(count)));
    }
    means
}

/// The built-in file says 0 and 1; people say negative and positive.
fn present_built_in(data: Labelled) -> Labelled {
    let Labelled::Table(mut table) = data else {
        return data;
    };
    table.name = BUILT_IN_NAME.into();
    for label in table.rows.iter_mut().filter_map(|row| row.get_mut(1)) {
        if let Some(name) = label
            .parse()
            .ok()
            .and_then(|class: usize| BUILT_IN_CLASSES.get(class))
        {
            *label = name.to_string();
        }
    }
    Labelled::Table(table)
}

impl Task for Classification {
    type Corpus = Labelled;
    type Network = TextClassifier;
    type Batch = ClassificationBatch;
    /// The probability of each class.
    type Reply = Vec<f32>;
    type Question = ClassificationQuestion;
    type Answer = ClassificationAnswer;

    const KIND: TaskKind = TaskKind::Classification;

    fn info() -> TaskInfo {
        let own: &[&str] = &[
            "level",
            "lowercase",
            "vocabulary",
            "text_column",
            "label_column",
            "cut_to",
            "cut_from",
            "pooling",
            "embedding",
        ];
        let lesson = Config {
            task: Self::KIND,
            lowercase: true,
            vocabulary: 20_000,
            cut_to: 80,
            cut_from: Cut::Front,
            validation_share: 0.2,
            test_share: 0.1,
            embedding: 128,
            hidden: 128,
            pooling: Pooling::Last,
            dropout: 0.2,
            recurrent_dropout: 0.2,
            initialisation: Initialisation::Keras,
            epochs: 15,
            learning_rate: 0.001,
            batch: 32,
            clip_norm: 0.0,
            patience: 0,
            ..Config::default()
        };
        let recommended = Config {
            hidden: 32,
            epochs: 20,
            clip_norm: 5.0,
            patience: 3,
            ..lesson.clone()
        };
        TaskInfo {
            kind: Self::KIND,
            label: "Classifier".into(),
            help: "Learns to tell classes of texts apart, such as good reviews from bad ones".into(),
            about: "The network reads a text word by word and says at the end which class it belongs to. \
                    Type a review that turns with its last words, and see whether order means more to it than to \
                    a bag of words."
                .into(),
            settings: keys(&[own, PARTS, NETWORK, TRAINING]),
            presets: vec![
                Preset {
                    name: "Recommended".into(),
                    about: "A small LSTM that stops when it gets no better: seconds on a laptop.".into(),
                    config: recommended,
                },
                Preset {
                    name: "As in the lesson".into(),
                    about: "Embedding and LSTM of 128, dropout within the LSTM, the last state decides. Larger and \
                            slower, and made for 25,000 reviews rather than 1,000."
                        .into(),
                    config: lesson,
                },
            ],
            built_in: Some(BuiltIn {
                name: BUILT_IN_NAME.into(),
                file: Some(BUILT_IN.into()),
            }),
            score: None,
        }
    }

    fn read(files: &[TextFile]) -> Result<Labelled> {
        let data = read_labelled(files)?;
        Ok(match files {
            [file] if file.name == BUILT_IN => present_built_in(data),
            _ => data,
        })
    }

    fn prepare(config: &Config, corpus: &Labelled, known: Option<&Value>) -> Result<Self> {
        config.check()?;
        let tokenizer = match known {
            Some(known) => entry(known, "tokenizer")?,
            None => Tokenizer {
                level: config.level,
                lowercase: config.lowercase,
            },
        };
        let mut read = corpus.texts(config.text_column, config.label_column)?;
        if let Some(known) = known {
            read = with_classes(read, entry(known, "classes")?)?;
        }
        let records = read.texts.len();
        let cut = (config.cut_from, config.cut_to as usize);
        let (mut tokens, mut examples) = (Vec::new(), Vec::new());
        let mut lengths: Vec<Vec<u32>> = vec![Vec::new(); read.classes.len()];
        for (text, class) in read.texts {
            let mut words = tokenizer.tokenize(&text);
            if words.is_empty() {
                continue;
            }
            let lengths = &mut lengths[class];
            lengths.resize(lengths.len().max(words.len() + 1), 0);
            lengths[words.len()] += 1;
            let kept = kept(cut, words.len());
            words.truncate(kept.end);
            words.drain(..kept.start);
            tokens.push(words);
            examples.push(Example {
                text,
                ids: Vec::new(),
                class,
            });
        }
        let mut rng = Rng::new(config.seed, Stream::Split);
        let parts = split_by_class(
            &tokens,
            |example| examples[example].class,
            config.validation_share,
            config.test_share,
            &mut rng,
        );
        let train = || parts.train.iter().map(|&index| tokens[index].as_slice());
        let vocabulary = match known {
            Some(known) => entry(known, "vocabulary")?,
            None => Vocabulary::build(train(), config.vocabulary as usize),
        };
        for (example, words) in examples.iter_mut().zip(&tokens) {
            example.ids = vocabulary.encode(words);
        }
        let longest = lengths.iter().map(Vec::len).max().unwrap_or(0);
        let all_lengths = (0..longest).map(|length| {
            let of_class = lengths.iter().filter_map(|lengths| lengths.get(length));
            of_class.sum()
        });
        let first = examples.iter().take(ROWS_SHOWN);
        let rows = first
            .map(|Example { text, class, .. }| (shortened(text), read.classes[*class].clone()));
        let (format, columns, rejected, rejected_total) = match corpus {
            Labelled::Table(table) => {
                let header = table.header.iter();
                let lines = header.chain(&table.rows).take(LINES_SHOWN);
                (
                    table.format.clone(),
                    lines.cloned().collect(),
                    table.rejected.clone(),
                    table.rejected_total,
                )
            }
            Labelled::Files {
                format, rejected, ..
            } => (format.clone(), Vec::new(), rejected.clone(), rejected.len()),
        };
        let report = DataReport {
            name: corpus.name().into(),
            format,
            records: records as u32,
            used: examples.len() as u32,
            train: parts.train.len() as u32,
            validation: parts.validation.len() as u32,
            test: parts.test.len() as u32,
            columns,
            columns_used: read.columns.map(Vec::from).unwrap_or_default(),
            rows: rows.collect(),
            source: Some(SideReport {
                vocabulary: vocabulary.len() as u32,
                coverage: vocabulary.coverage(train()),
                lengths: all_lengths.collect(),
            }),
            rejected,
            rejected_total: rejected_total as u32,
            classes: read
                .classes
                .iter()
                .zip(&lengths)
                .map(|(name, lengths)| ClassTexts {
                    name: name.clone(),
                    texts: lengths.iter().sum(),
                    lengths: lengths.clone(),
                })
                .collect(),
            ..DataReport::default()
        };
        Ok(Self {
            tokenizer,
            vocabulary,
            classes: read.classes,
            examples,
            parts,
            cut,
            bag_of_words: OnceCell::new(),
            report,
        })
    }

    fn recall(config: &Config, vocabularies: &Value, report: DataReport) -> Result<Self> {
        Ok(Self {
            tokenizer: entry(vocabularies, "tokenizer")?,
            vocabulary: entry(vocabularies, "vocabulary")?,
            classes: entry(vocabularies, "classes")?,
            examples: Vec::new(),
            parts: Parts::default(),
            cut: (config.cut_from, config.cut_to as usize),
            bag_of_words: OnceCell::new(),
            report,
        })
    }

    fn report(&self) -> &DataReport {
        &self.report
    }

    fn summary(&self, config: &Config) -> ModelSummary {
        let network = self.network_config(config);
        let longest = self.examples.iter().map(|example| example.ids.len()).max();
        let rows = f64::from(config.batch) * longest.unwrap_or(1) as f64;
        let (hidden, embedding) = (f64::from(config.hidden), f64::from(config.embedding));
        let activations = Activations {
            kept: rows * (f64::from(config.layers) * hidden * KEPT_PER_UNIT + 4.0 * embedding),
            largest_weight: embedding * (network.vocabulary as f64).max(4.0 * hidden),
            largest: rows * hidden.max(embedding),
            moments: config.optimizer.moments() as f64,
        };
        ModelSummary::new(network.layers(), &activations)
    }

    fn init(&self, config: &Config, init: &mut Init) -> TextClassifier {
        self.network_config(config).init(init)
    }

    fn lengths(&self, part: Part) -> Vec<(usize, usize)> {
        self.texts(part)
            .map(|(ids, _)| (ids.len(), ids.len()))
            .collect()
    }

    fn batch(&self, part: Part, examples: &[usize], device: &Device) -> ClassificationBatch {
        let part = self.part(part);
        let examples = examples
            .iter()
            .map(|&example| &self.examples[part[example]]);
        let ids: Vec<&[u32]> = examples
            .clone()
            .map(|example| example.ids.as_slice())
            .collect();
        let classes: Vec<i32> = examples.map(|example| example.class as i32).collect();
        let Padded { ids, lengths, .. } = pad(&ids, PAD);
        let (count, batch) = (ids.len(), classes.len());
        ClassificationBatch {
            ids: Tensor::from_data(TensorData::new(ids, [count]), device),
            lengths,
            classes: Tensor::from_data(TensorData::new(classes, [batch]), device),
        }
    }

    /// Every text counts once: accuracy is that of texts.
    fn tokens(&self, batch: &ClassificationBatch) -> usize {
        batch.lengths.len()
    }

    fn loss(
        &self,
        network: &TextClassifier,
        batch: &ClassificationBatch,
        _carried: &mut Vec<State>,
        dropout: &Dropout,
    ) -> LossSums {
        let rows = network.read(batch.ids.clone(), &batch.lengths, dropout);
        let mask = Tensor::ones([batch.lengths.len()], &batch.ids.device());
        masked_cross_entropy(&network.output, rows, batch.classes.clone(), mask)
    }

    fn questions(&self, part: Part) -> usize {
        self.part(part).len().min(QUESTIONS)
    }

    async fn reply(
        &self,
        network: &TextClassifier,
        part: Part,
        questions: Range<usize>,
        _config: &Config,
        device: &Device,
    ) -> Result<Vec<Vec<f32>>> {
        let questions: Vec<usize> = questions.collect();
        self.probabilities(network, part, &questions, device).await
    }

    fn sample(&self, part: Part, question: usize, probabilities: &Vec<f32>) -> Sample {
        let example = &self.examples[self.part(part)[question]];
        Sample {
            input: shortened(&example.text),
            output: self.classes[largest(probabilities)].clone(),
            expected: vec![self.classes[example.class].clone()],
        }
    }

    fn embeddings(&self) -> Vec<EmbeddingTable<'_>> {
        vec![EmbeddingTable {
            name: "words",
            layer: "embedding",
            vocabulary: &self.vocabulary,
        }]
    }

    fn vocabularies(&self) -> Value {
        serde_json::json!({
            "tokenizer": self.tokenizer,
            "vocabulary": self.vocabulary,
            "classes": self.classes,
            "parts": [self.parts.train.len(), self.parts.validation.len(), self.parts.test.len()],
        })
    }

    async fn answer(
        &self,
        network: &TextClassifier,
        question: &ClassificationQuestion,
        _on_partial: &mut dyn FnMut(ClassificationAnswer),
        device: &Device,
    ) -> Result<ClassificationAnswer> {
        Ok(match question {
            ClassificationQuestion::Text { text } => {
                ClassificationAnswer::Text(self.read_text(network, text, device).await?)
            }
            ClassificationQuestion::Report { part } => {
                let report = self.classification_report(network, *part, device);
                ClassificationAnswer::Report(report.await?)
            }
        })
    }
}
