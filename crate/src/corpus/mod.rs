//! Decoded text becomes records; what cannot be used is named by line and reason.

mod documents;
mod pairs;
pub mod phrase_book;
mod word_vectors;

pub use documents::{Document, Documents, MOST_STYLES, RejectedFile, read_documents};
pub use pairs::{Pairs, RejectedLine, TextFile, read_pairs};
pub use word_vectors::{VectorsReport, WordVectors, is_word_vectors};
