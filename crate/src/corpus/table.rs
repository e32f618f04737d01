//! Text files with columns: the separator is found, quotes are understood, a header is told from data.

use crate::error::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use tsify::Tsify;

/// One decoded text file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct TextFile {
    /// With the folders that it stands in, as in `pos/12.txt`, where it came in one.
    pub name: String,
    pub text: String,
}

/// A line that could not be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct RejectedLine {
    /// Counted from 1.
    pub line: u32,
    pub reason: String,
    /// The beginning of the line.
    pub text: String,
}

/// Rows as they stand in the data, every column kept: which ones are used is chosen later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The name of the file, or of all that it was read from.
    pub name: String,
    /// How the data was read, such as "tab-separated, 3 columns".
    pub format: String,
    /// The names of the columns, where the first row holds them.
    pub header: Option<Vec<String>>,
    /// The columns of every usable line, trimmed; at least two of them hold text.
    pub rows: Vec<Vec<String>>,
    /// The line that each row begins on, counted from 1.
    pub lines: Vec<u32>,
    /// How many columns most rows have.
    pub columns: usize,
    /// The first 100 rejected lines.
    pub rejected: Vec<RejectedLine>,
    /// The number of all rejected lines.
    pub rejected_total: usize,
}

/// So many rejected lines are kept to be shown.
const REJECTED_SHOWN: usize = 100;
/// So many characters of a rejected line are kept.
const REJECTED_TEXT: usize = 120;
/// A quoted field that goes on for so many lines was never meant to: its quotation mark is not closed.
const LONGEST_RECORD: u32 = 20;
/// The layout is judged by so many lines.
const SAMPLE_LINES: usize = 2_000;

impl Table {
    /// The texts of these columns, counted from 1, each named by its setting, with the index of their
    /// row. Rows in which one of them is empty or missing are left out.
    ///
    /// # Errors
    /// [`ErrorCode::Setting`] if the data has no such column.
    pub fn texts<const N: usize>(
        &self,
        columns: [(&str, u32); N],
    ) -> Result<Vec<(usize, [&str; N])>> {
        let widest = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        for (field, column) in columns {
            if column == 0 || column as usize > widest {
                let message = format!(
                    "{} has no column {column}; choose a column from 1 to {}.",
                    self.name, self.columns
                );
                return Err(Error::new(ErrorCode::Setting, message).on_field(field));
            }
        }
        let texts = self.rows.iter().enumerate().filter_map(|(index, row)| {
            let texts =
                columns.map(|(_, column)| row.get(column as usize - 1).map_or("", String::as_str));
            texts
                .iter()
                .all(|text| !text.is_empty())
                .then_some((index, texts))
        });
        Ok(texts.collect())
    }

    /// Counts a line that cannot be used, and keeps it to be shown.
    pub(super) fn reject(&mut self, line: u32, reason: impl Into<String>, text: &str) {
        self.rejected_total += 1;
        if self.rejected.len() < REJECTED_SHOWN {
            let mut shown: String = text.chars().take(REJECTED_TEXT).collect();
            if shown.len() < text.len() {
                shown.push('…');
            }
            self.rejected.push(RejectedLine {
                line,
                reason: reason.into(),
                text: shown,
            });
        }
    }

    pub(super) fn push(&mut self, line: u32, row: Vec<String>) {
        self.rows.push(row);
        self.lines.push(line);
    }
}

/// What a line of a file should hold, for error messages.
#[derive(Clone, Copy)]
pub struct Wanted {
    /// In a word or two, such as "pair".
    pub record: &'static str,
    /// What a usable line looks like, and what to do, in whole sentences.
    pub advice: &'static str,
}

/// A file with its layout recognised.
pub struct Document<'a> {
    pub name: &'a str,
    /// Without byte order mark; lines end in `\n` or `\r\n`.
    text: Cow<'a, str>,
    /// None for one column.
    layout: Option<Layout>,
    wanted: Wanted,
}

/// How the columns of a file are separated.
#[derive(Clone, Copy)]
struct Layout {
    delimiter: Delimiter,
    /// How many columns most lines have, at least 2.
    columns: usize,
    /// Most delimiters are followed by a space, as commas in prose are.
    spaced: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Delimiter {
    Tab,
    Comma,
    Semicolon,
}

impl<'a> Document<'a> {
    /// A file of which something is wanted.
    pub fn new(file: &'a TextFile, wanted: Wanted) -> Self {
        let text = file.text.strip_prefix('\u{FEFF}').unwrap_or(&file.text);
        let text = match text.contains('\n') {
            true => Cow::Borrowed(text),
            // Files of the classic Mac OS.
            false => Cow::Owned(text.replace('\r', "\n")),
        };
        let layout = Layout::detect(&text);
        Self {
            name: &file.name,
            text,
            layout,
            wanted,
        }
    }

    /// Whether the name is one of the notes that archives carry beside the data.
    pub fn is_note(&self) -> bool {
        let name = self
            .name
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .to_lowercase();
        ["_about", "about", "readme", "license", "licence", "._"]
            .iter()
            .any(|start| name.starts_with(start))
    }

    /// Whether it has columns, rather than sentences in which commas happen to stand.
    pub fn is_table(&self) -> bool {
        self.layout.is_some_and(|layout| !layout.spaced)
    }

    /// An error about this file.
    pub fn error(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorCode::File, message).in_file(self.name)
    }

    /// Fails for a file that is empty or no text.
    pub fn check(&self) -> Result<()> {
        if self.text.trim().is_empty() {
            let message = format!("{} is empty. {}", self.name, self.wanted.advice);
            return Err(self.error(message));
        }
        let is_foreign = |c: &char| {
            *c == '\u{FFFD}'
                || c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{C}' | '\u{85}')
        };
        let foreign = self.text.chars().filter(is_foreign).count();
        if self.text.contains('\0') || foreign * 10 > self.text.chars().count() {
            let before = self.text.chars().take_while(|c| !is_foreign(c));
            let line = 1 + before.filter(|&c| c == '\n').count() as u32;
            let message = format!(
                "{} is not plain text. From a spreadsheet or a document, save it as tab-separated or \
                 comma-separated text in UTF-8.",
                self.name
            );
            return Err(self.error(message).at_line(line));
        }
        Ok(())
    }

    /// Only `\n` ends a line, with or without `\r` before it: U+0085 and U+2028 stand inside real
    /// sentences.
    pub fn lines(&self) -> Vec<&str> {
        let text = self.text.strip_suffix('\n').unwrap_or(&self.text);
        text.split('\n')
            .map(|line| line.strip_suffix('\r').unwrap_or(line))
            .collect()
    }

    /// The rows of a file with two or more columns. Blank lines are skipped, a header and lines that
    /// cannot be used are listed as rejected.
    ///
    /// # Errors
    /// [`ErrorCode::File`] for a file that is empty, no text, or of one column, or that has no usable
    /// line.
    pub fn table(&self) -> Result<Table> {
        self.check()?;
        let Some(Layout {
            delimiter,
            columns,
            spaced,
        }) = self.layout
        else {
            let message = format!("{} has one column only. {}", self.name, self.wanted.advice);
            return Err(self.error(message).at_line(1));
        };
        let mut table = Table {
            name: self.name.into(),
            format: format!("{}-separated, {columns} columns", delimiter.name()),
            columns,
            ..Table::default()
        };
        let records = delimiter.records(&self.text);
        let last = records.len().saturating_sub(1);
        let prose = delimiter != Delimiter::Tab || mostly_sentences(&records);
        for (index, record) in records.into_iter().enumerate() {
            let Record { line, fields, text } = record;
            if delimiter != Delimiter::Tab {
                let breaks = text.matches('\n').count() as u32;
                let open = index == last && breaks > 0 && text.matches('"').count() % 2 == 1;
                if open || breaks > LONGEST_RECORD {
                    let message = format!(
                        "In {}, line {line}, a quotation mark is opened and not closed. Close it, or write it twice \
                         (\"\") where it belongs to the sentence.",
                        self.name
                    );
                    return Err(self.error(message).at_line(line));
                }
            }
            let fields: Vec<String> = fields.iter().map(|field| clean(field, spaced)).collect();
            let filled = fields.iter().filter(|field| !field.is_empty()).count();
            if fields.len() < 2 {
                table.reject(
                    line,
                    format!("only one column: there is no {} in it", delimiter.name()),
                    text,
                );
            } else if delimiter != Delimiter::Tab && fields.len() > columns {
                let reason = format!(
                    "{} columns instead of {columns}: a sentence with a {} in it needs quotation marks around it",
                    fields.len(),
                    delimiter.name()
                );
                table.reject(line, reason, text);
            } else if filled < 2 {
                let empty = fields.iter().position(String::is_empty).unwrap_or(0);
                table.reject(line, format!("column {} is empty", empty + 1), text);
            } else if prose && index == 0 && is_header(&fields) {
                table.reject(line, "header", text);
                table.header = Some(fields);
            } else {
                table.push(line, fields);
            }
        }
        if table.rows.is_empty() {
            let first = table.rejected.first();
            let line = first.map_or(1, |rejected| rejected.line);
            let reason = first.map_or("blank", |rejected| rejected.reason.as_str());
            let message = format!(
                "No line of {} holds a {} (line {line}: {reason}). {}",
                self.name, self.wanted.record, self.wanted.advice
            );
            return Err(self.error(message).at_line(line));
        }
        Ok(table)
    }
}

impl Layout {
    /// Takes the delimiter that gives the most lines the same number of columns, two or more; the
    /// tab where that is a draw.
    fn detect(text: &str) -> Option<Self> {
        let end = text
            .match_indices('\n')
            .nth(SAMPLE_LINES)
            .map_or(text.len(), |(index, _)| index);
        let sample = &text[..end];
        let mut best: Option<(usize, Self)> = None;
        for delimiter in [Delimiter::Tab, Delimiter::Comma, Delimiter::Semicolon] {
            if let Some((lines, layout)) = Self::try_delimiter(sample, delimiter) {
                let better = best.is_none_or(|(most, other)| {
                    lines > most || lines == most && other.spaced && !layout.spaced
                });
                if better {
                    best = Some((lines, layout));
                }
            }
        }
        best.map(|(_, layout)| layout)
    }

    /// The layout that a delimiter gives and how many lines follow it, if enough do.
    fn try_delimiter(text: &str, delimiter: Delimiter) -> Option<(usize, Self)> {
        let mut lines_of: HashMap<usize, usize> = HashMap::new();
        let (mut all, mut wide, mut spaced) = (0, 0, 0);
        for record in delimiter.records(text) {
            all += 1;
            if let Some(second) = record.fields.get(1) {
                wide += 1;
                spaced += usize::from(second.starts_with(' '));
                *lines_of.entry(record.fields.len()).or_default() += 1;
            }
        }
        let (columns, lines) = lines_of
            .into_iter()
            .max_by_key(|&(columns, lines)| (lines, columns))?;
        let spaced = delimiter != Delimiter::Tab && spaced * 2 > wide;
        // Prose has commas too, but not the same number in every line, and a space after each.
        let enough = match delimiter {
            Delimiter::Tab => wide * 5 >= all,
            _ if spaced => lines == all,
            _ => lines * 2 >= all,
        };
        enough.then_some((
            lines,
            Self {
                delimiter,
                columns,
                spaced,
            },
        ))
    }
}

/// One line with columns, or several lines where a quoted field holds line breaks.
struct Record<'a> {
    /// The line it begins on, counted from 1.
    line: u32,
    fields: Vec<String>,
    text: &'a str,
}

impl Record<'_> {
    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

impl Delimiter {
    fn name(self) -> &'static str {
        match self {
            Self::Tab => "tab",
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
        }
    }

    /// The records of a text, without the blank ones.
    fn records(self, text: &str) -> Vec<Record<'_>> {
        let mut records = match self {
            Self::Tab => tab_records(text),
            Self::Comma => quoted_records(text, b','),
            Self::Semicolon => quoted_records(text, b';'),
        };
        records.retain(|record| !record.is_blank());
        records
    }
}

/// Quotation marks mean nothing in tab-separated files: Tatoeba's hold lone ones.
fn tab_records(text: &str) -> Vec<Record<'_>> {
    let lines = text.split('\n').zip(1..);
    lines
        .map(|(text, line)| Record {
            line,
            fields: text.split('\t').map(String::from).collect(),
            text,
        })
        .collect()
}

fn quoted_records(text: &str, delimiter: u8) -> Vec<Record<'_>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = Vec::new();
    let mut record = csv::StringRecord::new();
    let (mut line, mut counted) = (1, 0);
    // Reading from memory in UTF-8 cannot fail.
    while reader.read_record(&mut record).unwrap_or(false) {
        // The reader counts the blank lines before a record as part of it.
        let begin = record
            .position()
            .map_or(0, |position| position.byte() as usize);
        let begin =
            begin + text[begin..].len() - text[begin..].trim_start_matches(['\r', '\n']).len();
        let end = reader.position().byte() as usize;
        line += text[counted..begin].matches('\n').count() as u32;
        counted = begin;
        records.push(Record {
            line,
            fields: record.iter().map(String::from).collect(),
            text: text[begin..end].trim_end_matches(['\r', '\n']),
        });
    }
    records
}

/// A field as it is used: without space around it, on one line. In `"Hello", "Hola"` the space
/// keeps the second pair of quotation marks from being read as such; `unquote` takes them off.
fn clean(field: &str, unquote: bool) -> String {
    let mut field = field.trim();
    if unquote
        && let Some(inner) = field
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
    {
        field = inner;
    }
    if field.contains(['\n', '\r']) {
        field.lines().map(str::trim).collect::<Vec<_>>().join(" ")
    } else {
        field.into()
    }
}

/// Whether most rows below the first hold a sentence. In a list of single words, a first row of
/// well-known words may be data.
fn mostly_sentences(records: &[Record]) -> bool {
    let below = records.get(1..).unwrap_or_default();
    let is_sentence = |field: &String| field.trim().contains(' ');
    let sentences = below
        .iter()
        .filter(|record| record.fields.iter().any(is_sentence))
        .count();
    sentences * 2 > below.len()
}

/// Words that name a column.
const HEADER_WORDS: &[&str] = &[
    "id",
    "source",
    "target",
    "src",
    "tgt",
    "trg",
    "input",
    "output",
    "original",
    "text",
    "sentence",
    "sentence1",
    "sentence2",
    "translation",
    "translated",
    "front",
    "back",
    "question",
    "answer",
    "phrase",
    "label",
    "class",
    "category",
    "sentiment",
    "review",
    "message",
    "comment",
    "rating",
    "stars",
    "language",
    "license",
    "licence",
    "attribution",
    "english",
    "spanish",
    "french",
    "german",
    "italian",
    "portuguese",
    "dutch",
    "russian",
    "polish",
    "turkish",
    "chinese",
    "japanese",
    "korean",
    "thai",
    "arabic",
    "hindi",
    "hebrew",
    "greek",
    "swedish",
    "danish",
    "norwegian",
    "finnish",
    "czech",
    "hungarian",
    "romanian",
    "ukrainian",
    "vietnamese",
    "indonesian",
    "inglés",
    "español",
    "francés",
    "alemán",
    "englisch",
    "spanisch",
    "französisch",
    "deutsch",
    "anglais",
    "espagnol",
    "français",
    "allemand",
    "en",
    "es",
    "fr",
    "de",
    "it",
    "pt",
    "nl",
    "ru",
    "pl",
    "tr",
    "zh",
    "ja",
    "ko",
    "th",
    "ar",
    "hi",
    "he",
    "el",
    "sv",
    "da",
    "fi",
    "cs",
    "hu",
    "ro",
    "uk",
    "vi",
    "eng",
    "spa",
    "fra",
    "deu",
    "ger",
    "ita",
    "por",
];

/// Whether a first row names its columns: well-known words only, and not the same one twice (“de”
/// is also a word).
fn is_header(fields: &[String]) -> bool {
    let names: Vec<String> = fields.iter().map(|field| field.to_lowercase()).collect();
    names[0] != names[1]
        && names
            .iter()
            .filter(|name| !name.is_empty())
            .all(|name| HEADER_WORDS.contains(&name.as_str()))
}
