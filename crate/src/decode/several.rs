//! Several answers to one sentence, drawn at random side by side.

use super::{Sampled, Sampling, StepModel, sample};
use crate::error::Result;
use crate::rng::Rng;

/// How to draw, and the token ids that mean something to it.
#[derive(Clone, Debug)]
pub struct SeveralOptions {
    /// Answers drawn at once.
    pub count: usize,
    /// How the first token is drawn.
    pub first: Sampling,
    /// How all others are.
    pub rest: Sampling,
    /// An answer is cut after so many tokens, `<end>` included.
    pub max_output: usize,
    /// Read first.
    pub start: u32,
    /// Finishes an answer.
    pub end: u32,
}

/// An answer that was drawn, or the beginning of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    /// The tokens in order; `<end>` is the last one where it was reached.
    pub tokens: Vec<Sampled>,
    /// Whether `<end>` was reached.
    pub finished: bool,
}

impl Drawn {
    /// e to the mean surprise of a token, `<end>` included: between how many equally likely tokens the
    /// network chose, on average. 1 for an answer without tokens.
    pub fn perplexity(&self) -> f64 {
        let surprise = |token: &Sampled| -f64::from(token.probability.max(f32::MIN_POSITIVE).ln());
        let sum: f64 = self.tokens.iter().map(surprise).sum();
        (sum / self.tokens.len().max(1) as f64).exp()
    }
}

/// Draws `count` answers, independently of each other: one batch row each, so that they take the time of one.
///
/// `on_partial` is called after each step with all of them as far as they have come.
///
/// # Errors
/// Those of the model.
pub async fn draw_several(
    model: &mut impl StepModel,
    options: &SeveralOptions,
    rng: &mut Rng,
    mut on_partial: impl FnMut(&[Drawn]),
) -> Result<Vec<Drawn>> {
    let mut drawn = vec![Drawn::default(); options.count];
    // The answers under way, and where each stood in the last step.
    let mut open: Vec<usize> = (0..options.count).collect();
    let (mut parents, mut tokens) = (vec![0], vec![options.start]);
    for step in 0..options.max_output {
        if open.is_empty() {
            break;
        }
        let sampling = if step == 0 {
            options.first
        } else {
            options.rest
        };
        let rows = model.step(&parents, &tokens).await?;
        (parents, tokens) = (Vec::new(), Vec::new());
        let mut still_open = Vec::new();
        for (place, &answer) in open.iter().enumerate() {
            // All answers begin in the one row that the sentence left.
            let row = if step == 0 { 0 } else { place };
            let sampled = sample(&rows[row], &sampling, rng);
            drawn[answer].tokens.push(sampled);
            if sampled.token == options.end {
                drawn[answer].finished = true;
            } else {
                parents.push(row);
                tokens.push(sampled.token);
                still_open.push(answer);
            }
        }
        open = still_open;
        on_partial(&drawn);
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;
    use std::task::{Context, Poll, Waker};

    const END: u32 = 3;
    const ALL: Sampling = Sampling {
        temperature: 1.0,
        top_k: 0,
        top_p: 1.0,
    };

    /// Says 4, 5 or 6 with equal probability, then as often again what it said first, then ends.
    #[derive(Default)]
    struct Echo {
        said: Vec<Vec<u32>>,
        rows: Vec<usize>,
    }

    impl StepModel for Echo {
        async fn step(&mut self, parents: &[usize], tokens: &[u32]) -> Result<Vec<Vec<f32>>> {
            let former = std::mem::take(&mut self.said);
            self.rows.push(parents.len());
            let mut rows = Vec::new();
            for (&parent, &token) in parents.iter().zip(tokens) {
                let mut said = former.get(parent).cloned().unwrap_or_default();
                said.push(token);
                let mut probabilities = [0.0f32; 7];
                match said.get(1) {
                    None => probabilities[4..].fill(1.0 / 3.0),
                    Some(&first) if said.len() as u32 <= first - 3 => {
                        probabilities[first as usize] = 1.0;
                    }
                    Some(_) => probabilities[END as usize] = 1.0,
                }
                rows.push(probabilities.map(f32::ln).to_vec());
                self.said.push(said);
            }
            Ok(rows)
        }
    }

    fn draw(count: usize, max_output: usize, first: Sampling) -> (Vec<Drawn>, Vec<usize>) {
        let options = SeveralOptions {
            count,
            first,
            rest: ALL,
            max_output,
            start: 2,
            end: END,
        };
        let mut model = Echo::default();
        let mut rng = Rng::new(1, Stream::Sampling);
        let mut partial = Vec::new();
        let drawn = {
            let drawing = draw_several(&mut model, &options, &mut rng, |drawn| {
                partial = drawn.to_vec();
            });
            let drawing = std::pin::pin!(drawing);
            match drawing.poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(drawn) => drawn.unwrap(),
                Poll::Pending => panic!("nothing waits"),
            }
        };
        assert_eq!(drawn, partial);
        (drawn, model.rows)
    }

    #[test]
    fn every_answer_goes_on_from_its_own_row() {
        let (drawn, rows) = draw(40, 9, ALL);
        let mut firsts = std::collections::HashSet::new();
        for answer in &drawn {
            let tokens: Vec<u32> = answer.tokens.iter().map(|sampled| sampled.token).collect();
            let first = tokens[0];
            firsts.insert(first);
            // 4 is said once, 5 twice, 6 three times.
            let mut expected = vec![first; first as usize - 3];
            expected.push(END);
            assert_eq!(tokens, expected);
            assert!(answer.finished);
            // One choice among three, all else certain.
            let perplexity = 3f64.powf(1.0 / tokens.len() as f64);
            assert!((answer.perplexity() - perplexity).abs() < 1e-6);
            assert!((answer.tokens[0].entropy - 3f32.log2()).abs() < 1e-5);
        }
        assert_eq!(firsts.len(), 3);
        // The first step is one row for all; finished answers take no part any more.
        assert_eq!(rows[..2], [1, 40]);
        assert!(rows[2] < 40 && rows[3] < rows[2], "{rows:?}");
    }

    #[test]
    fn the_first_token_has_a_sampling_of_its_own_and_long_answers_are_cut() {
        let greedy = Sampling {
            temperature: 0.0,
            ..ALL
        };
        let (drawn, _) = draw(5, 9, greedy);
        assert!(drawn.iter().all(|answer| answer.tokens[0].token == 4));
        let (drawn, rows) = draw(8, 1, ALL);
        assert!(
            drawn
                .iter()
                .all(|answer| answer.tokens.len() == 1 && !answer.finished)
        );
        assert_eq!(rows, [1]);
        assert!(draw(0, 9, ALL).0.is_empty());
        assert_eq!(Drawn::default().perplexity(), 1.0);
    }
}
