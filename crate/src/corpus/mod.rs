//! Decoded text becomes records; what cannot be used is named by line and reason.

mod labelled;
mod pairs;
pub mod phrase_book;
mod table;

pub use labelled::{Labelled, Texts, read_labelled};
pub use pairs::{Pairs, read_pairs};
pub use table::{Document, RejectedLine, Table, TextFile, Wanted};
