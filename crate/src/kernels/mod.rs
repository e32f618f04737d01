//! The recurrence itself: a layer's walk through time, behind three functions.
//!
//! Here is the reference in plain Burn operations. It defines what is correct; a faster kernel
//! takes its place behind the same signatures.
//!
//! All three take the input half of the gates for every time step, `x·W` with its bias,
//! and compute the recurrent half as they go. Sequences are padded at their end to a common
//! length: past its own last step a sequence's state stands still, so that the state after the
//! last time step is each sequence's own final state, whatever the padding.

mod reference;

pub use reference::{gru_scan, lstm_scan, rnn_scan, time_steps};

use burn::prelude::*;

/// Which time steps of a padded batch are real.
#[derive(Clone, Debug)]
pub struct Mask {
    /// A row per time step, `[batch, 1]`, true where the sequence is over; `None` where all go on.
    over: Vec<Option<Tensor<2, Bool>>>,
}

impl Mask {
    /// The mask of sequences of these lengths, padded to `time` steps.
    pub fn new(lengths: &[usize], time: usize, device: &Device) -> Self {
        let batch = lengths.len();
        let shortest = lengths.iter().copied().min().unwrap_or(time).min(time);
        let mut over = vec![None; shortest];
        for step in shortest..time {
            let ended: Vec<bool> = lengths.iter().map(|&length| length <= step).collect();
            over.push(Some(Tensor::from_data(
                TensorData::new(ended, [batch, 1]),
                device,
            )));
        }
        Self { over }
    }

    /// `new` where the sequence goes on at this time step, `old` where it is over. `[batch, hidden]`
    fn hold(&self, step: usize, new: Tensor<2>, old: Tensor<2>) -> Tensor<2> {
        match &self.over[step] {
            None => new,
            Some(over) => {
                let shape = new.shape();
                new.mask_where(over.clone().expand(shape), old)
            }
        }
    }
}
