//! What of a sample stands in a text word for word: the measure of learning by heart.

use std::ops::Range;

/// The stretches of a sample that stand in a text as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verbatim {
    /// The longest one, in tokens; empty if the two share no token.
    pub longest: Range<usize>,
    /// All that are long enough, in order; where two overlap, they are one range.
    pub stretches: Vec<Range<usize>>,
}

/// Finds the stretches of `sample` of at least `shortest` tokens that stand in `text` as they are.
/// A token that is `never` the same as another one, such as `<unk>`, ends a stretch.
///
/// The text is read once from front to end, and nothing of its size is kept: it is the sample that
/// is indexed, as a suffix automaton (Blumer et al. 1985).
pub fn verbatim(sample: &[u32], text: &[u32], shortest: usize, never: Option<u32>) -> Verbatim {
    let mut automaton = Automaton::new(sample);
    automaton.read(text, never);
    let ends = automaton.longest_ends(sample);
    let mut found = Verbatim::default();
    for (end, length) in (1..).zip(ends) {
        let range = end - length..end;
        if length > found.longest.len() {
            found.longest = range.clone();
        }
        if length < shortest.max(1) {
            continue;
        }
        match found.stretches.last_mut() {
            Some(last) if range.start < last.end => {
                last.start = last.start.min(range.start);
                last.end = end;
            }
            _ => found.stretches.push(range),
        }
    }
    found
}

/// Stands for the link of the root.
const NONE: usize = usize::MAX;

/// All substrings of a sample that end at the same places: a state of its suffix automaton.
struct State {
    /// The longest of them.
    length: usize,
    /// The state of the longest suffix that also ends elsewhere.
    link: usize,
    /// By token, to the state of these substrings with that token behind them.
    next: Vec<(u32, usize)>,
    /// The longest of them that was found in the text.
    found: usize,
}

impl State {
    fn next(&self, token: u32) -> Option<usize> {
        let edge = self.next.iter().find(|&&(label, _)| label == token);
        edge.map(|&(_, state)| state)
    }

    fn set(&mut self, token: u32, state: usize) {
        match self.next.iter_mut().find(|(label, _)| *label == token) {
            Some((_, target)) => *target = state,
            None => self.next.push((token, state)),
        }
    }
}

struct Automaton {
    states: Vec<State>,
    /// The root's edges by token id, for it has one for every token of the sample.
    first: Vec<usize>,
}

impl Automaton {
    /// Indexes all substrings of a sample, in at most two states a token.
    fn new(sample: &[u32]) -> Self {
        let root = State {
            length: 0,
            link: NONE,
            next: Vec::new(),
            found: 0,
        };
        let largest = sample.iter().max().map_or(0, |&token| token as usize + 1);
        let mut automaton = Self {
            states: vec![root],
            first: vec![NONE; largest],
        };
        let mut last = 0;
        for &token in sample {
            last = automaton.push(last, token);
        }
        automaton
    }

    fn next(&self, state: usize, token: u32) -> Option<usize> {
        if state > 0 {
            return self.states[state].next(token);
        }
        let state = self.first.get(token as usize).copied();
        state.filter(|&state| state != NONE)
    }

    fn set(&mut self, state: usize, token: u32, target: usize) {
        if state > 0 {
            self.states[state].set(token, target);
        } else {
            self.first[token as usize] = target;
        }
    }

    /// Adds a token behind the whole sample so far, which is state `last`.
    fn push(&mut self, last: usize, token: u32) -> usize {
        let new = self.states.len();
        self.states.push(State {
            length: self.states[last].length + 1,
            link: 0,
            next: Vec::new(),
            found: 0,
        });
        let mut state = last;
        while state != NONE {
            let Some(target) = self.next(state, token) else {
                self.set(state, token, new);
                state = self.states[state].link;
                continue;
            };
            self.states[new].link = self.with_length(state, token, target);
            break;
        }
        new
    }

    /// The state of the longest substring of `state` with `token` behind it: `target`, or one split
    /// off from it.
    fn with_length(&mut self, state: usize, token: u32, target: usize) -> usize {
        let length = self.states[state].length + 1;
        if self.states[target].length == length {
            return target;
        }
        let split = self.states.len();
        self.states.push(State {
            length,
            link: self.states[target].link,
            next: self.states[target].next.clone(),
            found: 0,
        });
        self.states[target].link = split;
        let mut state = state;
        while state != NONE && self.next(state, token) == Some(target) {
            self.set(state, token, split);
            state = self.states[state].link;
        }
        split
    }

    /// Walks along a text and notes in each state how much of it was there.
    fn read(&mut self, text: &[u32], never: Option<u32>) {
        let (mut state, mut length) = (0, 0);
        for &token in text {
            if Some(token) == never {
                (state, length) = (0, 0);
                continue;
            }
            let next = loop {
                match self.next(state, token) {
                    None if state > 0 => {
                        state = self.states[state].link;
                        length = self.states[state].length;
                    }
                    next => break next,
                }
            };
            if let Some(next) = next {
                (state, length) = (next, length + 1);
                let found = &mut self.states[state].found;
                *found = (*found).max(length);
            }
        }
    }

    /// For each token of the sample, the length of the longest stretch of the text that ends there.
    fn longest_ends(mut self, sample: &[u32]) -> Vec<usize> {
        let mut order: Vec<usize> = (1..self.states.len()).collect();
        order.sort_unstable_by_key(|&state| self.states[state].length);
        // What was found of a state contains all of its suffixes …
        for &state in order.iter().rev() {
            let link = self.states[state].link;
            if self.states[state].found > 0 && link > 0 {
                self.states[link].found = self.states[link].length;
            }
        }
        // … and where nothing was found of a state, its suffixes are what is left.
        for &state in &order {
            if self.states[state].found == 0 {
                self.states[state].found = self.states[self.states[state].link].found;
            }
        }
        let mut state = 0;
        let mut ends = Vec::with_capacity(sample.len());
        for &token in sample {
            state = self.next(state, token).unwrap_or(0);
            ends.push(self.states[state].found);
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, Stream};

    fn ids(text: &str) -> Vec<u32> {
        text.chars().map(u32::from).collect()
    }

    fn marked(sample: &str, text: &str, shortest: usize) -> (String, Vec<String>) {
        let found = verbatim(&ids(sample), &ids(text), shortest, None);
        let part = |range: &Range<usize>| {
            let chars: Vec<char> = sample.chars().collect();
            chars[range.clone()].iter().collect::<String>()
        };
        (
            part(&found.longest),
            found.stretches.iter().map(part).collect(),
        )
    }

    #[test]
    fn stretches_of_a_book_are_found_in_a_sample() {
        let book = "call me ishmael. some years ago, never mind how long";
        assert_eq!(
            marked("please call me ahab, some years gone", book, 8),
            (
                " some years ".into(),
                vec!["call me ".into(), " some years ".into()]
            )
        );
        assert_eq!(
            marked("please call me ahab. some years gone", book, 8),
            (
                ". some years ".into(),
                vec!["call me ".into(), ". some years ".into()]
            )
        );
        assert_eq!(marked(book, book, 1), (book.into(), vec![book.into()]));
        assert_eq!(marked("xyz", "abc", 1), (String::new(), vec![]));
        assert_eq!(marked("", "abc", 1), (String::new(), vec![]));
        assert_eq!(marked("abc", "", 1), (String::new(), vec![]));
    }

    #[test]
    fn an_unknown_token_is_never_the_same() {
        let found = verbatim(&[5, 6, 1, 7, 8], &[5, 6, 1, 7, 8, 9], 1, Some(1));
        assert_eq!(found.stretches, [0..2, 3..5]);
    }

    /// The longest stretch of the text that ends at each token, by looking everywhere.
    fn brute_force(sample: &[u32], text: &[u32]) -> Vec<usize> {
        let stands = |part: &[u32]| text.windows(part.len()).any(|window| window == part);
        let longest = |end: usize| {
            let starts = (0..end).find(|&start| stands(&sample[start..end]));
            starts.map_or(0, |start| end - start)
        };
        (1..=sample.len()).map(longest).collect()
    }

    #[test]
    fn random_texts_give_what_looking_everywhere_gives() {
        let mut rng = Rng::new(1, Stream::Sampling);
        for round in 0..400 {
            let letters = 1 + round % 4;
            let mut draw = |length: usize| -> Vec<u32> {
                let length = rng.below(length);
                (0..length).map(|_| rng.below(letters) as u32).collect()
            };
            let (sample, text) = (draw(30), draw(60));
            let mut automaton = Automaton::new(&sample);
            automaton.read(&text, None);
            assert_eq!(
                automaton.longest_ends(&sample),
                brute_force(&sample, &text),
                "{sample:?} in {text:?}"
            );
        }
    }
}
