//! Decoded text becomes records; what cannot be used is named by line and reason.

mod pairs;
pub mod phrase_book;
mod word_vectors;

pub use pairs::{Pairs, RejectedLine, TextFile, read_pairs};
pub use word_vectors::{WordVectors, is_word_vectors};
