//! Decoded text becomes records; what cannot be used is named by line and reason.

mod conversations;
mod documents;
mod labelled;
mod pairs;
pub mod phrase_book;
mod table;

pub use conversations::{Conversations, Speaker, read_conversations};
pub use documents::{Document, Documents, MOST_STYLES, RejectedFile, read_documents};
pub use labelled::{Labelled, Texts, read_labelled};
pub use pairs::{Pairs, read_pairs};
pub use table::{RejectedLine, Table, TextFile, Wanted};
mod word_vectors;

pub use word_vectors::{VectorsReport, WordVectors, is_word_vectors};
