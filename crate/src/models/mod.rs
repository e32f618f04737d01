//! The networks: layers put together, from token ids to logits.

mod classifier;
mod language_model;
mod seq2seq;
mod skip_gram;

pub use classifier::{Classifier, ClassifierConfig};
pub use language_model::{LanguageModel, LanguageModelConfig};
pub use seq2seq::{DecoderState, Encoded, Seq2Seq, Seq2SeqConfig};
pub use skip_gram::{SkipGram, SkipGramConfig};
