//! From text to token ids and back.

mod tokenizer;
mod vector_space;
mod vocabulary;

pub use tokenizer::Tokenizer;
pub use vector_space::{Plane, VectorSpace};
pub use vocabulary::{END, PAD, START, UNK, Vocabulary};
