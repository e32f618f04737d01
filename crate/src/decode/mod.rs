//! From probabilities to a sentence. The recurrent state stays on the device, a batch row for each
//! hypothesis; the choice among tokens is made here, on the host.

mod beam;
mod sample;
mod seq2seq;
mod several;

pub use beam::{BeamOptions, beam_search};
pub use sample::{Sampled, Sampling, entropy, log_probabilities, sample};
pub use seq2seq::{AttentionSteps, Decoder, greedy, id_tensor};
pub use several::{Drawn, SeveralOptions, draw_several};

use crate::error::Result;

/// A decoder that continues several hypotheses at once and keeps their state on the device.
///
/// A fresh one holds a single row: the state that the encoder left for the sentence.
pub trait StepModel {
    /// Feeds one token to each hypothesis.
    ///
    /// New row i takes the state of row `parents[i]` of the step before and reads `tokens[i]`; the
    /// two slices are of equal length, and the number of rows may change from step to step.
    /// Returns the natural log probabilities of the next token, `[row][token id]`.
    ///
    /// # Errors
    /// Whatever keeps the device from computing them.
    fn step(
        &mut self,
        parents: &[usize],
        tokens: &[u32],
    ) -> impl Future<Output = Result<Vec<Vec<f32>>>>;
}

/// A sentence, or the beginning of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hypothesis {
    /// The tokens without `<start>` and `<end>`, each with how it was chosen.
    pub steps: Vec<TokenChoice>,
    /// The sum of the log probabilities of all tokens, `<end>` included where it was reached.
    pub log_probability: f64,
    /// `log_probability / length ^ length_penalty`, where the length counts `<end>`.
    pub score: f64,
    /// Whether `<end>` was reached.
    pub finished: bool,
}

impl Hypothesis {
    /// The token ids, without `<start>` and `<end>`.
    pub fn tokens(&self) -> Vec<u32> {
        self.steps.iter().map(|step| step.token).collect()
    }
}

/// One token of a hypothesis, and what else could have stood there.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenChoice {
    pub token: u32,
    /// Its probability, given all tokens before it.
    pub probability: f32,
    /// The five likeliest tokens with their probabilities, `<pad>` and `<start>` left out.
    pub top: Vec<(u32, f32)>,
    /// The batch row that it was chosen from. For token number t of the hypothesis, that is the
    /// row of what the model computed in call number t of [`StepModel::step`], attention weights
    /// included, both counted from 0.
    pub row: usize,
}
