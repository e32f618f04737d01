//! Plain text to learn to write like: one or many files, each a document in a style.

use super::TextFile;
use crate::error::{Error, ErrorCode, Result};
use std::collections::HashMap;

/// A text in the style of an author, a book or a kind of writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The name of its file.
    pub name: String,
    /// Lines end in `\n`; neither byte order mark nor licence.
    pub text: String,
    /// Which of the styles of its [`Documents`] it is written in.
    pub style: usize,
}

/// A file that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedFile {
    pub name: String,
    /// A whole sentence.
    pub reason: String,
}

/// All texts to learn from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// In the order of the files.
    pub documents: Vec<Document>,
    /// At least one.
    pub styles: Vec<String>,
    /// Why there are fewer styles than files, where that is so.
    pub note: Option<String>,
    pub rejected: Vec<RejectedFile>,
}

/// More styles than this are none.
pub const MOST_STYLES: usize = 32;
/// A file with fewer characters is no text to learn from.
const SHORTEST: usize = 40;
/// The first line of a Gutenberg text that is the author's follows this; what follows the other is not.
const GUTENBERG: [&str; 2] = ["START OF", "END OF"];
/// A marker may break over lines, but is no longer than this.
const LONGEST_MARKER: usize = 400;

/// Reads texts. A file that is empty, too short or no plain text is left out with a reason.
///
/// What Project Gutenberg puts before and after a book, up to its `*** START OF …` and from its
/// `*** END OF …`, is cut off.
///
/// A document's style is what the paths of the files differ in first: its folder if the files come in
/// several folders, its own name otherwise. More than [`MOST_STYLES`] of them count as one.
///
/// # Errors
/// [`ErrorCode::File`] if no file can be used.
pub fn read_documents(files: &[TextFile]) -> Result<Documents> {
    let mut read = Documents::default();
    for file in files {
        match clean(&file.text) {
            Ok(text) => read.documents.push(Document {
                name: file.name.clone(),
                text,
                style: 0,
            }),
            Err(reason) => read.rejected.push(RejectedFile {
                name: file.name.clone(),
                reason: format!("{} {reason}.", file.name),
            }),
        }
    }
    if read.documents.is_empty() {
        let advice = "Choose one or more plain text files, a book for example.";
        return Err(match &read.rejected[..] {
            [] => Error::new(
                ErrorCode::File,
                format!("There is no file to read. {advice}"),
            ),
            [only] => {
                Error::new(ErrorCode::File, format!("{} {advice}", only.reason)).in_file(&only.name)
            }
            [first, ..] => Error::new(
                ErrorCode::File,
                format!("None of these files can be used. {} {advice}", first.reason),
            )
            .in_file(&first.name),
        });
    }
    name_styles(&mut read);
    Ok(read)
}

/// The author's own text, or why there is none.
fn clean(text: &str) -> std::result::Result<String, String> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let foreign = |c: &char| {
        *c == '\u{FFFD}' || c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{C}' | '\u{85}')
    };
    if text.contains('\0') || text.chars().filter(foreign).count() * 10 > text.chars().count() {
        return Err("is not plain text; save it as text in UTF-8".into());
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = without_licence(&text).trim();
    match text.chars().take(SHORTEST).count() {
        0 => Err("is empty".into()),
        length if length < SHORTEST => Err(format!(
            "holds {length} characters; a text to learn from needs {SHORTEST} at least"
        )),
        _ => Ok(text.into()),
    }
}

/// The text between Project Gutenberg's two markers, as far as they are there.
fn without_licence(text: &str) -> &str {
    let [start, end] = GUTENBERG.map(|words| marker(text, words));
    let from = start.map_or(0, |(_, after)| after);
    let to = end.map_or(text.len(), |(before, _)| before);
    text.get(from..to).unwrap_or(text)
}

/// Where a line of the form `*** START OF THE PROJECT GUTENBERG EBOOK … ***` begins and ends, in bytes.
fn marker(text: &str, words: &str) -> Option<(usize, usize)> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let inner = line.trim_start();
        if let Some(title) = inner.strip_prefix("***")
            && title.trim_start().starts_with(words)
            && title.contains("GUTENBERG")
        {
            // A long title goes on in the next lines.
            let title = start + line.len() - title.len();
            let reach = text[title..].char_indices().nth(LONGEST_MARKER);
            let reach = reach.map_or(text.len(), |(index, _)| title + index);
            let end = text[title..reach].find("***");
            return Some((start, end.map_or(start + line.len(), |end| title + end + 3)));
        }
        start += line.len();
    }
    None
}

fn name_styles(read: &mut Documents) {
    let paths: Vec<Vec<&str>> = read
        .documents
        .iter()
        .map(|document| document.name.split(['/', '\\']).collect())
        .collect();
    // The folders that all files have in common say nothing.
    let shortest = paths.iter().map(Vec::len).min().unwrap_or(1);
    let common = (0..shortest - 1)
        .take_while(|&depth| paths.iter().all(|path| path[depth] == paths[0][depth]))
        .count();
    let mut styles: Vec<String> = Vec::new();
    let mut style_of: HashMap<&str, usize> = HashMap::new();
    let mut indices = Vec::with_capacity(paths.len());
    for path in &paths {
        let name = path[common];
        indices.push(*style_of.entry(name).or_insert_with(|| {
            let is_file = path.len() == common + 1;
            styles.push(if is_file { stem(name) } else { name }.into());
            styles.len() - 1
        }));
    }
    if styles.len() > MOST_STYLES {
        read.note = Some(format!(
            "{} files make too many styles to choose from ({MOST_STYLES} at most), so they count as one. \
             Put them into folders, one a style, for more.",
            styles.len()
        ));
        styles = vec!["all".into()];
        indices.fill(0);
    }
    for (document, style) in read.documents.iter_mut().zip(indices) {
        document.style = style;
    }
    read.styles = styles;
}

/// A file's name without its ending.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "It was the best of times, it was the worst of times.";

    fn files(files: &[(&str, &str)]) -> Vec<TextFile> {
        let file = |&(name, text): &(&str, &str)| TextFile {
            name: name.into(),
            text: text.into(),
        };
        files.iter().map(file).collect()
    }

    fn styles(names: &[&str]) -> (Vec<String>, Vec<usize>) {
        let list: Vec<_> = names.iter().map(|&name| (name, TEXT)).collect();
        let read = read_documents(&files(&list)).unwrap();
        let of = read.documents.iter().map(|document| document.style);
        let of = of.collect();
        (read.styles, of)
    }

    #[test]
    fn the_licence_of_a_gutenberg_text_is_cut_off() {
        for (start, end) in [
            (
                "*** START OF THE PROJECT GUTENBERG EBOOK MOBY-DICK ***",
                "*** END OF THE PROJECT GUTENBERG EBOOK MOBY-DICK ***",
            ),
            (
                "***START OF THIS PROJECT GUTENBERG EBOOK A VERY\nLONG TITLE***",
                "*** END OF THIS PROJECT GUTENBERG EBOOK A VERY ***",
            ),
        ] {
            let text = format!("Title: X\nRelease 2001\n\n{start}\n\n{TEXT}\n\n{end}\nSection 1.");
            for text in [
                text.clone(),
                text.replace('\n', "\r\n"),
                format!("\u{feff}{text}"),
            ] {
                assert_eq!(clean(&text).unwrap(), TEXT);
            }
        }
        // One marker alone cuts on its own side.
        let text = format!("{TEXT}\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\nlicence");
        assert_eq!(clean(&text).unwrap(), TEXT);
        // Stars are no marker, nor are the words without them.
        let text = format!("*** START ***\nSTART OF THE PROJECT GUTENBERG\n{TEXT}");
        assert_eq!(clean(&text).unwrap(), text);
    }

    #[test]
    fn files_that_are_no_text_are_named() {
        let given = files(&[
            ("empty.txt", " \n\n"),
            ("short.txt", "Too short."),
            ("image.txt", "\0\u{1}\u{2}"),
            ("book.txt", TEXT),
        ]);
        let read = read_documents(&given).unwrap();
        assert_eq!(read.documents.len(), 1);
        let reasons: Vec<&str> = read
            .rejected
            .iter()
            .map(|file| file.reason.as_str())
            .collect();
        assert_eq!(
            reasons,
            [
                "empty.txt is empty.",
                "short.txt holds 10 characters; a text to learn from needs 40 at least.",
                "image.txt is not plain text; save it as text in UTF-8."
            ]
        );
        let error = read_documents(&given[..1]).unwrap_err();
        assert_eq!(
            (error.code, error.file.as_deref()),
            (ErrorCode::File, Some("empty.txt"))
        );
        assert!(error.message.starts_with("empty.txt is empty."), "{error}");
        let error = read_documents(&given[..3]).unwrap_err();
        assert!(error.message.starts_with("None of these files"), "{error}");
        assert!(read_documents(&[]).is_err());
    }

    #[test]
    fn a_style_is_a_folder_or_a_file() {
        assert_eq!(styles(&["moby.txt"]), (vec!["moby".into()], vec![0]));
        assert_eq!(
            styles(&["a/plays.txt", "a/sonnets.txt"]),
            (vec!["plays".into(), "sonnets".into()], vec![0, 1])
        );
        assert_eq!(
            styles(&[
                "all/plays/hamlet.txt",
                "all/sonnets/1.txt",
                "all/plays/acts/2.txt"
            ]),
            (vec!["plays".into(), "sonnets".into()], vec![0, 1, 0])
        );
        assert_eq!(
            styles(&["notes.v2.txt", "plays/hamlet.txt"]),
            (vec!["notes.v2".into(), "plays".into()], vec![0, 1])
        );
    }

    #[test]
    fn too_many_styles_are_one() {
        let names: Vec<String> = (0..=MOST_STYLES).map(|n| format!("{n}.txt")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (all, of) = styles(&names);
        assert_eq!((all.len(), of.iter().sum::<usize>()), (1, 0));
        assert_eq!(styles(&names[1..]).0.len(), MOST_STYLES);
    }
}
