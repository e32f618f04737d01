//! From dropped files to batches: reading pairs, the phrase book, and the whole way to padded ids.

use std::collections::{HashMap, HashSet};
use unrolled::batch::{epoch_batches, pad, references, split};
use unrolled::config::Level;
use unrolled::corpus::phrase_book::{self, phrase_book};
use unrolled::corpus::{Pairs, TextFile, read_pairs};
use unrolled::error::{Error, ErrorCode};
use unrolled::rng::{Rng, Stream};
use unrolled::text::{END, PAD, START, Tokenizer, UNK, Vocabulary};

fn file(name: &str, text: &str) -> TextFile {
    TextFile {
        name: name.into(),
        text: text.into(),
    }
}

fn read(text: &str) -> Pairs {
    read_pairs(&[file("pairs.txt", text)]).unwrap()
}

fn refused(files: &[TextFile]) -> Error {
    let error = read_pairs(files).unwrap_err();
    assert_eq!(error.code, ErrorCode::File);
    assert!(error.message.ends_with('.'), "{}", error.message);
    error
}

/// The first two columns of every row, and its line.
fn rows(pairs: &Pairs) -> Vec<(u32, &str, &str)> {
    let rows = pairs.rows.iter().zip(&pairs.lines);
    rows.map(|(row, &line)| (line, row[0].as_str(), row[1].as_str()))
        .collect()
}

fn reasons(pairs: &Pairs) -> Vec<(u32, &str)> {
    let rejected = pairs.rejected.iter();
    rejected
        .map(|line| (line.line, line.reason.as_str()))
        .collect()
}

#[test]
fn tab_separated_pairs_keep_all_columns() {
    let pairs = read(
        "\u{feff}Go.\tVe.\tCC-BY 1\r\nHi.\tHola.\tCC-BY 2\r\n\r\nRun!\t ¡Corre! \tCC-BY 3\r\n",
    );
    assert_eq!(pairs.format, "tab-separated, 3 columns");
    assert_eq!(pairs.columns, 3);
    assert_eq!(
        rows(&pairs),
        [
            (1, "Go.", "Ve."),
            (2, "Hi.", "Hola."),
            (4, "Run!", "¡Corre!")
        ]
    );
    assert_eq!(pairs.rows[0][2], "CC-BY 1");
    assert_eq!(pairs.rejected_total, 0);
}

#[test]
fn quotes_and_strange_line_ends_are_text_in_tab_separated_files() {
    let pairs = read("He said \"go.\tDijo \"ve.\nA\u{85}b\tC\u{2028}d\n\"Hi\"\tHola, Ana; sí\n");
    assert_eq!(
        rows(&pairs),
        [
            (1, "He said \"go.", "Dijo \"ve."),
            (2, "A\u{85}b", "C\u{2028}d"),
            (3, "\"Hi\"", "Hola, Ana; sí"),
        ]
    );
}

#[test]
fn unusable_lines_are_named() {
    let pairs = read("Go.\tVe.\nalone\n\tVacío.\nEmpty.\t \nHi.\tHola.\n");
    assert_eq!(rows(&pairs).len(), 2);
    assert_eq!(
        reasons(&pairs),
        [
            (2, "only one column: there is no tab in it"),
            (3, "column 1 is empty"),
            (4, "column 2 is empty"),
        ]
    );
    assert_eq!(pairs.rejected[0].text, "alone");
}

#[test]
fn a_row_is_used_where_any_two_columns_hold_text() {
    let pairs = read("\tGo.\tVe.\n\tHi.\tHola.\n\t\tNada.\n");
    assert_eq!(reasons(&pairs), [(3, "column 1 is empty")]);
    let chosen = pairs.sentences(2, 3).unwrap();
    assert_eq!(chosen, [(0, "Go.", "Ve."), (1, "Hi.", "Hola.")]);
    assert_eq!(pairs.sentences(1, 2).unwrap(), []);
}

#[test]
fn only_the_first_hundred_rejected_lines_are_kept() {
    let long = "x".repeat(500);
    let pairs = read(&("Go.\tVe.\n".repeat(100) + &format!("{long}\n").repeat(150)));
    assert_eq!(
        (pairs.rows.len(), pairs.rejected.len(), pairs.rejected_total),
        (100, 100, 150)
    );
    assert!(pairs.rejected[0].text.chars().count() < 200);
}

#[test]
fn comma_separated_pairs_with_quotes() {
    let text = "source,target\n\"Hello, Ana.\",\"Hola, Ana.\"\n\n\"Two\nlines\",\"Dos \"\"líneas\"\"\"\r\n\r\nGo.,Ve.\nNo, Ana.,No.\n";
    let pairs = read(text);
    assert_eq!(pairs.format, "comma-separated, 2 columns");
    assert_eq!(
        rows(&pairs),
        [
            (2, "Hello, Ana.", "Hola, Ana."),
            (4, "Two lines", "Dos \"líneas\""),
            (7, "Go.", "Ve.")
        ]
    );
    assert_eq!(reasons(&pairs)[0], (1, "header"));
    assert_eq!(reasons(&pairs)[1].0, 8);
    assert!(reasons(&pairs)[1].1.starts_with("3 columns instead of 2"));
}

#[test]
fn semicolons_win_over_the_commas_in_sentences() {
    let pairs = read("Yes, please.;Sí, por favor.\nNo, thanks.;No, gracias.\nGo.;Ve.\n");
    assert_eq!(pairs.format, "semicolon-separated, 2 columns");
    assert_eq!(rows(&pairs)[1], (2, "No, thanks.", "No, gracias."));
    let pairs = read("Yes, you.;Sí, tú.\nNo, you.;No, tú.\n");
    assert_eq!(rows(&pairs)[0], (1, "Yes, you.", "Sí, tú."));
}

#[test]
fn tabs_win_over_the_commas_in_sentences() {
    let pairs = read("Yes, you.\tSí, tú.\nNo, you.\tNo, tú.\n");
    assert_eq!(rows(&pairs)[0], (1, "Yes, you.", "Sí, tú."));
}

#[test]
fn a_space_after_the_comma_is_understood() {
    let pairs = read("\"Go.\", \"Ve.\"\n\"Hi.\", \"Hola.\"\n");
    assert_eq!(rows(&pairs), [(1, "Go.", "Ve."), (2, "Hi.", "Hola.")]);
}

#[test]
fn only_well_known_words_make_a_header() {
    assert_eq!(
        reasons(&read("English,Spanish\nGo.,Ve.\n")),
        [(1, "header")]
    );
    assert_eq!(reasons(&read("id;en;es\n1;Go.;Ve.\n")), [(1, "header")]);
    let table = read("English\tSpanish\nGo now.\tVe ya.\nHi you.\tHola.\n");
    assert_eq!(reasons(&table), [(1, "header")]);
    assert_eq!(
        table.header,
        Some(vec!["English".to_string(), "Spanish".into()])
    );
    // A list of words may begin with the name of a language.
    let words = read("english\tspanish\nhouse\tcasa\nred\trojo\n");
    assert_eq!((rows(&words).len(), words.header), (3, None));
    assert_eq!(rows(&read("Go.,Ve.\nHi.,Hola.\n")).len(), 2);
    assert_eq!(rows(&read("de,de\nla,la\n")).len(), 2);
}

#[test]
fn an_open_quotation_mark_is_named_by_line() {
    let mut text = String::from("Go.,Ve.\nHi.,\"Hola.\n");
    text.push_str(&"Run!,¡Corre!\n".repeat(100));
    let text = "Yes.,Sí.\n".repeat(3) + &text;
    let error = refused(&[file("a.csv", &text)]);
    assert_eq!(
        (error.file.as_deref(), error.line),
        (Some("a.csv"), Some(5))
    );
    assert!(error.message.contains("quotation mark"));
}

#[test]
fn prose_is_one_column() {
    let text =
        "It was late, and cold.\nNobody came.\nWell, yes, but no, she said.\nThe end, then.\n";
    let error = refused(&[file("novel.txt", text)]);
    assert!(
        error.message.contains("one column only"),
        "{}",
        error.message
    );
    assert_eq!(
        (error.file.as_deref(), error.line),
        (Some("novel.txt"), Some(1))
    );
}

#[test]
fn wrong_files_get_a_sentence() {
    for (text, says) in [
        ("", "is empty"),
        (" \n\r\n\t\n", "is empty"),
        ("PK\u{3}\u{4}\0\0\u{1}", "not plain text"),
        ("\u{fffd}\u{fffd}a\u{fffd}b\tc", "not plain text"),
        ("just\nwords\n", "one column only"),
        (
            "\tVe.\n\tHola.\n",
            "No line of x.txt holds a pair (line 1: column 1 is empty)",
        ),
        (
            ",b\n,d\n",
            "No line of x.txt holds a pair (line 1: column 1 is empty)",
        ),
    ] {
        let error = refused(&[file("x.txt", text)]);
        assert!(error.message.contains(says), "{text:?}: {}", error.message);
        assert_eq!(error.file.as_deref(), Some("x.txt"));
    }
    assert!(refused(&[]).message.contains("no file"));
    let error = refused(&[file("x.txt", "fine\tsí\nbad\0\tno\n")]);
    assert_eq!(error.line, Some(2));
}

#[test]
fn two_files_pair_line_by_line() {
    let english = file("a.en", "Go, now.\r\nHi, you.\r\n\r\nAlone.\r\nRun!\r\n");
    let spanish = file("a.es", "Ve.\nHola.\n\n\n¡Corre!\n");
    let pairs = read_pairs(&[english, spanish]).unwrap();
    assert_eq!(pairs.name, "a.en + a.es");
    assert_eq!(
        rows(&pairs),
        [
            (1, "Go, now.", "Ve."),
            (2, "Hi, you.", "Hola."),
            (5, "Run!", "¡Corre!")
        ]
    );
    assert_eq!(reasons(&pairs), [(4, "empty in a.es")]);
}

#[test]
fn two_files_of_different_length_are_refused_with_both_counts() {
    let english = file("a.en", "Go.\nHi.\nRun!");
    let error = refused(&[english.clone(), file("a.es", "Ve.\nHola.\n")]);
    assert!(
        error.message.contains("3 lines") && error.message.contains("has 2"),
        "{}",
        error.message
    );
    // Blank lines at the end are no sentences.
    let pairs = read_pairs(&[english, file("a.es", "Ve.\nHola.\n¡Corre!\n\n\n")]).unwrap();
    assert_eq!(pairs.rows.len(), 3);
    assert!(
        refused(&[file("a", "Go.\n"), file("b", "")])
            .message
            .contains("b is empty")
    );
    assert!(
        refused(&[file("a", "Go.\n\n"), file("b", "\nVe.\n")])
            .message
            .contains("share no line")
    );
}

#[test]
fn notes_in_an_archive_are_passed_over() {
    let pairs = file("spa-eng/spa.txt", "Go.\tVe.\n");
    let about = file(
        "spa-eng/_about.txt",
        "** Info **\n\nSee the terms, please.\n",
    );
    let read = read_pairs(&[about.clone(), pairs.clone()]).unwrap();
    assert_eq!(
        (read.name.as_str(), read.rows.len()),
        ("spa-eng/spa.txt", 1)
    );
    let two = [
        about.clone(),
        file("a.en", "Go.\n"),
        file("README.md", "Hi\n"),
        file("a.es", "Ve.\n"),
    ];
    assert_eq!(read_pairs(&two).unwrap().rows.len(), 1);
    // A file with pairs is one whatever its name.
    assert_eq!(
        read_pairs(&[file("readme.tsv", "Go.\tVe.\n"), about])
            .unwrap()
            .rows
            .len(),
        1
    );
    assert_eq!(
        read_pairs(&[pairs.clone(), file("words.txt", "just\nwords\n")])
            .unwrap()
            .rows
            .len(),
        1
    );
    assert!(
        refused(&[pairs.clone(), file("b.txt", "Hi.\tHola.\n")])
            .message
            .contains("Several")
    );
    assert!(
        refused(&["a", "b", "c"].map(|name| file(name, "Go.\n")))
            .message
            .contains("None")
    );
}

#[test]
fn columns_are_chosen_later() {
    let pairs = read("1\tGo.\tVe.\n2\tHi.\tHola.\n3\tRun!\n");
    let chosen = pairs.sentences(3, 2).unwrap();
    assert_eq!(chosen, [(0, "Ve.", "Go."), (1, "Hola.", "Hi.")]);
    for (source, target, key) in [
        (4, 1, "source_column"),
        (1, 9, "target_column"),
        (0, 1, "source_column"),
    ] {
        let error = pairs.sentences(source, target).unwrap_err();
        assert_eq!(
            (error.code, error.field.as_deref()),
            (ErrorCode::Setting, Some(key))
        );
    }
}

#[test]
fn the_phrase_book_is_large_and_unambiguous() {
    let book = phrase_book();
    assert!((2_500..5_000).contains(&book.len()), "{}", book.len());
    assert_eq!(book, phrase_book());
    let english: HashMap<&str, &str> = book
        .iter()
        .map(|(en, es)| (en.as_str(), es.as_str()))
        .collect();
    assert_eq!(
        english.len(),
        book.len(),
        "an English sentence stands twice"
    );
    for (en, es) in &book {
        for text in [en, es] {
            assert!(text.ends_with(['.', '?', '!']), "{text}");
            assert!(
                text.starts_with(|c: char| c.is_uppercase() || "¿¡".contains(c)),
                "{text}"
            );
            assert!(
                !text.contains("  ") && !text.contains(" .") && !text.contains(" ?"),
                "{text}"
            );
        }
        assert_eq!(en.ends_with('?'), es.starts_with('¿'), "{en} {es}");
        assert_eq!(es.starts_with('¿'), es.ends_with('?'), "{es}");
        assert_eq!(en.ends_with('!'), es.starts_with('¡'), "{en} {es}");
        let words = format!(" {} ", es.to_lowercase());
        for wrong in [" de el ", " a el ", " el bolsa", " la libro"] {
            assert!(!words.contains(wrong), "{es}");
        }
    }
    let pairs = phrase_book::pairs();
    assert_eq!(
        (pairs.rows.len(), pairs.lines.len(), pairs.columns),
        (book.len(), book.len(), 2)
    );
    assert_eq!(pairs.rows[0], ["Hello.", "Hola."]);
}

#[test]
fn the_phrase_book_suits_a_small_network() {
    let tokenizer = Tokenizer {
        level: Level::Word,
        lowercase: false,
    };
    let mut words = [HashSet::new(), HashSet::new()];
    for (en, es) in phrase_book() {
        for (words, text) in words.iter_mut().zip([en, es]) {
            let tokens = tokenizer.tokenize(&text);
            assert!((1..=14).contains(&tokens.len()), "{text}");
            assert_eq!(tokenizer.join(&tokens), text);
            words.extend(tokens);
        }
    }
    assert!(
        words[0].len() < 700 && words[1].len() < 900,
        "{} {}",
        words[0].len(),
        words[1].len()
    );
}

#[test]
fn from_pairs_to_a_padded_batch() {
    let tokenizer = Tokenizer {
        level: Level::Word,
        lowercase: true,
    };
    // "Go" and "go" are one source once lower-casing is on.
    let pairs = read("Go now\tVe ya\ngo  now\tVete ya\nHi\tHola\nRun\tCorre\n");
    let sentences = pairs.sentences(1, 2).unwrap();
    let sources: Vec<Vec<String>> = sentences
        .iter()
        .map(|(_, en, _)| tokenizer.tokenize(en))
        .collect();
    let everything: Vec<usize> = (0..sources.len()).collect();
    assert_eq!(
        references(&sources, &everything),
        [vec![0, 1], vec![2], vec![3]]
    );
    let parts = split(&sources, 0.34, 0.0, &mut Rng::new(1, Stream::Split));
    let train: HashSet<&Vec<String>> = parts.train.iter().map(|&i| &sources[i]).collect();
    assert!(
        !parts.validation.is_empty()
            && parts
                .validation
                .iter()
                .all(|&i| !train.contains(&sources[i]))
    );

    let vocabulary = Vocabulary::build(parts.train.iter().map(|&i| sources[i].as_slice()), 100);
    let ids: Vec<Vec<u32>> = parts
        .train
        .iter()
        .map(|&i| [vec![START], vocabulary.encode(&sources[i]), vec![END]].concat())
        .collect();
    let lengths: Vec<(usize, usize)> = ids.iter().map(|ids| (ids.len(), ids.len())).collect();
    let batches = epoch_batches(&lengths, 8, &mut Rng::new(1, Stream::Shuffle));
    assert_eq!(batches.len(), 1);
    let batch: Vec<&[u32]> = batches[0].iter().map(|&i| ids[i].as_slice()).collect();
    let padded = pad(&batch, PAD);
    assert_eq!(padded.ids.len(), padded.time * batch.len());
    assert!(
        padded.ids[..batch.len()]
            .iter()
            .all(|&id| id == START as i32)
    );
    assert!(!padded.ids.contains(&(UNK as i32)));
    assert_eq!(vocabulary.encode(&["unseen"]), [UNK]);
}
