//! The tokens a model knows, and their ids.

use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Fills sequences up to the length of the longest in the batch.
pub const PAD: u32 = 0;
/// Stands for every token that is not in the vocabulary.
pub const UNK: u32 = 1;
/// The decoder's first input.
pub const START: u32 = 2;
/// The decoder's last output.
pub const END: u32 = 3;

const SPECIAL: [&str; 4] = ["<pad>", "<unk>", "<start>", "<end>"];

/// Token ids: the four special tokens, then tokens by falling frequency.
///
/// It is stored as the list of its tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Vocabulary {
    tokens: Vec<String>,
    ids: HashMap<String, u32>,
}

impl Vocabulary {
    /// Counts the tokens of all sentences and keeps the `limit` most frequent ones, besides the
    /// special tokens; of equally frequent ones, those that come first.
    pub fn build<'a>(sentences: impl IntoIterator<Item = &'a [String]>, limit: usize) -> Self {
        // Per token: how often, and when first seen.
        let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
        for token in sentences.into_iter().flatten() {
            let first = counts.len();
            counts.entry(token).or_insert((0, first)).0 += 1;
        }
        let mut counted: Vec<_> = counts.into_iter().collect();
        counted.sort_unstable_by_key(|&(_, (_, first))| first);
        Self::of_counts(
            counted
                .into_iter()
                .map(|(token, (count, _))| (token, count)),
            limit,
        )
    }

    /// Keeps the `limit` most frequent ones of distinct tokens, which come with their counts, besides
    /// the special tokens; of equally frequent ones, those that come first. What never occurs is left out.
    pub fn of_counts<'a>(counts: impl IntoIterator<Item = (&'a str, usize)>, limit: usize) -> Self {
        let mut counted: Vec<(&str, usize)> = counts
            .into_iter()
            .filter(|(token, count)| *count > 0 && !SPECIAL.contains(token))
            .collect();
        counted.sort_by_key(|&(_, count)| Reverse(count));
        let kept = counted.into_iter().take(limit).map(|(token, _)| token);
        Self::of(SPECIAL.into_iter().chain(kept).map(String::from).collect())
    }

    fn of(tokens: Vec<String>) -> Self {
        let ids = tokens.iter().cloned().zip(0..).collect();
        Self { tokens, ids }
    }

    /// The number of ids, special tokens included.
    #[expect(
        clippy::len_without_is_empty,
        reason = "the special tokens are always there"
    )]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The id of a token, if the vocabulary has it.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    /// The ids of tokens; [`UNK`] for those that the vocabulary does not have.
    pub fn encode<S: AsRef<str>>(&self, tokens: &[S]) -> Vec<u32> {
        tokens
            .iter()
            .map(|token| self.id(token.as_ref()).unwrap_or(UNK))
            .collect()
    }

    /// The token of an id; `<unk>` for an id that does not exist.
    pub fn token(&self, id: u32) -> &str {
        self.tokens
            .get(id as usize)
            .map_or(SPECIAL[UNK as usize], String::as_str)
    }

    /// The share of tokens in these sentences that the vocabulary has; 1 where there are no tokens.
    pub fn coverage<'a>(&self, sentences: impl IntoIterator<Item = &'a [String]>) -> f64 {
        let (mut known, mut all) = (0usize, 0usize);
        for token in sentences.into_iter().flatten() {
            known += usize::from(self.ids.contains_key(token));
            all += 1;
        }
        if all == 0 {
            1.0
        } else {
            known as f64 / all as f64
        }
    }
}

impl From<Vocabulary> for Vec<String> {
    fn from(vocabulary: Vocabulary) -> Self {
        vocabulary.tokens
    }
}

impl TryFrom<Vec<String>> for Vocabulary {
    type Error = String;

    /// Fails for a list that no vocabulary was stored as: without the special tokens, or with a
    /// token twice.
    fn try_from(tokens: Vec<String>) -> Result<Self, String> {
        if !tokens.iter().take(SPECIAL.len()).eq(SPECIAL.iter()) {
            return Err(format!(
                "a vocabulary must begin with {}",
                SPECIAL.join(" ")
            ));
        }
        let vocabulary = Self::of(tokens);
        if vocabulary.ids.len() != vocabulary.tokens.len() {
            return Err("a vocabulary must hold each token once".into());
        }
        Ok(vocabulary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(text: &[&str]) -> Vec<Vec<String>> {
        text.iter()
            .map(|sentence| sentence.split_whitespace().map(String::from).collect())
            .collect()
    }

    fn build(text: &[&str], limit: usize) -> Vocabulary {
        Vocabulary::build(sentences(text).iter().map(Vec::as_slice), limit)
    }

    #[test]
    fn ids_follow_frequency_then_first_appearance() {
        let vocabulary = build(&["b a c", "c d a", "c"], 3);
        let tokens: Vec<&str> = (0..vocabulary.len() as u32)
            .map(|id| vocabulary.token(id))
            .collect();
        assert_eq!(
            tokens,
            ["<pad>", "<unk>", "<start>", "<end>", "c", "a", "b"]
        );
        assert_eq!(vocabulary.encode(&["a", "d", "c"]), [5, UNK, 4]);
        assert_eq!((vocabulary.id("b"), vocabulary.id("d")), (Some(6), None));
        assert_eq!(vocabulary.token(99), "<unk>");
    }

    #[test]
    fn coverage_counts_tokens() {
        let text = ["b a c", "c d a", "c"];
        let coverage = |limit| {
            let sentences = sentences(&text);
            build(&text, limit).coverage(sentences.iter().map(Vec::as_slice))
        };
        assert_eq!(coverage(2), 5.0 / 7.0);
        assert_eq!(coverage(100), 1.0);
        assert_eq!(build(&[], 5).coverage([]), 1.0);
    }

    #[test]
    fn special_tokens_in_text_are_not_counted_twice() {
        let vocabulary = build(&["<unk> <unk> a"], 10);
        assert_eq!(vocabulary.len(), 5);
        assert_eq!(vocabulary.id("<unk>"), Some(UNK));
    }

    #[test]
    fn it_survives_storage_and_refuses_damage() {
        let vocabulary = build(&["uno dos dos"], 10);
        let stored = serde_json::to_string(&vocabulary).unwrap();
        assert_eq!(
            serde_json::from_str::<Vocabulary>(&stored).unwrap(),
            vocabulary
        );
        assert!(serde_json::from_str::<Vocabulary>(r#"["a","b"]"#).is_err());
        assert!(serde_json::from_str::<Vocabulary>(&stored.replace("uno", "dos")).is_err());
    }
}
