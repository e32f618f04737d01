//! From text to token ids and back.

mod cleaning;
mod tokenizer;
mod vocabulary;

pub use cleaning::Cleaning;
pub use tokenizer::Tokenizer;
pub use vocabulary::{END, PAD, START, UNK, Vocabulary};
