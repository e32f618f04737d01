//! Decoded text becomes records; what cannot be used is named by line and reason.

mod conversations;
mod pairs;
pub mod phrase_book;
mod table;

pub use conversations::{Conversations, Speaker, read_conversations};
pub use pairs::{Pairs, read_pairs};
pub use table::{Document, RejectedLine, Table, TextFile, Wanted};
