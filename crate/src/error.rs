//! One error type for the whole crate: a code for programs, a sentence for people.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// What kind of thing went wrong; the page decides by it what to offer next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A dropped file cannot be used: empty, wrong columns, unequal line counts.
    File,
    /// A setting is outside its range, or does not go with another one.
    Setting,
    /// The network or its training would not fit into memory.
    Memory,
    /// The device could not be opened, failed its self-test or was lost.
    Device,
    /// A checkpoint is cut, damaged, or of an unknown version.
    Checkpoint,
    /// A command came at a time when it means nothing, such as pausing with no run.
    State,
}

/// An error that reaches the page: what is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct Error {
    pub code: ErrorCode,
    /// A whole sentence or two: what is wrong and what to do.
    pub message: String,
    /// The file it is about.
    #[tsify(optional)]
    pub file: Option<String>,
    /// The line of that file, counted from 1.
    #[tsify(optional)]
    pub line: Option<u32>,
    /// The key of the setting it is about.
    #[tsify(optional)]
    pub field: Option<String>,
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with a code and a sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            file: None,
            line: None,
            field: None,
        }
    }

    /// Names the file it is about.
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Names the line it is about, counted from 1.
    pub fn at_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// Names the setting it is about.
    pub fn on_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
