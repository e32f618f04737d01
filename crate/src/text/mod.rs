//! From text to token ids and back.

mod tokenizer;
mod vocabulary;

pub use tokenizer::Tokenizer;
pub use vocabulary::{END, PAD, START, UNK, Vocabulary};
