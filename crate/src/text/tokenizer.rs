//! Cuts text into words or characters, and puts tokens back together.

use crate::config::Level;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The token for the end of a line of verse.
pub const LINE_END: &str = "\n";
/// The token for the end of a paragraph.
pub const PARAGRAPH_END: &str = "\n\n";

/// How text is cut into tokens. The same settings must be used for training and for translating,
/// so a checkpoint holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokenizer {
    pub level: Level,
    /// Whether text is turned into lower case first.
    pub lowercase: bool,
}

impl Tokenizer {
    /// Cuts text into tokens, after Unicode normalisation to NFC (so that `é` is one character
    /// however it was typed).
    ///
    /// Words: the runs of the regular expression `[\w'’]+|[^\s\w]`, that is, runs of letters,
    /// digits, underscores and apostrophes, or single other symbols; white space only separates. A
    /// combining mark stays with what it follows. Chinese, Japanese and Thai are written without
    /// spaces between words: there every character is a token.
    ///
    /// Characters: one token per Unicode scalar value, spaces included.
    pub fn tokenize(&self, text: &str) -> Vec<String> {
        let mut text: String = text.nfc().collect();
        if self.lowercase {
            text = text.to_lowercase().nfc().collect();
        }
        match self.level {
            Level::Char => text.chars().map(String::from).collect(),
            Level::Word => words(&text),
        }
    }

    /// Puts tokens back together as a person would write them. Characters are only strung
    /// together; between words, punctuation and brackets lose the space that the tokenizer left
    /// open. What cannot be known (a dash with or without spaces) is guessed.
    pub fn join<S: AsRef<str>>(&self, tokens: &[S]) -> String {
        match self.level {
            Level::Char => tokens.iter().map(AsRef::as_ref).collect(),
            Level::Word => space_words(tokens).collect(),
        }
    }

    /// The same token by token: each with the space that belongs in front of it.
    pub fn pieces<S: AsRef<str>>(&self, tokens: &[S]) -> Vec<String> {
        match self.level {
            Level::Char => tokens.iter().map(|token| token.as_ref().into()).collect(),
            Level::Word => space_words(tokens).collect(),
        }
    }
}

/// What the word tokenizer does with a character.
#[derive(PartialEq)]
enum Kind {
    Space,
    /// Continues or starts a word.
    Word,
    /// Belongs to the token before it.
    Mark,
    /// A token of its own.
    Single,
}

fn kind(c: char) -> Kind {
    if c.is_whitespace() {
        Kind::Space
    } else if is_unspaced(c) {
        Kind::Single
    } else if is_combining_mark(c) || matches!(c, '\u{200C}' | '\u{200D}') {
        // The two joiners shape the letters beside them, as in Persian and in Indian scripts.
        Kind::Mark
    } else if c.is_alphanumeric() || c == '_' || is_apostrophe(c) {
        Kind::Word
    } else {
        Kind::Single
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// Letters of scripts without spaces between words: Han, kana and Thai.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E01}'..='\u{0E3A}' | '\u{0E40}'..='\u{0E5B}' // Thai
        | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3041}'..='\u{3096}'
        | '\u{3099}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9F}' // kana
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}') // Han
}

/// Punctuation as wide as a Han character brings its own space along.
fn is_wide_punctuation(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{FF01}'..='\u{FF0F}'
        | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}' | '\u{FF5B}'..='\u{FF65}')
}

fn words(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut previous = Kind::Space;
    for c in text.chars() {
        let kind = kind(c);
        match (&kind, &previous) {
            (Kind::Space, _) => {}
            (Kind::Mark, Kind::Word | Kind::Mark | Kind::Single) | (Kind::Word, Kind::Word) => {
                if let Some(token) = tokens.last_mut() {
                    token.push(c);
                }
            }
            _ => tokens.push(c.into()),
        }
        // A mark changes nothing about what may follow: `é` and `e` + accent behave alike.
        if kind != Kind::Mark || previous == Kind::Space {
            previous = kind;
        }
    }
    tokens
}

/// Words with the space that belongs in front of each. It depends on what came before only, so a text
/// that grows at its end keeps what it has.
fn space_words<S: AsRef<str>>(tokens: &[S]) -> impl Iterator<Item = String> {
    let mut quote_open = false;
    // The token before, and whether a space may follow it.
    let mut previous: Option<(&str, bool)> = None;
    let tokens = tokens.iter().map(AsRef::as_ref);
    let next = tokens.clone().skip(1).chain([""]);
    tokens.zip(next).map(move |(token, next)| {
        let (mut before, mut after) = match token {
            "," | "." | "!" | "?" | ";" | ":" | ")" | "]" | "}" | "»" | "”" | "%" | "…" | "°" => {
                (false, true)
            }
            "(" | "[" | "{" | "¿" | "¡" | "«" | "“" | "„" | "$" | "£" | "#" => {
                (true, false)
            }
            "-" | "/" | "‐" => (false, false),
            "\"" => {
                quote_open = !quote_open;
                (quote_open, !quote_open)
            }
            // The ending of a word whose beginning is another token.
            "'" | "’" | "'s" | "’s" => (false, true),
            LINE_END | PARAGRAPH_END => (false, false),
            _ => (true, true),
        };
        if let Some((left, space)) = previous {
            before &=
                space && !(is_wide(left) || is_wide(token)) && !(is_dense(left) && is_dense(token));
            // 3.5, 10:30, 1,000
            if is_number(left) && is_number(next) {
                after &= !(token == "." || token == ":" || token == "," && next.len() == 3);
            }
        } else {
            before = false;
        }
        previous = Some((token, after));
        if before {
            format!(" {token}")
        } else {
            token.into()
        }
    })
}

fn is_wide(token: &str) -> bool {
    token.chars().all(is_wide_punctuation)
}

fn is_dense(token: &str) -> bool {
    token.chars().next().is_some_and(is_unspaced)
}

fn is_number(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Tokenizer = Tokenizer {
        level: Level::Word,
        lowercase: false,
    };
    const CHARS: Tokenizer = Tokenizer {
        level: Level::Char,
        lowercase: false,
    };

    #[test]
    fn words_and_punctuation_come_apart() {
        for (text, tokens) in [
            ("Don't go, Tom!", vec!["Don't", "go", ",", "Tom", "!"]),
            (
                "¿Qué día es hoy?",
                vec!["¿", "Qué", "día", "es", "hoy", "?"],
            ),
            (
                "well-known  snake_case 3.5",
                vec!["well", "-", "known", "snake_case", "3", ".", "5"],
            ),
            ("l’été\u{85}là\u{a0}bas", vec!["l’été", "là", "bas"]),
            ("\"Hi...\"", vec!["\"", "Hi", ".", ".", ".", "\""]),
            ("我叫Tom。", vec!["我", "叫", "Tom", "。"]),
            ("カタカナです", vec!["カ", "タ", "カ", "ナ", "で", "す"]),
            ("สวัสดี", vec!["ส", "ว", "ั", "ส", "ด", "ี"]),
            ("한국어 배워요", vec!["한국어", "배워요"]),
            ("हिन्दी", vec!["हिन्दी"]),
            ("I ❤\u{fe0f} it", vec!["I", "❤\u{fe0f}", "it"]),
            (" \t\n", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(WORDS.tokenize(text), tokens, "{text}");
        }
    }

    #[test]
    fn composed_and_decomposed_text_give_the_same_tokens() {
        let decomposed = "cafe\u{301} n\u{303}u";
        assert_eq!(WORDS.tokenize(decomposed), ["café", "ñu"]);
        assert_eq!(CHARS.tokenize(decomposed).concat(), "café ñu");
        // A mark that composes with nothing stays in its word, wherever it stands.
        assert_eq!(WORDS.tokenize("x\u{301}y"), ["x\u{301}y"]);
        assert_eq!(WORDS.tokenize("\u{301}y").concat(), "\u{301}y");
    }

    #[test]
    fn lower_case_is_unicode_lower_case() {
        let tokenizer = Tokenizer {
            lowercase: true,
            ..WORDS
        };
        assert_eq!(
            tokenizer.tokenize("¿QUÉ ÉS ÑU? ΟΔΟΣ"),
            ["¿", "qué", "és", "ñu", "?", "οδος"]
        );
    }

    #[test]
    fn characters_include_spaces_and_join_to_the_text() {
        assert_eq!(CHARS.tokenize("a b!"), ["a", " ", "b", "!"]);
        assert_eq!(
            CHARS.join(&CHARS.tokenize("¿Qué es, eso?")),
            "¿Qué es, eso?"
        );
    }

    #[test]
    fn words_join_to_the_text_they_came_from() {
        for text in [
            "Don't go, Tom!",
            "¿Qué día es hoy?",
            "¡Hola! ¿Qué tal?",
            "A well-known man (from Spain) paid $3.50 at 10:30.",
            "He said \"I am here\" and left; 1,000 people saw it: 50% cried…",
            "In 2010, 5 people came.",
            "«Sí», dijo.",
            "我叫Tom。".replace("Tom", " Tom").as_str(),
            "これはペンです。「はい」",
            "สวัสดี",
        ] {
            assert_eq!(WORDS.join(&WORDS.tokenize(text)), text);
        }
        assert_eq!(WORDS.join::<&str>(&[]), "");
    }

    #[test]
    fn pieces_of_a_growing_text_stay_as_they_are() {
        let text = "He paid $3.50, \"in cash\", at 10:30 (sharp) in 2010, and left.";
        let tokens = WORDS.tokenize(text);
        let all = WORDS.pieces(&tokens);
        assert_eq!(all.concat(), text);
        for end in 0..tokens.len() {
            assert_eq!(WORDS.pieces(&tokens[..end]), all[..end]);
        }
        assert_eq!(CHARS.pieces(&["a", " "]), ["a", " "]);
    }

    #[test]
    fn lines_and_paragraphs_end_without_spaces() {
        let tokens = ["O", ",", LINE_END, "my", "!", PARAGRAPH_END, "(", "He", ")"];
        assert_eq!(WORDS.join(&tokens), "O,\nmy!\n\n(He)");
    }
}
