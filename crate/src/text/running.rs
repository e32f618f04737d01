//! Running text, such as a book, as tokens.

use super::{LINE_END, PARAGRAPH_END, Tokenizer};
use crate::config::Level;
use std::collections::HashMap;

/// Lines of prose that was broken to fit a page are about as long as each other, in characters.
const BROKEN_PROSE: std::ops::RangeInclusive<usize> = 50..=90;

/// Cuts texts into tokens and gives each distinct one a number, before any vocabulary is chosen: a
/// book has a million characters, but few different ones.
#[derive(Debug, Default)]
pub struct RunningText {
    tokens: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl RunningText {
    /// The tokens of a text as numbers into [`Self::tokens`]. Of words, the ends of paragraphs stay
    /// as tokens of their own, and the ends of lines too, unless the lines are prose that was broken
    /// to fit a page.
    pub fn read(&mut self, text: &str, tokenizer: &Tokenizer) -> Vec<u32> {
        let mut numbers = Vec::new();
        match tokenizer.level {
            // By lines, so that not the whole book is in memory as single strings.
            Level::Char => {
                for line in text.split_inclusive('\n') {
                    self.push(tokenizer.tokenize(line), &mut numbers);
                }
            }
            Level::Word => {
                let line_end = (!is_broken_prose(text)).then_some(LINE_END);
                let mut gap = None;
                for line in text.lines() {
                    if line.trim().is_empty() {
                        gap = Some(PARAGRAPH_END);
                        continue;
                    }
                    if !numbers.is_empty() {
                        let end = gap.or(line_end).map(String::from);
                        self.push(end, &mut numbers);
                    }
                    gap = None;
                    self.push(tokenizer.tokenize(line), &mut numbers);
                }
            }
        }
        numbers
    }

    /// All distinct tokens so far, in order of first appearance.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    fn push(&mut self, tokens: impl IntoIterator<Item = String>, numbers: &mut Vec<u32>) {
        for token in tokens {
            let number = match self.numbers.get(&token) {
                Some(&number) => number,
                None => {
                    let number = self.tokens.len() as u32;
                    self.tokens.push(token.clone());
                    self.numbers.insert(token, number);
                    number
                }
            };
            numbers.push(number);
        }
    }
}

/// Whether the lines of a text end where the page does, rather than where a verse or a paragraph does.
fn is_broken_prose(text: &str) -> bool {
    let lines = text.lines().map(|line| line.trim().chars().count());
    let mut lengths: Vec<usize> = lines.filter(|&length| length > 0).collect();
    lengths.sort_unstable();
    lengths
        .get(lengths.len() / 2)
        .is_some_and(|median| BROKEN_PROSE.contains(median))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(level: Level, text: &str) -> Vec<String> {
        let mut running = RunningText::default();
        let tokenizer = Tokenizer {
            level,
            lowercase: false,
        };
        let numbers = running.read(text, &tokenizer);
        let token = |&number: &u32| running.tokens()[number as usize].clone();
        numbers.iter().map(token).collect()
    }

    #[test]
    fn characters_are_the_text() {
        let text = "To be,\nor not\n\nto be\u{301}.";
        assert_eq!(read(Level::Char, text).concat(), "To be,\nor not\n\nto bé.");
        assert_eq!(read(Level::Char, ""), [""; 0]);
    }

    #[test]
    fn verse_keeps_its_lines_and_prose_its_paragraphs() {
        assert_eq!(
            read(Level::Word, "To be,\nor not\n\n \nto be.\n"),
            ["To", "be", ",", "\n", "or", "not", "\n\n", "to", "be", "."]
        );
        let line = "Call me Ishmael. Some years ago never mind how long precisely having";
        let words = read(Level::Word, &format!("{line}\n{line}\n\n\n{line}"));
        assert_eq!(words.iter().filter(|word| *word == "\n").count(), 0);
        assert_eq!(words.iter().filter(|word| *word == "\n\n").count(), 1);
        // A paragraph on one long line ends there.
        let long = line.repeat(3);
        assert!(read(Level::Word, &format!("{long}\n{long}")).contains(&"\n".to_string()));
    }

    #[test]
    fn texts_share_their_numbers() {
        let mut running = RunningText::default();
        let tokenizer = Tokenizer {
            level: Level::Char,
            lowercase: true,
        };
        assert_eq!(running.read("abA", &tokenizer), [0, 1, 0]);
        assert_eq!(running.read("cb", &tokenizer), [2, 1]);
        assert_eq!(running.tokens(), ["a", "b", "c"]);
    }
}
