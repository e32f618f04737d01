//! Running text as batches: contiguous streams for truncated back-propagation, or windows.

use std::ops::Range;

/// Token ids of running text, each with the style of its document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    pub ids: Vec<u32>,
    /// Documents one after the other: where each begins in `ids`, and its style.
    documents: Vec<(usize, usize)>,
}

impl Tokens {
    /// Adds a document in a style.
    pub fn push(&mut self, ids: &[u32], style: usize) {
        self.documents.push((self.ids.len(), style));
        self.ids.extend_from_slice(ids);
    }

    /// The style of a position; 0 past the end of no documents at all.
    pub fn style(&self, position: usize) -> usize {
        let after = self
            .documents
            .partition_point(|&(start, _)| start <= position);
        self.documents[..after]
            .last()
            .map_or(0, |&(_, style)| style)
    }

    /// Where each document begins and ends.
    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = self.documents.iter().map(|&(start, _)| start);
        let ends = starts.clone().skip(1).chain([self.ids.len()]);
        starts.zip(ends).map(|(start, end)| start..end)
    }
}

/// Streams hold at least so many steps, if the text does.
const FEWEST_STEPS: usize = 4;

/// A text cut into streams of equal length that are read side by side, so many tokens at a time: a
/// recurrent network goes on in each stream where it was, and gradients reach back over one step
/// only (Mikolov et al. 2010). Every position predicts the next token.
///
/// Fewer streams than asked for where the text is short, so that there is something to carry over; what
/// is left over at the end of the text, less than one token a stream, is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    count: usize,
    length: usize,
    window: usize,
    whole: bool,
}

impl Streams {
    /// Streams through a text of so many tokens, `window` of them a step. `whole` leaves a last step
    /// out that would be shorter than the others, unless it is the only one.
    pub fn new(tokens: usize, count: usize, window: usize, whole: bool) -> Self {
        // The last token is only ever predicted.
        let inputs = tokens.saturating_sub(1);
        let window = window.max(1);
        let count = count.min(inputs / window / FEWEST_STEPS).max(1);
        let length = inputs / count;
        Self {
            count,
            length,
            window,
            whole: whole && length >= window,
        }
    }

    /// How many streams there are: the rows of a batch.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many steps lead through the text.
    pub fn steps(&self) -> usize {
        if self.whole {
            self.length / self.window
        } else {
            self.length.div_ceil(self.window)
        }
    }

    /// Where each stream stands at the start of a step.
    pub fn starts(&self, step: usize) -> Vec<usize> {
        let from = (step * self.window).min(self.length);
        (0..self.count)
            .map(|stream| stream * self.length + from)
            .collect()
    }

    /// How many tokens each stream reads in the step that begins at these positions, at most `window`,
    /// in a text of so many tokens: the last step through it may be shorter.
    pub fn step_length(starts: &[usize], window: usize, tokens: usize) -> usize {
        // The first stream begins at 0, and the second where the first one ends.
        let from = starts.first().copied().unwrap_or(0);
        let length = starts
            .get(1)
            .map_or(tokens.saturating_sub(1), |second| second - from);
        window.min(length - from.min(length))
    }
}

/// Windows of `length` tokens that predict the one token behind them: where each begins, every
/// `stride` tokens. No window reaches over the end of a document.
pub fn windows(tokens: &Tokens, length: usize, stride: usize) -> Vec<usize> {
    let starts = |document: Range<usize>| {
        let end = document.end.saturating_sub(length);
        (document.start..end).step_by(stride.max(1))
    };
    tokens.ranges().flat_map(starts).collect()
}

/// Where a document of so many tokens is cut into training, validation and test part: the
/// validation part is its tail, but for the test part, which comes last.
///
/// The shares are rounded; a document of at least 10 tokens has at least one token in each part that
/// is asked for, and the training part is never empty.
pub fn tails(length: usize, validation_share: f64, test_share: f64) -> [Range<usize>; 3] {
    let wanted = |share: f64| {
        let least = usize::from(share > 0.0 && length >= 10);
        // A negative share or one that is not a number becomes 0.
        ((length as f64 * share).round() as usize).max(least)
    };
    let spare = length.saturating_sub(1);
    let test = wanted(test_share).min(spare);
    let validation = wanted(validation_share).min(spare - test);
    let (first, second) = (length - test - validation, length - test);
    [0..first, first..second, second..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The positions that each stream reads in each step.
    fn read(tokens: usize, streams: Streams, window: usize) -> Vec<Vec<Range<usize>>> {
        let step = |step: usize| {
            let starts = streams.starts(step);
            let length = Streams::step_length(&starts, window, tokens);
            let range = |start: usize| start..start + length;
            starts.into_iter().map(range).collect()
        };
        (0..streams.steps()).map(step).collect()
    }

    #[test]
    fn streams_go_on_where_they_were() {
        // 27 tokens: 26 inputs, two streams of 13.
        let streams = Streams::new(27, 2, 3, false);
        assert_eq!(
            read(27, streams, 3),
            [
                [0..3, 13..16],
                [3..6, 16..19],
                [6..9, 19..22],
                [9..12, 22..25],
                [12..13, 25..26]
            ]
        );
        let whole = Streams::new(27, 2, 3, true);
        assert_eq!(read(27, whole, 3), read(27, streams, 3)[..4]);
    }

    #[test]
    fn every_target_is_the_next_token_and_within_the_text() {
        for tokens in 0..60 {
            for count in [1, 2, 3, 50] {
                for window in [1, 5, 7, 100] {
                    let streams = Streams::new(tokens, count, window, false);
                    let steps = read(tokens, streams, window).into_iter();
                    let mut seen: Vec<usize> = steps.flatten().flatten().collect();
                    seen.sort_unstable();
                    assert!(seen.iter().copied().eq(0..seen.len()));
                    // At most one token a stream is left over.
                    assert!(seen.len() < tokens.max(1) && seen.len() + streams.count() >= tokens);
                }
            }
        }
    }

    #[test]
    fn short_texts_make_fewer_streams() {
        assert_eq!(Streams::new(1_000, 50, 50, true).count(), 4);
        assert_eq!(Streams::new(51, 50, 50, true).count(), 1);
        assert_eq!(Streams::new(10_001, 50, 50, true).count(), 50);
        // Shorter than a window: what there is.
        let all = 0..10;
        assert_eq!(read(11, Streams::new(11, 50, 50, true), 50), [[all]]);
        assert!(read(1, Streams::new(1, 50, 50, true), 50).is_empty());
        assert!(read(0, Streams::new(0, 50, 50, false), 50).is_empty());
    }

    #[test]
    fn windows_stay_within_a_document() {
        let mut tokens = Tokens::default();
        tokens.push(&[1; 10], 0);
        tokens.push(&[2; 4], 1);
        tokens.push(&[3; 7], 0);
        // Each with one token behind it: 10 − 4 = 6 starts, none, and 3 starts; every second one.
        assert_eq!(windows(&tokens, 4, 2), [0, 2, 4, 14, 16]);
        assert_eq!(windows(&tokens, 4, 1).len(), 9);
        assert_eq!(windows(&tokens, 30, 1), [0; 0]);
        let styles: Vec<usize> = [0, 9, 10, 13, 14, 20, 99]
            .map(|position| tokens.style(position))
            .into();
        assert_eq!(styles, [0, 0, 1, 1, 0, 0, 0]);
        assert_eq!(Tokens::default().style(3), 0);
    }

    #[test]
    fn the_held_out_parts_are_the_tail() {
        assert_eq!(tails(100, 0.1, 0.0), [0..90, 90..100, 100..100]);
        assert_eq!(tails(100, 0.1, 0.05), [0..85, 85..95, 95..100]);
        assert_eq!(tails(10, 0.01, 0.01), [0..8, 8..9, 9..10]);
        assert_eq!(tails(9, 0.01, 0.01), [0..9, 9..9, 9..9]);
        assert_eq!(tails(1, 0.5, 0.5), [0..1, 1..1, 1..1]);
        assert_eq!(tails(0, 0.5, 0.5), [0..0, 0..0, 0..0]);
        assert_eq!(tails(4, f64::NAN, -1.0), [0..4, 4..4, 4..4]);
    }
}
