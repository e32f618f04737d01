//! Decoded text becomes records; what cannot be used is named by line and reason.

mod pairs;
pub mod phrase_book;

pub use pairs::{Pairs, RejectedLine, TextFile, read_pairs};
