//! Word vectors as text: a word and its numbers on each line, as word2vec and GloVe write them.

use super::TextFile;
use crate::error::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use tsify::Tsify;

/// Words kept of a file, from its top: files are sorted by falling frequency.
const MOST_WORDS: usize = 100_000;
/// Numbers in the longest vector that is read.
const LONGEST: usize = 4_096;
/// What a line looks like, for error messages.
const EXAMPLE: &str =
    "Each line needs a word and its numbers, with spaces between them: whale 0.12 -0.57 0.33";

/// Words with a vector each, all of the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WordVectors {
    /// Where they come from.
    pub name: String,
    words: Vec<String>,
    /// Numbers in a vector.
    size: usize,
    /// `[words, size]`
    values: Vec<f32>,
    rows: HashMap<String, usize>,
}

/// What the page says about word vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct VectorsReport {
    /// The name of their file.
    pub name: String,
    pub words: u32,
    /// Numbers in a vector.
    pub size: u32,
}

impl WordVectors {
    /// Vectors `[words, size]` for these words; of a word that comes twice the first vector counts.
    /// Words without a vector of this size behind them are left out.
    pub fn new(
        name: impl Into<String>,
        words: impl IntoIterator<Item = String>,
        values: &[f32],
        size: usize,
    ) -> Self {
        let mut vectors = Self {
            name: name.into(),
            size,
            ..Self::default()
        };
        for (word, vector) in words.into_iter().zip(values.chunks_exact(size.max(1))) {
            vectors.push(&word, vector.iter().copied());
        }
        vectors
    }

    /// Reads the text formats of word2vec, whose first line holds the number of words and the size
    /// of a vector, and of GloVe, which has no such line. The first 100,000 words are kept.
    ///
    /// # Errors
    /// [`ErrorCode::File`] with the line that is not like the others, and what is wrong with it.
    pub fn read(file: &TextFile) -> Result<Self> {
        let error = |message: String| Error::new(ErrorCode::File, message).in_file(&file.name);
        let text = file.text.strip_prefix('\u{FEFF}').unwrap_or(&file.text);
        let mut lines = text
            .split('\n')
            .zip(1u32..)
            .map(|(line, number)| (line.trim_end_matches([' ', '\t', '\r']), number))
            .filter(|(line, _)| !line.is_empty())
            .peekable();
        let Some(&(first, first_line)) = lines.peek() else {
            return Err(error(format!("{} is empty. {EXAMPLE}", file.name)));
        };
        let size = match header(first) {
            Some((_, size)) => {
                lines.next();
                size
            }
            None => separate(first).count() - 1,
        };
        if size == 0 || size > LONGEST {
            let message = format!(
                "{} has vectors of {size} numbers, and they may have 1 to {LONGEST}. {EXAMPLE}",
                file.name
            );
            return Err(error(message).at_line(first_line));
        }
        let mut vectors = Self {
            name: file.name.clone(),
            size,
            ..Self::default()
        };
        let mut vector = Vec::with_capacity(size);
        for (line, number) in lines.take(MOST_WORDS) {
            let refuse = |what: String| {
                let message = format!("{}, line {number}: {what} {EXAMPLE}", file.name);
                error(message).at_line(number)
            };
            let found = separate(line).count() - 1;
            // Some words of GloVe have spaces in them: what is in front of the numbers is the word.
            let is_more = separate(line)
                .skip(1)
                .take(found.saturating_sub(size))
                .all(is_number);
            if found < size || found > size && is_more {
                let what = format!("it has {found} numbers, and the vectors here have {size}.");
                return Err(refuse(what));
            }
            let mut fields = line.rsplitn(size + 1, [' ', '\t']);
            vector.clear();
            for field in fields.by_ref().take(size) {
                match field.parse::<f32>() {
                    Ok(value) if value.is_finite() => vector.push(value),
                    _ => return Err(refuse(format!("“{}” is not a number.", begin(field)))),
                }
            }
            let word = fields.next().unwrap_or_default();
            if word.trim().is_empty() {
                return Err(refuse("there is no word before the numbers.".into()));
            }
            vectors.push(word, vector.iter().rev().copied());
        }
        if vectors.words.is_empty() {
            return Err(error(format!("{} holds no vectors. {EXAMPLE}", file.name)));
        }
        Ok(vectors)
    }

    /// The text format of word2vec, every number with all its digits. Words with white space in
    /// them, which the format cannot hold, are left out.
    pub fn write(&self) -> String {
        let writable = |word: &&String| !word.is_empty() && !word.contains(char::is_whitespace);
        let count = self.words.iter().filter(writable).count();
        let mut text = format!("{count} {}\n", self.size);
        for (word, vector) in self.iter() {
            if !writable(&word) {
                continue;
            }
            text += word;
            for value in vector {
                text.push(' ');
                text += &value.to_string();
            }
            text.push('\n');
        }
        text
    }

    fn push(&mut self, word: &str, vector: impl Iterator<Item = f32>) {
        if !self.rows.contains_key(word) {
            self.rows.insert(word.into(), self.words.len());
            self.words.push(word.into());
            self.values.extend(vector);
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&String, &[f32])> {
        self.words
            .iter()
            .zip(self.values.chunks_exact(self.size.max(1)))
    }

    /// What the page says about them.
    pub fn report(&self) -> VectorsReport {
        VectorsReport {
            name: self.name.clone(),
            words: self.words.len() as u32,
            size: self.size as u32,
        }
    }

    /// The words, as they stand in the file: the most frequent ones first, as a rule.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Numbers in a vector.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The vector of a word, or of its lower-case form where only that is known.
    pub fn get(&self, word: &str) -> Option<&[f32]> {
        let row = self
            .rows
            .get(word)
            .or_else(|| self.rows.get(&word.to_lowercase()))?;
        self.values.get(row * self.size..(row + 1) * self.size)
    }
}

/// Whether a text begins as a file of word vectors does: a beginning of some kilobytes is enough.
pub fn is_word_vectors(text: &str) -> bool {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    // The last line may be cut.
    let whole = text.rsplit_once('\n').map_or(text, |(lines, _)| lines);
    let mut lines = whole
        .split('\n')
        .map(|line| line.trim_end_matches([' ', '\t', '\r']))
        .filter(|line| !line.is_empty());
    let Some(first) = lines.next() else {
        return false;
    };
    let has_numbers = |line: &str, least: usize| {
        let numbers = separate(line).skip(1);
        numbers.clone().count() >= least && numbers.clone().all(is_number)
    };
    match (header(first), lines.next()) {
        (Some((_, size)), Some(second)) => {
            size > 0 && has_numbers(second, size) && separate(second).count() == size + 1
        }
        // Fewer numbers than these might be a table of anything.
        (None, Some(second)) => {
            has_numbers(first, 5)
                && has_numbers(second, 5)
                && separate(first).count() == separate(second).count()
        }
        _ => false,
    }
}

/// word2vec's first line: the number of words and the size of a vector.
fn header(line: &str) -> Option<(usize, usize)> {
    let (words, size) = line.split_once([' ', '\t'])?;
    Some((words.parse().ok()?, size.parse().ok()?))
}

/// The fields of a line. Other white space, such as a no-break space, may stand inside a word.
fn separate(line: &str) -> impl Iterator<Item = &str> + Clone {
    line.split([' ', '\t'])
}

fn is_number(field: &str) -> bool {
    field.parse::<f32>().is_ok()
}

/// The beginning of what may be long.
fn begin(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<WordVectors> {
        WordVectors::read(&TextFile {
            name: "vectors.txt".into(),
            text: text.into(),
        })
    }

    #[test]
    fn both_formats_give_the_same_vectors() {
        let lines = "the 0.5 -1 2e-1\nwhale 1 2 3\n7 0 0.25 -0\n";
        for text in [
            lines.to_string(),
            format!("3 3\n{lines}"),
            // word2vec ends its lines with a space.
            format!("3 3\n{}", lines.replace('\n', " \n")),
            format!(
                "\u{FEFF}{}",
                lines.replace('\n', "\r\n\r\n").replace(' ', "\t")
            ),
            lines.trim_end().to_string(),
        ] {
            let vectors = read(&text).unwrap();
            assert_eq!(vectors.words(), ["the", "whale", "7"], "{text}");
            assert_eq!(vectors.size(), 3);
            assert_eq!(vectors.get("the"), Some(&[0.5, -1.0, 0.2][..]));
            assert_eq!(vectors.get("7"), Some(&[0.0, 0.25, 0.0][..]));
            assert_eq!(vectors.get("ship"), None);
        }
    }

    #[test]
    fn a_capital_falls_back_to_the_lower_case_word() {
        let vectors = read("whale 1 2\nAhab 3 4\nahab 5 6\n").unwrap();
        assert_eq!(vectors.get("Whale"), Some(&[1.0, 2.0][..]));
        assert_eq!(vectors.get("Ahab"), Some(&[3.0, 4.0][..]));
    }

    #[test]
    fn words_may_have_spaces_and_come_twice() {
        let vectors = read("a 1 2\n. . . 3 4\nno\u{a0}break 5 6\na 7 8\n").unwrap();
        assert_eq!(vectors.words(), ["a", ". . .", "no\u{a0}break"]);
        assert_eq!(vectors.get(". . ."), Some(&[3.0, 4.0][..]));
        assert_eq!(vectors.get("a"), Some(&[1.0, 2.0][..]));
    }

    #[test]
    fn a_line_unlike_the_others_is_named() {
        for (text, line, what) in [
            ("", None, "is empty"),
            (" \n\n", None, "is empty"),
            ("3 2\n", None, "holds no vectors"),
            ("word\n", Some(1), "vectors of 0 numbers"),
            ("5 0\na\n", Some(1), "vectors of 0 numbers"),
            ("1 99999\na 1\n", Some(1), "vectors of 99999 numbers"),
            ("a 1 2\nb 1 x\n", Some(2), "“x” is not a number"),
            ("a 1 2\nb nan 2\n", Some(2), "“nan” is not a number"),
            (
                "2 3\na 1 2 3\n\nb 1 2\n",
                Some(4),
                "it has 2 numbers, and the vectors here have 3",
            ),
            (
                "a 1 2\nb 1 2 3\n",
                Some(2),
                "it has 3 numbers, and the vectors here have 2",
            ),
            ("a 1 2\n 1 2\n", Some(2), "no word before"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(
                (error.code, error.line),
                (ErrorCode::File, line),
                "{text:?}"
            );
            assert!(error.message.contains(what), "{text:?}: {error}");
            assert_eq!(error.file.as_deref(), Some("vectors.txt"));
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        let words = ["a", "b c", "", "dé"].map(String::from);
        let values = [0.1, -1.5e-7, 0.0, 1.0, 2.0, 3.0, f32::MAX, 1.0 / 3.0];
        let vectors = WordVectors::new("mine", words, &values, 2);
        let again = read(&vectors.write()).unwrap();
        assert_eq!(again.words(), ["a", "dé"]);
        assert_eq!(again.get("a"), vectors.get("a"));
        assert_eq!(again.get("dé"), Some(&[f32::MAX, 1.0 / 3.0][..]));
    }

    #[test]
    fn vectors_are_told_from_other_text() {
        for text in [
            "400000 3\nthe 0.1 0.2 0.3\nof 0.1 0.2",
            "the 0.1 0.2 0.3 0.4 0.5\nof 1 2 3 4 5\nand 0.",
            "\u{FEFF}the\t0.1\t0.2\t0.3\t0.4\t0.5 \r\nof\t1\t2\t3\t4\t5\r\n",
        ] {
            assert!(is_word_vectors(text), "{text}");
        }
        for text in [
            "",
            "Call me Ishmael. Some years ago\nnever mind how long",
            "Good morning.\tBuenos días.\nGood night.\tBuenas noches.\n",
            "3 4\n5 6\n7 8\n",
            "1\t2\t3\n4\t5\t6\n",
            "good 1\nbad 0\n",
            "the 0.1 0.2 0.3 0.4 0.5\nof course not\n",
        ] {
            assert!(!is_word_vectors(text), "{text}");
        }
    }

    #[test]
    fn a_long_file_is_read_from_its_top() {
        let text: String = (0..MOST_WORDS + 50)
            .map(|i| format!("w{i} {i} 1\n"))
            .collect();
        let vectors = read(&text).unwrap();
        assert_eq!(vectors.words().len(), MOST_WORDS);
        assert_eq!(vectors.get("w99999"), Some(&[99_999.0, 1.0][..]));
    }
}
