//! An encoder–decoder in the middle of its sentences.

use super::StepModel;
use crate::batch::{Padded, pad};
use crate::device;
use crate::error::{Error, ErrorCode, Result};
use crate::models::{DecoderState, Seq2Seq};
use crate::nn::Dropout;
use crate::text::{END, PAD, START};
use burn::prelude::*;
use burn::tensor::activation::log_softmax;
use std::cell::RefCell;
use std::rc::Rc;

/// A score no softmax recovers from: tokens that are never chosen.
const NEVER: f32 = -1e9;

/// Token ids on the device, in the order of the list.
pub fn id_tensor(ids: Vec<i32>, device: &Device) -> Tensor<1, Int> {
    let count = ids.len();
    Tensor::from_data(TensorData::new(ids, [count]), device)
}

/// The attention weights of each decoding step so far, `[step][row][source time]`; none without attention.
pub type AttentionSteps = Rc<RefCell<Vec<Vec<Vec<f32>>>>>;

/// A network in the middle of the answers to some sentences: a batch row for each hypothesis.
pub struct Decoder<'a> {
    network: &'a Seq2Seq,
    state: Option<DecoderState>,
    /// `[1, vocabulary]`: added to logits, so that `<pad>` and `<start>` are never said.
    never: Tensor<2>,
    attention: AttentionSteps,
    device: &'a Device,
}

impl<'a> Decoder<'a> {
    /// Reads the source sentences, a row each, into the state to write from.
    pub fn new<S: AsRef<[u32]>>(network: &'a Seq2Seq, sources: &[S], device: &'a Device) -> Self {
        let Padded { ids, lengths, .. } = pad(sources, PAD);
        let encoded = network.encode(id_tensor(ids, device), &lengths, &Dropout::OFF);
        let mut scores = vec![0f32; network.output.outputs()];
        for token in [PAD, START] {
            scores[token as usize] = NEVER;
        }
        let count = scores.len();
        Self {
            network,
            state: Some(encoded.into()),
            never: Tensor::from_data(TensorData::new(scores, [1, count]), device),
            attention: AttentionSteps::default(),
            device,
        }
    }

    /// Where the attention weights are kept as they come.
    pub fn attention(&self) -> AttentionSteps {
        self.attention.clone()
    }

    /// Feeds a token to every row: the logits of the next one `[row, vocabulary]`, and the attention weights.
    fn feed(&mut self, state: DecoderState, tokens: &[u32]) -> (Tensor<2>, Option<Tensor<3>>) {
        let ids = tokens.iter().map(|&id| id as i32).collect();
        let ones = vec![1; tokens.len()];
        let ids = id_tensor(ids, self.device);
        let (rows, weights, next) = self.network.decode(ids, &ones, state, &Dropout::OFF);
        self.state = Some(next);
        (
            self.network.output.forward(rows) + self.never.clone(),
            weights,
        )
    }

    fn take_state(&mut self) -> Result<DecoderState> {
        self.state.take().ok_or_else(|| {
            let message = "The answer was broken off; ask again.";
            Error::new(ErrorCode::State, message)
        })
    }
}

impl StepModel for Decoder<'_> {
    async fn step(&mut self, parents: &[usize], tokens: &[u32]) -> Result<Vec<Vec<f32>>> {
        let state = self.take_state()?.select(parents, self.device);
        let (logits, weights) = self.feed(state, tokens);
        if let Some(weights) = weights {
            let source = weights.dims()[2];
            let values = device::read(weights).await?;
            self.attention
                .borrow_mut()
                .push(values.chunks(source).map(<[f32]>::to_vec).collect());
        }
        let vocabulary = logits.dims()[1];
        let values = device::read(log_softmax(logits, 1)).await?;
        Ok(values.chunks(vocabulary).map(<[f32]>::to_vec).collect())
    }
}

/// The answers to sentences, all at once, each with the likeliest token at every step, until `<end>` or
/// after so many tokens.
///
/// # Errors
/// [`ErrorCode::Device`] when the device fails.
pub async fn greedy<S: AsRef<[u32]>>(
    network: &Seq2Seq,
    sources: &[S],
    max_output: u32,
    device: &Device,
) -> Result<Vec<Vec<u32>>> {
    let mut decoder = Decoder::new(network, sources, device);
    let mut answers = vec![Vec::new(); sources.len()];
    let mut open = vec![true; sources.len()];
    let mut last = vec![START; sources.len()];
    for _ in 0..max_output {
        let state = decoder.take_state()?;
        let (logits, _) = decoder.feed(state, &last);
        last = device::read_ids(logits.argmax(1)).await?;
        for ((answer, open), &id) in answers.iter_mut().zip(&mut open).zip(&last) {
            *open &= id != END;
            if *open {
                answer.push(id);
            }
        }
        if !open.contains(&true) {
            break;
        }
    }
    Ok(answers)
}
