//! Sentence pairs from one file with columns, or from two files with a language each.

use super::table::{Document, Table, TextFile, Wanted};
use crate::error::{Error, ErrorCode, Result};

/// Sentence pairs are a table: which two of its columns are used is chosen later.
pub type Pairs = Table;

/// What a usable line looks like, for error messages.
const WANTED: Wanted = Wanted {
    record: "pair",
    advice: "Each line needs a sentence, a tab and its translation: Good morning.⇥Buenos días. If the \
             translations are in a file of their own, choose both files together.",
};

impl Pairs {
    /// The source and target sentences of two columns, counted from 1, with the index of their
    /// row. Rows in which one of the two is empty or missing are left out.
    ///
    /// # Errors
    /// [`ErrorCode::Setting`] if the data has no such column.
    pub fn sentences(
        &self,
        source_column: u32,
        target_column: u32,
    ) -> Result<Vec<(usize, &str, &str)>> {
        let columns = [
            ("source_column", source_column),
            ("target_column", target_column),
        ];
        let texts = self.texts(columns)?;
        Ok(texts
            .into_iter()
            .map(|(row, [source, target])| (row, source, target))
            .collect())
    }
}

/// Reads sentence pairs: from one file with two or more columns (separated by tabs, or by commas
/// or semicolons with quotes), or from two files of equal line count with a language each.
///
/// Notes that come along in an archive (`_about.txt`, a readme) are passed over. Lines that cannot
/// be used are listed in the result with number and reason; blank ones are skipped.
///
/// # Errors
/// [`ErrorCode::File`] with the file, the line where there is one, and what to do.
pub fn read_pairs(files: &[TextFile]) -> Result<Table> {
    let mut documents: Vec<Document> = files
        .iter()
        .map(|file| Document::new(file, WANTED))
        .collect();
    if documents.iter().any(|document| !document.is_note()) {
        documents.retain(|document| !document.is_note() || document.is_table());
    }
    if let [document] = &documents[..] {
        return document.table();
    }
    let tables: Vec<&Document> = documents
        .iter()
        .filter(|document| document.is_table())
        .collect();
    match (&tables[..], &documents[..]) {
        ([table], _) => table.table(),
        ([], [source, target]) => read_two(source, target),
        ([], []) => Err(Error::new(
            ErrorCode::File,
            format!("There is no file to read. {}", WANTED.advice),
        )),
        ([], _) => Err(Error::new(
            ErrorCode::File,
            format!(
                "None of these files holds pairs: {}. {}",
                names(&documents),
                WANTED.advice
            ),
        )),
        _ => Err(Error::new(
            ErrorCode::File,
            format!(
                "Several of these files hold pairs: {}. Choose only one of them.",
                names(tables)
            ),
        )),
    }
}

fn names<'a>(documents: impl IntoIterator<Item = &'a Document<'a>>) -> String {
    let names: Vec<&str> = documents
        .into_iter()
        .map(|document| document.name)
        .collect();
    names.join(", ")
}

fn read_two(source: &Document, target: &Document) -> Result<Table> {
    source.check()?;
    target.check()?;
    let (mut left, mut right) = (source.lines(), target.lines());
    if left.len() != right.len() {
        // Blank lines at the end of one file are no sentences.
        for lines in [&mut left, &mut right] {
            let used = lines
                .iter()
                .rposition(|line| !line.trim().is_empty())
                .map_or(0, |index| index + 1);
            lines.truncate(used);
        }
    }
    if left.len() != right.len() {
        let message = format!(
            "{} has {} lines and {} has {}. Two files need equally many: each line of the one is the \
             translation of the same line of the other.",
            source.name,
            left.len(),
            target.name,
            right.len()
        );
        return Err(target.error(message));
    }
    let mut pairs = Table {
        name: format!("{} + {}", source.name, target.name),
        format: "two files, one sentence a line".into(),
        columns: 2,
        ..Table::default()
    };
    for ((left, right), line) in left.into_iter().zip(right).zip(1..) {
        match (left.trim(), right.trim()) {
            ("", "") => {}
            ("", text) => pairs.reject(line, format!("empty in {}", source.name), text),
            (text, "") => pairs.reject(line, format!("empty in {}", target.name), text),
            (left, right) => pairs.push(line, vec![left.into(), right.into()]),
        }
    }
    if pairs.rows.is_empty() {
        let message = format!(
            "{} and {} share no line with a sentence in both. Each line of the one must be the translation of \
             the same line of the other.",
            source.name, target.name
        );
        return Err(target.error(message).at_line(1));
    }
    Ok(pairs)
}
