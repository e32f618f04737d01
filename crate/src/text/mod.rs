//! From text to token ids and back, and what can be said of a text by counting.

mod cleaning;
mod ngram;
mod running;
mod tokenizer;
mod vector_space;
mod verbatim;
mod vocabulary;

pub use cleaning::Cleaning;
pub use ngram::Ngrams;
pub use running::RunningText;
pub use tokenizer::{LINE_END, PARAGRAPH_END, Tokenizer};
pub use vector_space::{Plane, VectorSpace};
pub use verbatim::{Verbatim, verbatim};
pub use vocabulary::{END, PAD, START, UNK, Vocabulary};
