//! A reply to what somebody says.

use super::info::keys;
use super::pairs::{self, InputToken, PairBatch, PairExamples, TokenPairs, read_sentence};
use super::{
    BuiltIn, DataReport, EmbeddingTable, ModelSummary, Part, Preset, ScoreInfo, Task, TaskInfo,
    TaskKind, entry, no_data,
};
use crate::config::{AttentionKind, CellKind, Config, Lowered, NETWORK, PARTS, TRAINING};
use crate::corpus::{Conversations, TextFile, read_conversations};
use crate::decode::{Decoder, Drawn, Sampling, SeveralOptions, draw_several, greedy};
use crate::error::{Error, ErrorCode, Result};
use crate::models::{Seq2Seq, Seq2SeqConfig};
use crate::nn::{Dropout, Init, LossSums, State};
use crate::rng::{Rng, Stream};
use crate::text::{Cleaning, END, START, Tokenizer, Vocabulary};
use crate::train::Sample;
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::ops::Range;
use tsify::Tsify;

/// The score counts different replies to so many questions.
const SCORED_QUESTIONS: usize = 100;
/// Held-out questions asked at once at most.
const MOST_QUESTIONS: u32 = 1_000;

/// What a user asks the chat network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChatQuestion {
    /// Some replies to a message.
    Reply(ChatMessage),
    /// How different the replies to held-out questions are.
    Variety {
        /// Questions to ask.
        questions: u32,
        max_output: u32,
    },
}

/// What somebody says, and how the replies to it are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ChatMessage {
    pub text: String,
    /// Replies drawn at once; equal ones are counted.
    pub candidates: u32,
    pub temperature: f64,
    /// Top-k of the first word.
    pub first_top_k: u32,
    /// Top-k of the words after it.
    pub top_k: u32,
    pub top_p: f64,
    pub max_output: u32,
    /// The same number draws the same replies.
    pub draw: u32,
}

/// What the chat network answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChatAnswer {
    Reply {
        /// The message that is replied to.
        text: String,
        /// The message as the network reads it.
        input: Vec<InputToken>,
        /// Different replies, the likeliest first.
        replies: Vec<ChatReply>,
        /// False while the replies are still growing.
        done: bool,
    },
    Variety {
        /// Questions asked, each the likeliest reply.
        asked: u32,
        /// Different replies among them.
        distinct: u32,
        /// Replies that stand in the data beside their question, word for word.
        right: u32,
        /// The most frequent reply.
        most_frequent: String,
        /// How many questions got it.
        times: u32,
    },
}

/// One reply that was drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ChatReply {
    pub text: String,
    /// How often it was drawn.
    pub times: u32,
    /// Between how many equally likely tokens the network chose, on average.
    pub perplexity: f64,
    /// Its tokens; `<end>` is the last one where it was reached.
    pub tokens: Vec<ReplyToken>,
}

/// A token of a reply, and how sure the network was of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ReplyToken {
    pub text: String,
    pub probability: f32,
    /// How undecided the network was at this place, in bits.
    pub entropy: f32,
}

/// Exchanges with one vocabulary for questions and replies.
pub struct Chat {
    cleaning: Cleaning,
    /// Of questions and of replies.
    tokenizers: [Tokenizer; 2],
    vocabulary: Vocabulary,
    pairs: PairExamples,
    report: DataReport,
}

fn cleaning(config: &Config) -> Cleaning {
    Cleaning {
        emoji: config.drop_emoji,
        links: config.drop_links,
    }
}

impl Chat {
    /// The exchanges of a part, as they are after cleaning.
    pub fn texts(&self, part: Part) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.texts(part)
    }

    fn network_config(&self, config: &Config) -> Seq2SeqConfig {
        Seq2SeqConfig::shared(config, self.vocabulary.len())
    }

    fn written(&self, ids: &[u32]) -> String {
        let words: Vec<&str> = ids.iter().map(|&id| self.vocabulary.token(id)).collect();
        self.tokenizers[1].join(&words)
    }

    /// Replies as they were drawn, equal ones together, the likeliest first.
    fn replies(&self, drawn: &[Drawn]) -> Vec<ChatReply> {
        let mut replies: Vec<ChatReply> = Vec::new();
        for answer in drawn {
            let said = &answer.tokens[..answer.tokens.len() - usize::from(answer.finished)];
            let ids: Vec<u32> = said.iter().map(|sampled| sampled.token).collect();
            let text = self.written(&ids);
            if let Some(same) = replies.iter_mut().find(|reply| reply.text == text) {
                same.times += 1;
                continue;
            }
            let tokens = answer.tokens.iter().map(|sampled| ReplyToken {
                text: self.vocabulary.token(sampled.token).into(),
                probability: sampled.probability,
                entropy: sampled.entropy,
            });
            replies.push(ChatReply {
                text,
                times: 1,
                perplexity: answer.perplexity(),
                tokens: tokens.collect(),
            });
        }
        let likelihood = |reply: &ChatReply| -> f64 {
            let logs = reply.tokens.iter().map(|token| token.probability.ln());
            logs.map(f64::from).sum()
        };
        replies.sort_by(|a, b| likelihood(b).total_cmp(&likelihood(a)));
        replies
    }

    /// The likeliest replies to held-out questions, validation first.
    async fn variety(
        &self,
        network: &Seq2Seq,
        questions: u32,
        max_output: u32,
        device: &Device,
    ) -> Result<ChatAnswer> {
        if self.lengths(Part::Train).is_empty() {
            return Err(no_data());
        }
        let held_out = [Part::Validation, Part::Test].map(|part| self.pairs.questions(part));
        let asked: Vec<&Vec<usize>> = held_out
            .into_iter()
            .flatten()
            .take(questions.min(MOST_QUESTIONS) as usize)
            .collect();
        if asked.is_empty() {
            let message = "No question is held out; raise the validation share, and train again.";
            return Err(Error::new(ErrorCode::Setting, message).on_field("validation_share"));
        }
        let sources: Vec<&[u32]> = asked.iter().map(|group| self.pairs.source(group)).collect();
        let replies = greedy(network, &sources, max_output, device).await?;
        let mut times: HashMap<String, u32> = HashMap::new();
        let mut right = 0;
        for (group, reply) in asked.iter().zip(&replies) {
            let reply = self.written(reply);
            let mut references = self.pairs.references(group).into_iter();
            right += u32::from(references.any(|words| self.tokenizers[1].join(words) == reply));
            *times.entry(reply).or_default() += 1;
        }
        let distinct = times.len() as u32;
        // Of equally frequent ones the first by alphabet, so that it is always the same.
        let most = times
            .into_iter()
            .max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)));
        let (most_frequent, times) = most.unwrap_or_default();
        Ok(ChatAnswer::Variety {
            asked: asked.len() as u32,
            distinct,
            right,
            most_frequent,
            times,
        })
    }
}

impl Task for Chat {
    type Corpus = Conversations;
    type Network = Seq2Seq;
    type Batch = PairBatch;
    /// The likeliest reply, as ids.
    type Reply = Vec<u32>;
    type Question = ChatQuestion;
    type Answer = ChatAnswer;

    const KIND: TaskKind = TaskKind::Chat;

    fn info() -> TaskInfo {
        let own: &[&str] = &[
            "pairs",
            "max_tokens",
            "longest_reply",
            "level",
            "lowered",
            "drop_emoji",
            "drop_links",
            "vocabulary",
            "source_column",
            "target_column",
            "bot",
            "input",
            "embedding",
            "attention",
            "sample_every",
            "candidates",
            "temperature",
            "first_top_k",
            "top_k",
            "top_p",
            "max_output",
        ];
        let recommended = Config {
            task: Self::KIND,
            validation_share: 0.15,
            test_share: 0.15,
            cell: CellKind::Gru,
            hidden: 128,
            embedding: 192,
            attention: AttentionKind::None,
            dropout: 0.5,
            epochs: 25,
            patience: 5,
            temperature: 0.8,
            first_top_k: 3,
            top_k: 3,
            max_output: 30,
            ..Config::default()
        };
        let lesson = Config {
            cell: CellKind::Lstm,
            hidden: 1_024,
            embedding: 1_024,
            layers: 3,
            dropout: 0.0,
            learning_rate: 1e-4,
            batch: 34,
            epochs: 50,
            candidates: 5,
            temperature: 1.0,
            top_k: 2,
            ..recommended.clone()
        };
        TaskInfo {
            kind: Self::KIND,
            label: "Chat".into(),
            help: "Learns from questions and replies to say something back".into(),
            about: "One network reads what you say into its memory, and a second one writes a reply from there, word by word. \
                    Ask it what it was not trained on, and see whether it found the meaning or only the words; or let it \
                    learn from your own messages."
                .into(),
            settings: keys(&[own, PARTS, NETWORK, TRAINING]),
            presets: vec![
                Preset {
                    name: "Recommended".into(),
                    about: "Learns the small talk in half a minute on a laptop's CPU.".into(),
                    config: recommended,
                },
                Preset {
                    name: "As in the lesson".into(),
                    about: "Three layers of 1,024: some 53 million weights take about 1.8 GB of memory, and on a CPU a step takes \
                            about five seconds, an epoch of the small talk three minutes. For a good GPU, or an evening."
                        .into(),
                    config: lesson,
                },
            ],
            built_in: Some(BuiltIn {
                name: "Small talk".into(),
                file: Some("small_talk.tsv".into()),
            }),
            score: Some(ScoreInfo {
                name: "Different replies".into(),
                help: "How many different replies it gives to 100 validation questions. The commonest fault of a chat network is \
                       one reply to everything."
                    .into(),
            }),
        }
    }

    fn read(files: &[TextFile]) -> Result<Conversations> {
        read_conversations(files)
    }

    /// Cleans the exchanges, cuts them into tokens, divides them, and counts the vocabulary of the training part.
    fn prepare(
        config: &Config,
        conversations: &Conversations,
        known: Option<&Value>,
    ) -> Result<Self> {
        config.check()?;
        let cleaning = cleaning(config);
        let tokenizers = match known {
            Some(known) => entry(known, "tokenizers")?,
            None => [
                matches!(config.lowered, Lowered::Questions | Lowered::All),
                config.lowered == Lowered::All,
            ]
            .map(|lowercase| Tokenizer {
                level: config.level,
                lowercase,
            }),
        };
        let columns = [config.source_column, config.target_column];
        let exchanges = conversations.exchanges(columns, config.bot)?;
        let cleaned = exchanges
            .iter()
            .map(|(question, reply)| (cleaning.apply(question), cleaning.apply(reply)));
        let table = conversations.table();
        let pairs = TokenPairs::new(
            cleaned,
            [&tokenizers[0], &tokenizers[1]],
            [config.max_tokens, config.longest_reply],
            config,
            table,
        )?;
        let vocabulary = match known {
            Some(known) => entry(known, "vocabulary")?,
            None => {
                let sentences = pairs.train(0).chain(pairs.train(1));
                Vocabulary::build(sentences, config.vocabulary as usize)
            }
        };
        let bot = conversations.bot(config.bot)?;
        let report = DataReport {
            speakers: conversations.speakers().to_vec(),
            bot: bot.map(|index| index as u32 + 1),
            ..pairs.report(table, [&vocabulary; 2])
        };
        Ok(Self {
            cleaning,
            tokenizers,
            pairs: pairs.encode([&vocabulary; 2]),
            vocabulary,
            report,
        })
    }

    fn recall(config: &Config, vocabularies: &Value, report: DataReport) -> Result<Self> {
        Ok(Self {
            cleaning: cleaning(config),
            tokenizers: entry(vocabularies, "tokenizers")?,
            vocabulary: entry(vocabularies, "vocabulary")?,
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

    /// The likeliest replies, all at once.
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

    /// Different replies to a hundred questions, or as a share of a hundred where there are less.
    fn score(&self, _part: Part, replies: &[Vec<u32>]) -> Option<f64> {
        let first = &replies[..replies.len().min(SCORED_QUESTIONS)];
        let distinct = first.iter().collect::<std::collections::HashSet<_>>().len();
        (!first.is_empty()).then(|| 100.0 * distinct as f64 / first.len() as f64)
    }

    fn sample(&self, part: Part, question: usize, reply: &Vec<u32>) -> Sample {
        self.pairs
            .sample(part, question, self.written(reply), &self.tokenizers[1])
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
            "tokenizers": self.tokenizers,
            "vocabulary": self.vocabulary,
            "parts": self.pairs.sizes(),
        })
    }

    async fn answer(
        &self,
        network: &Seq2Seq,
        question: &ChatQuestion,
        on_partial: &mut dyn FnMut(ChatAnswer),
        device: &Device,
    ) -> Result<ChatAnswer> {
        let message = match question {
            ChatQuestion::Reply(message) => message,
            ChatQuestion::Variety {
                questions,
                max_output,
            } => return self.variety(network, *questions, *max_output, device).await,
        };
        let decoding = Config {
            candidates: message.candidates,
            temperature: message.temperature,
            first_top_k: message.first_top_k,
            top_k: message.top_k,
            top_p: message.top_p,
            max_output: message.max_output,
            ..Config::default()
        };
        decoding.check()?;
        let text = self.cleaning.apply(&message.text);
        let (input, ids) = read_sentence(&text, &self.tokenizers[0], &self.vocabulary)?;
        if ids.is_empty() {
            return Ok(ChatAnswer::Reply {
                text: message.text.clone(),
                input,
                replies: Vec::new(),
                done: true,
            });
        }
        let rest = Sampling {
            temperature: message.temperature,
            top_k: message.top_k,
            top_p: message.top_p,
        };
        let options = SeveralOptions {
            count: message.candidates as usize,
            first: Sampling {
                top_k: message.first_top_k,
                ..rest
            },
            rest,
            max_output: message.max_output as usize,
            start: START,
            end: END,
        };
        let answer = |drawn: &[Drawn], done: bool| ChatAnswer::Reply {
            text: message.text.clone(),
            input: input.clone(),
            replies: self.replies(drawn),
            done,
        };
        let mut decoder = Decoder::new(network, &[ids], device);
        let mut rng = Rng::new(message.draw, Stream::Sampling);
        let drawn = draw_several(&mut decoder, &options, &mut rng, |drawn| {
            on_partial(answer(drawn, false));
        })
        .await?;
        Ok(answer(&drawn, true))
    }
}
