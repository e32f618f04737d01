//! The networks: layers put together, from token ids to logits.

mod classifier;
mod seq2seq;

pub use classifier::{Classifier, ClassifierConfig};
pub use seq2seq::{DecoderState, Encoded, Seq2Seq, Seq2SeqConfig};
