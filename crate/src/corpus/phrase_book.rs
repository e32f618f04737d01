//! The built-in English–Spanish phrase book: what the page opens with.
//!
//! Fixed everyday phrases, and sentences of a small typed grammar: its words are sorted by meaning
//! (what is eaten, where people go, what has a colour), so that every sentence makes sense, and each
//! English sentence has one Spanish translation, so that a small network can learn them in a minute.
//! The choices: American English, the Spanish of Spain, *you* is always *tú*, and subject pronouns
//! are left out except for *él* and *ella*.

mod everyday;
mod grammar;
mod lexicon;

use super::Pairs;
use crate::rng::{Rng, Stream};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// An English sentence and its Spanish translation.
type Pair = (String, String);

/// The name that the page shows for the phrase book.
const NAME: &str = "English–Spanish phrase book";

/// All sentence pairs, always the same ones: the everyday phrases, then the grammar's sentences from
/// short to long. No English sentence comes twice.
pub fn phrase_book() -> Vec<(String, String)> {
    // The seed only picks which of the grammar's many sentences stand in the book.
    let mut rng = Rng::new(1, Stream::Sampling);
    let mut sentences: Vec<Pair> = Vec::new();
    for (topic, count) in grammar::TOPICS {
        let mut all = topic();
        rng.shuffle(&mut all);
        all.truncate(*count);
        sentences.extend(all.iter().map(grammar::Draft::finish));
    }
    for (english, _) in &mut sentences {
        // Both ways to write it are in the book: a visitor may type either.
        if rng.below(2) == 0 {
            *english = contracted(english);
        }
    }
    sentences.sort_by_cached_key(|(english, _)| english.chars().count());
    let mut book = everyday::phrases();
    let fixed = book.len();
    book.append(&mut sentences);
    let mut seen = HashSet::new();
    book.retain(|(english, _)| seen.insert(english.clone()));
    drop_rare_words(&mut book, fixed);
    book
}

/// So often a word must stand in the book to be learnt.
const LEARNABLE: usize = 4;

/// Takes out the sentences behind the first `fixed` ones that hold a rare word.
fn drop_rare_words(book: &mut Vec<Pair>, fixed: usize) {
    let words = |(english, spanish): &Pair| {
        let text = format!("{english} {spanish}");
        let words = text
            .split_whitespace()
            .map(|word| word.trim_matches(&['.', ',', '?', '!', '¿', '¡'][..]));
        words.map(String::from).collect::<Vec<_>>()
    };
    loop {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for word in book.iter().flat_map(words) {
            *counts.entry(word).or_default() += 1;
        }
        let before = book.len();
        let mut index = 0;
        book.retain(|pair| {
            index += 1;
            index <= fixed || words(pair).iter().all(|word| counts[word] >= LEARNABLE)
        });
        if book.len() == before {
            return;
        }
    }
}

/// The phrase book as if read from a file. It is written once, at the first call.
pub fn pairs() -> Pairs {
    static PAIRS: LazyLock<Pairs> = LazyLock::new(write);
    PAIRS.clone()
}

fn write() -> Pairs {
    let rows: Vec<Vec<String>> = phrase_book()
        .into_iter()
        .map(|(english, spanish)| vec![english, spanish])
        .collect();
    Pairs {
        name: NAME.into(),
        format: "built in, 2 columns".into(),
        lines: (1..=rows.len() as u32).collect(),
        rows,
        columns: 2,
        ..Pairs::default()
    }
}

/// Short forms as in speech: *I'm*, *don't*, *where's*.
fn contracted(english: &str) -> String {
    const INSIDE: [(&str, &str); 6] = [
        ("do not ", "don't "),
        ("does not ", "doesn't "),
        ("did not ", "didn't "),
        ("is not ", "isn't "),
        ("are not ", "aren't "),
        ("cannot ", "can't "),
    ];
    const AT_START: [(&str, &str); 10] = [
        ("Do not ", "Don't "),
        ("I am ", "I'm "),
        ("You are ", "You're "),
        ("He is ", "He's "),
        ("She is ", "She's "),
        ("It is ", "It's "),
        ("We are ", "We're "),
        ("They are ", "They're "),
        ("What is ", "What's "),
        ("Where is ", "Where's "),
    ];
    for (long, short) in INSIDE {
        if english.contains(long) {
            return english.replace(long, short);
        }
    }
    for (long, short) in AT_START {
        if let Some(rest) = english.strip_prefix(long) {
            return format!("{short}{rest}");
        }
    }
    english.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that the grammar can say, not only what was picked.
    fn everything() -> impl Iterator<Item = Pair> {
        grammar::TOPICS
            .iter()
            .flat_map(|(topic, _)| topic())
            .map(|draft| draft.finish())
    }

    #[test]
    fn the_grammar_translates_every_english_sentence_in_one_way() {
        let mut translations: HashMap<String, String> = everyday::phrases().into_iter().collect();
        let fixed = translations.len();
        assert_eq!(fixed, everyday::phrases().len());
        for (english, spanish) in everything() {
            for english in [contracted(&english), english] {
                let known = translations
                    .entry(english.clone())
                    .or_insert_with(|| spanish.clone());
                assert_eq!(*known, spanish, "{english}");
            }
        }
        assert!(translations.len() > 50_000, "{}", translations.len());
    }

    #[test]
    fn words_agree() {
        let all: HashMap<String, String> = everything().collect();
        for (english, spanish) in [
            ("My mother is tired.", "Mi madre está cansada."),
            ("The children were not sick yesterday.", ""),
            (
                "These shoes are very expensive.",
                "Estos zapatos son muy caros.",
            ),
            ("This house is not big.", "Esta casa no es grande."),
            ("He has an old bicycle.", "Él tiene una bicicleta vieja."),
            ("Those glasses are new.", "Esas gafas son nuevas."),
            ("My daughter is a doctor.", ""),
            ("Ana is a doctor.", "Ana es médica."),
            (
                "Does your brother want to be a nurse?",
                "¿Tu hermano quiere ser enfermero?",
            ),
            ("We are going to the market.", "Vamos al mercado."),
            (
                "The bank is next to the hotel.",
                "El banco está al lado del hotel.",
            ),
            (
                "My parents like oranges.",
                "A mis padres les gustan las naranjas.",
            ),
            ("She does not like to swim.", "A ella no le gusta nadar."),
            ("The water is cold.", "El agua está fría."),
            ("It is one o'clock.", "Es la una."),
            ("It is half past two.", "Son las dos y media."),
            ("I am looking for the doctor.", "Estoy buscando al médico."),
            ("Do you know Ana?", "¿Conoces a Ana?"),
            ("Do not open the window.", "No abras la ventana."),
            ("Are you very hungry?", "¿Tienes mucha hambre?"),
            ("How many shirts do you have?", "¿Cuántas camisas tienes?"),
            ("Are the children drinking wine?", ""),
        ] {
            let found = all.get(english).map_or("", String::as_str);
            assert_eq!(found, spanish, "{english}");
        }
    }

    #[test]
    fn rare_words_are_taken_out() {
        let mut book = vec![("Rare.".to_string(), "Raro.".to_string())];
        book.extend(vec![
            ("Go home.".to_string(), "Ve a casa.".to_string());
            LEARNABLE
        ]);
        book.push(("Go away.".into(), "Ve de aquí.".into()));
        drop_rare_words(&mut book, 1);
        assert_eq!(book.len(), 1 + LEARNABLE);
    }
}
