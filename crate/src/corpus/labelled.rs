//! Texts with a class each: from a table with a column of labels, or from files or folders that are
//! named as the classes.

use super::table::{Document, RejectedLine, Table, TextFile, Wanted};
use crate::error::{Error, ErrorCode, Result};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

/// More classes than this are no classes: the column holds something else.
pub const MOST_CLASSES: usize = 50;
/// Fewer texts teach nothing, and leave none to check with.
pub const FEWEST_TEXTS: usize = 10;
/// A label is a word or a few: longer values, on average, are texts.
const LONGEST_LABEL: usize = 40;
const WANTED: Wanted = Wanted {
    record: "text with its class",
    advice: "Each line needs a text, a tab and its class: Great phone.⇥good. Or choose one file for each class, a \
             text a line, or one folder for each class, a text a file.",
};

/// Labelled texts as they stand in the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Labelled {
    /// Which columns hold text and label is chosen later.
    Table(Table),
    /// The names of files or folders are the labels.
    Files {
        /// What the files have in common, or the names of the first few.
        name: String,
        format: String,
        /// Each text with its label.
        texts: Vec<(String, String)>,
        /// Files that were passed over, by name.
        rejected: Vec<RejectedLine>,
    },
}

/// Texts with their classes, as a classifier learns them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// The names of the classes: numbers by value, words by alphabet.
    pub classes: Vec<String>,
    /// Each text with the index of its class.
    pub texts: Vec<(String, usize)>,
    /// The columns that text and label were found in, counted from 1, where there are columns.
    pub columns: Option<[u32; 2]>,
}

/// Reads labelled texts: one file with columns; or several, one for each class with a text a line;
/// or folders, one for each class with a text a file. Notes such as a readme are passed over.
///
/// # Errors
/// [`ErrorCode::File`] with the file and what to do, for files that are none of these, and for data in
/// which no texts of two classes are found.
pub fn read_labelled(files: &[TextFile]) -> Result<Labelled> {
    let data = read(files)?;
    // Where columns can be found, others can be chosen; else there is nothing to choose from.
    data.texts(0, 0).map_err(|error| Error {
        code: ErrorCode::File,
        field: None,
        ..error
    })?;
    Ok(data)
}

fn read(files: &[TextFile]) -> Result<Labelled> {
    let mut documents: Vec<Document> = files
        .iter()
        .map(|file| Document::new(file, WANTED))
        .collect();
    if documents.iter().any(|document| !document.is_note()) {
        documents.retain(|document| !document.is_note());
    }
    match &documents[..] {
        [] => {
            let message = format!("There is no file to read. {}", WANTED.advice);
            return Err(Error::new(ErrorCode::File, message));
        }
        [document] => return document.table().map(Labelled::Table),
        _ => {}
    }
    // By name: in a text for itself, commas and tabs belong to the text.
    let is_table = |document: &&Document| {
        let name = document.name.to_lowercase();
        let ends = [".csv", ".tsv", ".tab"];
        ends.iter().any(|end| name.ends_with(end))
    };
    let tables: Vec<&Document> = documents.iter().filter(is_table).collect();
    match &tables[..] {
        [] => read_classes(&documents),
        [table] => table.table().map(Labelled::Table),
        tables => Err(several_tables(tables)),
    }
}

fn several_tables(tables: &[&Document]) -> Error {
    let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
    let message = format!(
        "Several of these files are tables: {}. Choose only one of them.",
        names.join(", ")
    );
    Error::new(ErrorCode::File, message)
}

/// Files or folders that are named as the classes. Folders it is where two or more stand on the level
/// that most files are in, and one of them holds several files.
fn read_classes(documents: &[Document]) -> Result<Labelled> {
    let depth = |document: &Document| document.name.matches('/').count();
    let mut files_at: HashMap<usize, usize> = HashMap::new();
    for document in documents {
        *files_at.entry(depth(document)).or_default() += 1;
    }
    let level = files_at
        .into_iter()
        .max_by_key(|&(depth, files)| (files, depth))
        .map_or(0, |(depth, _)| depth);
    let (used, passed): (Vec<&Document>, Vec<&Document>) = documents
        .iter()
        .partition(|document| depth(document) == level);
    let rejected = passed.iter().map(|document| RejectedLine {
        line: 1,
        reason: "not on the level of the folders that most files are in".into(),
        text: document.name.into(),
    });
    let rejected = rejected.collect();
    let folders: BTreeSet<&str> = used.iter().map(|document| folder(document.name)).collect();
    if folders.len() > 1 && folders.len() < used.len() {
        let mut texts = Vec::new();
        for document in &used {
            document.check()?;
            let text = document.lines().join("\n");
            texts.push((text.trim().to_string(), folder(document.name).to_string()));
        }
        return Ok(Labelled::Files {
            name: folders.into_iter().collect::<Vec<_>>().join(" + "),
            format: "one folder for each class, a text a file".into(),
            texts,
            rejected,
        });
    }
    if let [document] = used[..] {
        return document.table().map(Labelled::Table);
    }
    if used.iter().all(|document| document.is_tab_separated()) {
        return Err(several_tables(&used));
    }
    let mut texts = Vec::new();
    let mut labels = Vec::new();
    for document in &used {
        document.check()?;
        let label = stem(document.name);
        labels.push(label);
        let lines = document.lines();
        let lines = lines.into_iter().map(str::trim);
        texts.extend(
            lines
                .filter(|line| !line.is_empty())
                .map(|line| (line.to_string(), label.to_string())),
        );
    }
    Ok(Labelled::Files {
        name: labels.join(" + "),
        format: "one file for each class, a text a line".into(),
        texts,
        rejected,
    })
}

/// The folder that a file stands in, without those around it.
fn folder(path: &str) -> &str {
    path.rsplit('/').nth(1).unwrap_or_default()
}

/// The name of a file without folders and ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

impl Labelled {
    /// The name of the data.
    pub fn name(&self) -> &str {
        match self {
            Self::Table(table) => &table.name,
            Self::Files { name, .. } => name,
        }
    }

    /// Texts and classes, from these columns of a table, counted from 1; 0 finds the column itself. The
    /// label is the column of few, short, repeated values, the text the one with the longest.
    ///
    /// # Errors
    /// [`ErrorCode::Setting`] on the column's setting if it does not exist, if no column or the wrong
    /// one was found, for one class or more than [`MOST_CLASSES`], and for fewer than [`FEWEST_TEXTS`] texts.
    pub fn texts(&self, text_column: u32, label_column: u32) -> Result<Texts> {
        let (pairs, columns): (Vec<(Cow<str>, &str)>, _) = match self {
            Self::Files { texts, .. } => {
                let texts = texts.iter();
                let pairs = texts.map(|(text, label)| (text.as_str().into(), label.as_str()));
                (pairs.collect(), None)
            }
            Self::Table(table) => {
                let [text, label] = find_columns(table, text_column, label_column)?;
                let rows = table.texts([("text_column", text), ("label_column", label)])?;
                let rows = rows.into_iter();
                let pairs = rows.map(|(_, [text, label])| (text.into(), label));
                (pairs.collect(), Some([text, label]))
            }
        };
        let refuse = |message: String| {
            let error = Error::new(ErrorCode::Setting, message);
            Err(match columns {
                Some(_) => error.on_field("label_column"),
                None => error,
            })
        };
        let classes = sorted(pairs.iter().map(|&(_, label)| label));
        if pairs.len() < FEWEST_TEXTS {
            let texts = if pairs.len() == 1 { "text" } else { "texts" };
            return refuse(format!(
                "{} holds {} {texts} with a class; have {FEWEST_TEXTS} at least, better some hundreds of each class.",
                self.name(),
                pairs.len()
            ));
        }
        match &classes[..] {
            [] | [_] => {
                let class = classes.first().copied().unwrap_or_default();
                let what = match columns {
                    Some([_, label]) => format!("“{class}” in column {label}"),
                    None => format!("“{class}”"),
                };
                return refuse(format!(
                    "All texts of {} have one class, {what}. To tell classes apart there must be two: use texts of \
                     two classes, or another column as the label.",
                    self.name()
                ));
            }
            many if many.len() > MOST_CLASSES => {
                return refuse(format!(
                    "{} different classes are more than {MOST_CLASSES}. Is that the label? Choose the column or the \
                     folders whose names are the classes.",
                    many.len()
                ));
            }
            _ => {}
        }
        let index: HashMap<&str, usize> = classes.iter().copied().zip(0..).collect();
        let texts = pairs
            .into_iter()
            .map(|(text, label)| (without_breaks(&text), index[label]));
        let texts = texts.collect();
        let classes = classes.into_iter().map(String::from).collect();
        Ok(Texts {
            classes,
            texts,
            columns,
        })
    }
}

/// The distinct labels: by value where all are numbers, else by alphabet.
fn sorted<'a>(labels: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let distinct: HashSet<&str> = labels.collect();
    let mut labels: Vec<&str> = distinct.into_iter().collect();
    labels.sort_unstable();
    let number = |label: &&str| label.parse::<f64>().ok().filter(|value| value.is_finite());
    if labels.iter().all(|label| number(label).is_some()) {
        labels.sort_by(|a, b| {
            let (a, b) = (number(a).unwrap_or(0.0), number(b).unwrap_or(0.0));
            a.total_cmp(&b)
        });
    }
    labels
}

/// `<br />` as reviews on the web hold it becomes a space.
fn without_breaks(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::with_capacity(text.len());
    while let Some(start) = rest.find('<') {
        let tag = &rest[start + 1..];
        let inside = tag.split_once('>').map(|(inside, _)| inside);
        let is_break = inside.is_some_and(|inside| {
            inside
                .trim_end_matches('/')
                .trim_end()
                .eq_ignore_ascii_case("br")
        });
        plain.push_str(&rest[..start]);
        let length = inside.map_or(0, str::len);
        if is_break {
            plain.push(' ');
            rest = &tag[length + 1..];
        } else {
            plain.push('<');
            rest = tag;
        }
    }
    plain.push_str(rest);
    plain
}

/// What a column holds.
struct Column {
    /// Counted from 1.
    number: u32,
    filled: usize,
    /// Different values, counted up to one more than [`MOST_CLASSES`].
    distinct: usize,
    characters: usize,
    /// Its header calls it a label.
    named: bool,
}

impl Column {
    fn new(table: &Table, index: usize) -> Self {
        let mut values: HashSet<&str> = HashSet::new();
        let (mut filled, mut characters) = (0, 0);
        for value in table.rows.iter().filter_map(|row| row.get(index)) {
            filled += usize::from(!value.is_empty());
            characters += value.chars().count();
            if !value.is_empty() && values.len() <= MOST_CLASSES {
                values.insert(value);
            }
        }
        let header = table.header.as_ref().and_then(|names| names.get(index));
        let named = header.is_some_and(|name| {
            let name = name.to_lowercase();
            ["label", "class", "category", "sentiment"].contains(&name.as_str())
        });
        Self {
            number: index as u32 + 1,
            filled,
            distinct: values.len(),
            characters,
            named,
        }
    }

    fn mean_length(&self) -> usize {
        self.characters / self.filled.max(1)
    }

    /// Whether its values can be classes: few, short, and most of them more than once.
    fn is_label(&self) -> bool {
        (1..=MOST_CLASSES).contains(&self.distinct)
            && (self.distinct * 2 <= self.filled || self.named)
            && self.mean_length() <= LONGEST_LABEL
    }
}

/// The columns of text and label, found where they are 0.
fn find_columns(table: &Table, text: u32, label: u32) -> Result<[u32; 2]> {
    if text == label && text != 0 {
        let message = "Text and label are the same column; choose two different ones.";
        return Err(Error::new(ErrorCode::Setting, message).on_field("label_column"));
    }
    let widest = table.rows.iter().map(Vec::len).max().unwrap_or(0);
    let columns: Vec<Column> = (0..widest)
        .map(|index| Column::new(table, index))
        .filter(|column| column.filled > 0)
        .collect();
    let longest = |besides: u32| {
        let others = columns.iter().filter(|column| column.number != besides);
        others.max_by_key(|column| (column.mean_length(), std::cmp::Reverse(column.number)))
    };
    let text = match text {
        0 => longest(label).map_or(1, |column| column.number),
        chosen => chosen,
    };
    let label = match label {
        0 => {
            let candidates = columns
                .iter()
                .filter(|column| column.number != text && column.is_label());
            // A column of one value tells nothing, unless there is no other.
            candidates
                .min_by_key(|column| (!column.named, column.distinct == 1, column.distinct))
                .map(|column| column.number)
        }
        chosen => Some(chosen),
    };
    let Some(label) = label else {
        let message = format!(
            "No column of {} looks like a label: a few short values, each of them many times. {}",
            table.name, WANTED.advice
        );
        return Err(Error::new(ErrorCode::Setting, message).on_field("label_column"));
    };
    Ok([text, label])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> TextFile {
        TextFile {
            name: name.into(),
            text: text.into(),
        }
    }

    fn read(text: &str) -> Labelled {
        read_labelled(&[file("reviews.csv", text)]).unwrap()
    }

    /// Twelve reviews, four good ones.
    fn reviews(line: impl Fn(usize, &str, &str) -> String) -> String {
        let words = ["great", "bad", "poor"];
        let labels = ["good", "not", "not"];
        (0..12)
            .map(|i| {
                let text = format!("review number {i} says {}", words[i % 3]);
                line(i, &text, labels[i % 3]) + "\n"
            })
            .collect()
    }

    #[test]
    fn text_and_label_are_found_in_any_order() {
        let layouts: [(String, [u32; 2]); 4] = [
            (reviews(|_, text, label| format!("{text}\t{label}")), [1, 2]),
            (reviews(|_, text, label| format!("{label},{text}")), [2, 1]),
            (
                "id,review,stars,sentiment\n".to_string()
                    + &reviews(|i, text, label| format!("{i},{text},{},{label}", i % 2)),
                [2, 4],
            ),
            (
                reviews(|i, text, label| format!("{i}\ten\t{text}\t{label}")),
                [3, 4],
            ),
        ];
        for (text, columns) in layouts {
            let found = read(&text).texts(0, 0).unwrap();
            assert_eq!(found.columns, Some(columns), "{text}");
            assert_eq!(found.classes, ["good", "not"]);
            assert_eq!(found.texts.len(), 12);
            assert_eq!(
                found.texts[3],
                ("review number 3 says great".to_string(), 0)
            );
            assert_eq!(found.texts[4].1, 1);
        }
    }

    #[test]
    fn columns_can_be_chosen() {
        let text = reviews(|i, text, label| format!("{text}\t{label}\t{}\tonly", i % 4));
        let found = read(&text).texts(1, 3).unwrap();
        assert_eq!(found.classes, ["0", "1", "2", "3"]);
        assert_eq!(read(&text).texts(0, 3).unwrap(), found);
        assert_eq!(
            read(&text).texts(2, 0).unwrap().columns,
            Some([2, 3]),
            "the longest texts are no label"
        );
        for (columns, says) in [
            ((1, 1), "the same column"),
            ((1, 9), "no column 9"),
            ((7, 1), "no column 7"),
            ((1, 4), "one class, “only” in column 4"),
        ] {
            let error = read(&text).texts(columns.0, columns.1).unwrap_err();
            assert_eq!(error.code, ErrorCode::Setting);
            assert!(error.field.is_some());
            assert!(error.message.contains(says), "{}", error.message);
        }
    }

    #[test]
    fn numbers_are_sorted_by_value() {
        let text = reviews(|i, text, _| format!("{text}\t{}", 8 + i % 4));
        assert_eq!(
            read(&text).texts(0, 0).unwrap().classes,
            ["8", "9", "10", "11"]
        );
    }

    #[test]
    fn a_file_for_each_class_has_a_text_a_line() {
        let lines = |word: &str| format!("{word} one\n\n  {word} two \r\n").repeat(3);
        let files = [
            file("set/pos.txt", &lines("good")),
            file("set/neg.txt", &lines("bad")),
            file("set/README", "Two files."),
        ];
        let read = read_labelled(&files).unwrap();
        let texts = read.texts(0, 0).unwrap();
        assert_eq!(texts.classes, ["neg", "pos"]);
        assert_eq!(texts.texts.len(), 12);
        assert_eq!(texts.texts[1], ("good two".to_string(), 1));
        assert_eq!((read.name(), texts.columns), ("pos + neg", None));
    }

    #[test]
    fn a_folder_for_each_class_has_a_text_a_file() {
        let mut files: Vec<TextFile> = (0..12)
            .map(|i| {
                let part = ["train", "test"][i % 2];
                let class = ["pos", "neg"][i / 2 % 2];
                let name = format!("imdb/{part}/{class}/{i}.txt");
                file(&name, &format!("It was,\t so\tso.\n<br />Film {i}.<BR>\n"))
            })
            .collect();
        files.push(file("imdb/words.txt", "so\nwas\n"));
        let read = read_labelled(&files).unwrap();
        let texts = read.texts(0, 0).unwrap();
        assert_eq!(texts.classes, ["neg", "pos"]);
        assert_eq!(texts.texts.len(), 12);
        assert_eq!(
            texts.texts[0],
            ("It was,\t so\tso.\n Film 0. ".to_string(), 1)
        );
        let Labelled::Files { rejected, .. } = read else {
            panic!("no files")
        };
        assert_eq!(rejected[0].text, "imdb/words.txt");
    }

    #[test]
    fn only_line_breaks_are_taken_out() {
        for (text, plain) in [
            ("a<br />b<br>c<BR/>d", "a b c d"),
            ("1 < 2 <b>x</b> <3", "1 < 2 <b>x</b> <3"),
            ("<br", "<br"),
            ("", ""),
        ] {
            assert_eq!(without_breaks(text), plain);
        }
    }

    #[test]
    fn wrong_data_gets_a_sentence() {
        for (files, says) in [
            (vec![], "no file"),
            (vec![file("a.txt", "")], "a.txt is empty"),
            (vec![file("a.txt", "one line\n")], "one column only"),
            (
                vec![
                    file("a.csv", "x,1\ny,2\n"),
                    file("b.csv", "x,1\ny,2\n"),
                    file("c.txt", "z"),
                ],
                "Several of these files are tables: a.csv, b.csv",
            ),
            (
                vec![
                    file("amazon.txt", "Fine.\t1\nNo.\t0\n"),
                    file("yelp.txt", "Tasty.\t1\n"),
                ],
                "Several of these files are tables: amazon.txt, yelp.txt",
            ),
        ] {
            let error = read_labelled(&files).unwrap_err();
            assert_eq!(error.code, ErrorCode::File);
            assert!(error.message.contains(says), "{}", error.message);
        }
        let ids: String = (0..200)
            .map(|i| format!("text number {i}\t{}\t{}\n", i % 60, i % 2))
            .collect();
        let lines =
            |count: usize| -> String { (0..count).map(|i| format!("text {i}\t1\n")).collect() };
        for (text, says) in [
            (lines(1), "No column of a.tsv looks like a label"),
            (lines(9), "holds 9 texts with a class; have 10 at least"),
            (lines(20), "one class, “1” in column 2"),
        ] {
            let error = read_labelled(&[file("a.tsv", &text)]).unwrap_err();
            assert_eq!((error.code, error.field), (ErrorCode::File, None));
            assert!(error.message.contains(says), "{}", error.message);
        }
        let error = read(&ids).texts(0, 2).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("label_column"), "{error}");
        assert!(
            error
                .message
                .contains("60 different classes are more than 50")
        );
        let few = [file("a/1.txt", "x\ny\nz"), file("b/a.txt", "x\ny\nz")];
        let error = read_labelled(&few).unwrap_err();
        assert!(error.message.contains("holds 6 texts"), "{}", error.message);
    }
}
