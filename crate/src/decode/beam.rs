//! Beam search (Graves 2012; Sutskever et al. 2014) with length-normalised scores.

use super::{Hypothesis, StepModel, TokenChoice};
use crate::error::{Error, ErrorCode, Result};

/// The number of likely tokens that are kept for each choice, to show them.
const ALTERNATIVES: usize = 5;

/// How to search, and the token ids that mean something to the search.
#[derive(Clone, Debug)]
pub struct BeamOptions {
    /// Hypotheses followed at once. With 1 the likeliest token is taken until it is `<end>`.
    pub width: usize,
    /// Hypotheses compete by log probability / length ^ `length_penalty`: 0 compares
    /// probabilities, 1 the mean log probability of a token.
    pub length_penalty: f64,
    /// A hypothesis is cut after so many tokens, `<end>` included.
    pub max_output: usize,
    /// Read first, never chosen.
    pub start: u32,
    /// Finishes a hypothesis.
    pub end: u32,
    /// Never chosen.
    pub pad: u32,
}

/// Searches for likely token sequences and returns up to `width` of them, the best score first.
///
/// Each step keeps the `width` likeliest of all continuations of all hypotheses; those that end in
/// `<end>` are finished, the others live on. The search is over when no hypothesis lives, after
/// `max_output` steps, or as soon as there are `width` finished ones and none of the living could
/// enter among them by ending in the next step with certainty. (A longer way round might, where
/// `length_penalty` is above 0, but following it seldom pays.) If any hypothesis was finished, only
/// finished ones are returned.
///
/// `on_partial` is called after each step with the best hypotheses so far, finished or not.
///
/// # Errors
/// Those of the model; [`ErrorCode::State`] if a log probability is not a number.
pub async fn beam_search(
    model: &mut impl StepModel,
    options: &BeamOptions,
    mut on_partial: impl FnMut(&[Hypothesis]),
) -> Result<Vec<Hypothesis>> {
    let width = options.width.max(1);
    let mut finished: Vec<Hypothesis> = Vec::new();
    let mut living = vec![Hypothesis::default()];
    let (mut parents, mut tokens) = (vec![0], vec![options.start]);

    for _ in 0..options.max_output {
        let mut likeliest = Vec::new();
        for log_probabilities in model.step(&parents, &tokens).await? {
            likeliest.push(rank(&log_probabilities, width.max(ALTERNATIVES), options)?);
        }

        let mut continuations = Vec::new();
        for (row, (hypothesis, ranked)) in living.iter().zip(&likeliest).enumerate() {
            for &(token, log_probability) in &ranked[..width.min(ranked.len())] {
                let sum = hypothesis.log_probability + f64::from(log_probability);
                continuations.push((row, token, log_probability, sum));
            }
        }
        continuations.sort_by(|a, b| b.3.total_cmp(&a.3));
        continuations.truncate(width);

        let mut next = Vec::new();
        (parents, tokens) = (Vec::new(), Vec::new());
        for (row, token, log_probability, sum) in continuations {
            let mut hypothesis = living[row].clone();
            hypothesis.log_probability = sum;
            hypothesis.score = normalise(sum, hypothesis.steps.len() + 1, options);
            if token == options.end {
                hypothesis.finished = true;
                finished.push(hypothesis);
                continue;
            }
            let top = likeliest[row].iter().take(ALTERNATIVES);
            hypothesis.steps.push(TokenChoice {
                token,
                probability: log_probability.exp(),
                top: top.map(|&(token, log)| (token, log.exp())).collect(),
                row,
            });
            next.push(hypothesis);
            parents.push(row);
            tokens.push(token);
        }
        living = next;
        keep_best(&mut finished, width);

        let mut partial: Vec<_> = finished.iter().chain(&living).cloned().collect();
        keep_best(&mut partial, width);
        on_partial(&partial);

        // All living hypotheses are of the same length, the likeliest first.
        let Some(likeliest) = living.first() else {
            break;
        };
        let reachable = normalise(
            likeliest.log_probability,
            likeliest.steps.len() + 1,
            options,
        );
        if finished.len() == width && finished[width - 1].score >= reachable {
            break;
        }
    }
    Ok(if finished.is_empty() {
        living
    } else {
        finished
    })
}

/// The score of a hypothesis with so many tokens, `<end>` included.
fn normalise(log_probability: f64, length: usize, options: &BeamOptions) -> f64 {
    log_probability / (length as f64).powf(options.length_penalty)
}

/// Sorts by score, the best first, and drops what is beyond the beam width.
fn keep_best(hypotheses: &mut Vec<Hypothesis>, width: usize) {
    hypotheses.sort_by(|a, b| b.score.total_cmp(&a.score));
    hypotheses.truncate(width);
}

/// The likeliest tokens that may be chosen, at most so many, with their log probabilities, the
/// likeliest first and the lower id first among equals.
fn rank(log_probabilities: &[f32], count: usize, options: &BeamOptions) -> Result<Vec<(u32, f32)>> {
    let mut ranked: Vec<(u32, f32)> = Vec::with_capacity(count + 1);
    for (token, &log_probability) in (0..).zip(log_probabilities) {
        if log_probability.is_nan() {
            let message = "The network's probabilities are not numbers any more: its weights have \
                           grown out of range. Start a new run with a lower learning rate.";
            return Err(Error::new(ErrorCode::State, message));
        }
        let full = ranked.len() == count;
        let too_low = full && ranked.last().is_some_and(|last| last.1 >= log_probability);
        if too_low || token == options.pad || token == options.start {
            continue;
        }
        let place = ranked.partition_point(|other| other.1 >= log_probability);
        ranked.insert(place, (token, log_probability));
        ranked.truncate(count);
    }
    Ok(ranked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// A language model whose next token depends on the last two, given as a table
    /// `[token before last][last token][next token]` of log probabilities. Its state is the last
    /// token it read, so that a row continued from the wrong parent gives itself away.
    struct Table {
        table: Vec<Vec<Vec<f32>>>,
        rows: Vec<u32>,
        /// What each call returned.
        calls: Vec<Vec<Vec<f32>>>,
    }

    impl Table {
        fn new(table: Vec<Vec<Vec<f32>>>, start: u32) -> Self {
            Self {
                table,
                rows: vec![start],
                calls: Vec::new(),
            }
        }
    }

    impl StepModel for Table {
        async fn step(&mut self, parents: &[usize], tokens: &[u32]) -> Result<Vec<Vec<f32>>> {
            assert_eq!(parents.len(), tokens.len());
            let rows = parents.iter().zip(tokens);
            let answer: Vec<_> = rows
                .map(|(&row, &token)| self.table[self.rows[row] as usize][token as usize].clone())
                .collect();
            self.rows = tokens.to_vec();
            self.calls.push(answer.clone());
            Ok(answer)
        }
    }

    /// Runs a future that never has to wait.
    fn ready<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("the toy model never waits"),
        }
    }

    #[derive(Deserialize)]
    struct Oracle {
        pad: u32,
        start: u32,
        end: u32,
        table: Vec<Vec<Vec<f32>>>,
        searches: Vec<Search>,
        exhaustive: Vec<Search>,
    }

    #[derive(Deserialize)]
    struct Search {
        width: usize,
        length_penalty: f64,
        max_output: usize,
        hypotheses: Vec<Expected>,
        /// How often the model was asked.
        #[serde(default)]
        calls: usize,
    }

    #[derive(Deserialize)]
    struct Expected {
        tokens: Vec<u32>,
        log_probability: f64,
        score: f64,
        finished: bool,
    }

    fn oracle() -> Oracle {
        serde_json::from_str(include_str!("../../../tests/native/oracle/beam.json")).unwrap()
    }

    impl Oracle {
        fn options(&self, width: usize, length_penalty: f64, max_output: usize) -> BeamOptions {
            let &Self {
                pad, start, end, ..
            } = self;
            BeamOptions {
                width,
                length_penalty,
                max_output,
                start,
                end,
                pad,
            }
        }

        fn model(&self) -> Table {
            Table::new(self.table.clone(), self.start)
        }

        fn search(&self, options: &BeamOptions) -> Vec<Hypothesis> {
            ready(beam_search(&mut self.model(), options, |_| {})).unwrap()
        }
    }

    fn assert_same(found: &[Hypothesis], search: &Search) {
        let name = format!(
            "width {}, length penalty {}, {} tokens",
            search.width, search.length_penalty, search.max_output
        );
        assert_eq!(found.len(), search.hypotheses.len(), "{name}");
        for (found, expected) in found.iter().zip(&search.hypotheses) {
            assert_eq!(found.tokens(), expected.tokens, "{name}");
            assert!(
                (found.log_probability - expected.log_probability).abs() < 1e-5,
                "{name}"
            );
            assert!((found.score - expected.score).abs() < 1e-5, "{name}");
            assert_eq!(found.finished, expected.finished, "{name}");
        }
    }

    #[test]
    fn equals_the_reference_search() {
        let oracle = oracle();
        for search in &oracle.searches {
            let options = oracle.options(search.width, search.length_penalty, search.max_output);
            let mut model = oracle.model();
            let found = ready(beam_search(&mut model, &options, |_| {})).unwrap();
            assert_same(&found, search);
            assert_eq!(model.calls.len(), search.calls, "{options:?}");
        }
    }

    #[test]
    fn a_wide_beam_finds_what_exhaustive_search_finds() {
        let oracle = oracle();
        for search in &oracle.exhaustive {
            let options = oracle.options(search.width, search.length_penalty, search.max_output);
            let mut found = oracle.search(&options);
            found.truncate(search.hypotheses.len());
            assert_same(&found, search);
        }
    }

    #[test]
    fn width_one_is_greedy() {
        let oracle = oracle();
        let (mut before, mut last, mut tokens) = (oracle.start, oracle.start, Vec::new());
        for _ in 0..12 {
            let row = &oracle.table[before as usize][last as usize];
            let allowed = (0..)
                .zip(row)
                .filter(|&(t, _)| t != oracle.pad && t != oracle.start);
            let (token, _) = allowed.max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
            if token == oracle.end {
                break;
            }
            tokens.push(token);
            (before, last) = (last, token);
        }
        assert!(!tokens.is_empty());
        for length_penalty in [0.0, 1.0, 2.0] {
            let found = oracle.search(&oracle.options(1, length_penalty, 12));
            assert_eq!(found.len(), 1);
            assert!(found[0].finished);
            assert_eq!(found[0].tokens(), tokens);
        }
    }

    #[test]
    fn a_beam_beats_greedy_on_this_table() {
        let oracle = oracle();
        for length_penalty in [0.0, 1.0] {
            let greedy = &oracle.search(&oracle.options(1, length_penalty, 8))[0];
            let beam = &oracle.search(&oracle.options(5, length_penalty, 8))[0];
            assert!(beam.score > greedy.score, "length penalty {length_penalty}");
        }
    }

    #[test]
    fn steps_tell_where_they_come_from() {
        let oracle = oracle();
        let mut model = oracle.model();
        let options = oracle.options(4, 1.0, 8);
        let found = ready(beam_search(&mut model, &options, |_| {})).unwrap();
        assert!(
            found
                .iter()
                .any(|hypothesis| hypothesis.steps.iter().any(|step| step.row > 0))
        );
        for hypothesis in found {
            let (mut before, mut last) = (oracle.start, oracle.start);
            for (step, call) in hypothesis.steps.iter().zip(&model.calls) {
                let row = &oracle.table[before as usize][last as usize];
                assert_eq!(&call[step.row], row);
                assert_eq!(step.probability, row[step.token as usize].exp());
                assert_eq!(step.top.len(), 5);
                assert!(step.top.is_sorted_by(|a, b| a.1 >= b.1));
                assert!(
                    step.top
                        .iter()
                        .all(|&(t, _)| t != oracle.pad && t != oracle.start)
                );
                (before, last) = (last, step.token);
            }
        }
    }

    #[test]
    fn partial_results_grow_by_one_token_a_step() {
        let oracle = oracle();
        let mut partials = Vec::new();
        let (mut model, options) = (oracle.model(), oracle.options(1, 1.0, 12));
        let search = beam_search(&mut model, &options, |best| partials.push(best[0].tokens()));
        let tokens = ready(search).unwrap()[0].tokens();
        let expected = (1..=tokens.len()).map(|length| tokens[..length].to_vec());
        assert_eq!(
            partials,
            expected.chain([tokens.clone()]).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_log_probability_that_is_not_a_number_is_an_error() {
        let mut oracle = oracle();
        oracle.table[oracle.start as usize][oracle.start as usize][5] = f32::NAN;
        let (mut model, options) = (oracle.model(), oracle.options(3, 1.0, 8));
        let search = beam_search(&mut model, &options, |_| {});
        assert_eq!(ready(search).unwrap_err().code, ErrorCode::State);
    }

    #[test]
    fn odd_requests_do_not_panic() {
        let oracle = oracle();
        let nothing = oracle.search(&oracle.options(3, 1.0, 0));
        assert_eq!(nothing, [Hypothesis::default()]);
        assert_eq!(oracle.search(&oracle.options(0, 1.0, 8)).len(), 1);

        let impossible = vec![vec![vec![f32::NEG_INFINITY; 7]; 7]; 7];
        let mut model = Table::new(impossible, oracle.start);
        let found = ready(beam_search(&mut model, &oracle.options(2, 1.0, 3), |_| {})).unwrap();
        assert_eq!(found[0].score, f64::NEG_INFINITY);
    }
}
