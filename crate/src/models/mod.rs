//! The networks: layers put together, from token ids to logits.

mod bag_of_words;
mod classifier;
mod language_model;
mod seq2seq;
mod skip_gram;
mod text_classifier;

pub use bag_of_words::BagOfWords;
pub use classifier::{Classifier, ClassifierConfig};
pub use language_model::{LanguageModel, LanguageModelConfig};
pub use seq2seq::{DecoderState, Encoded, Seq2Seq, Seq2SeqConfig};
pub use skip_gram::{SkipGram, SkipGramConfig};
pub use text_classifier::{TextClassifier, TextClassifierConfig};
