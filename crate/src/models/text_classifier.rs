//! Embedding, recurrent layers and a dense layer: a class for every text.

use crate::config::Pooling;
use crate::kernels::Sequences;
use crate::nn::{Dropout, Embedding, Init, Input, LayerShape, Linear, Stack, StackConfig};
use burn::module::Module;
use burn::prelude::*;

/// The shape of a [`TextClassifier`].
#[derive(Clone, Copy, Debug)]
pub struct TextClassifierConfig {
    pub vocabulary: usize,
    /// The embedding's size is the input of the stack.
    pub stack: StackConfig,
    pub pooling: Pooling,
    pub classes: usize,
}

impl TextClassifierConfig {
    /// Draws the weights.
    pub fn init(&self, init: &mut Init) -> TextClassifier {
        TextClassifier {
            embedding: Embedding::new(self.vocabulary, self.stack.input, init),
            recurrent: self.stack.init(init),
            pooling: self.pooling,
            output: Linear::new(self.stack.hidden, self.classes, init),
        }
    }

    /// Its layers, without making them.
    pub fn layers(&self) -> Vec<LayerShape> {
        let mut layers = vec![LayerShape {
            name: "embedding".into(),
            kind: "Embedding".into(),
            output_shape: format!("(None, None, {})", self.stack.input),
            parameters: self.vocabulary * self.stack.input,
        }];
        layers.extend(self.stack.summary("recurrent", "None"));
        layers.push(LayerShape {
            name: "output".into(),
            kind: "Dense".into(),
            output_shape: format!("(None, {})", self.classes),
            parameters: (self.stack.hidden + 1) * self.classes,
        });
        layers
    }
}

/// Reads a text token by token, and gives it a class. Dropout is Keras's: one mask per sequence, on the
/// input of every layer.
#[derive(Module, Debug)]
pub struct TextClassifier {
    embedding: Embedding,
    recurrent: Stack,
    /// What of the hidden states the output layer reads.
    #[module(skip)]
    pub pooling: Pooling,
    pub output: Linear,
}

impl TextClassifier {
    /// The dropout behind the embedding; those between the layers count from 1.
    const INPUT_DROPOUT: u32 = 0;

    /// What the output layer reads of each text, `[batch, hidden]`, from token ids `[time·batch]`, time
    /// first, of texts of these lengths.
    pub fn read(&self, ids: Tensor<1, Int>, lengths: &[usize], dropout: &Dropout) -> Tensor<2> {
        let device = ids.device();
        let (states, last) = self.run(ids, lengths, dropout);
        match self.pooling {
            Pooling::Last => last,
            Pooling::Mean => {
                let [time, batch, _] = states.dims();
                let share = |index: usize| {
                    let (step, length) = (index / batch, lengths[index % batch]);
                    if step < length {
                        1.0 / length as f32
                    } else {
                        0.0
                    }
                };
                let shares: Vec<f32> = (0..time * batch).map(share).collect();
                let shares =
                    Tensor::<3>::from_data(TensorData::new(shares, [time, batch, 1]), &device);
                (states * shares).sum_dim(0).squeeze_dim(0)
            }
        }
    }

    /// The hidden states after every token of one text, `[time, hidden]`.
    pub fn read_along(&self, ids: Tensor<1, Int>) -> Tensor<2> {
        let time = ids.dims()[0];
        let (states, _) = self.run(ids, &[time], &Dropout::OFF);
        states.squeeze_dim(1)
    }

    /// All hidden states of the top layer `[time, batch, hidden]`, and the last of each text `[batch, hidden]`.
    fn run(
        &self,
        ids: Tensor<1, Int>,
        lengths: &[usize],
        dropout: &Dropout,
    ) -> (Tensor<3>, Tensor<2>) {
        let batch = lengths.len();
        let rows = self.embedding.forward(ids);
        let [count, width] = rows.dims();
        let time = count / batch;
        let sequences = Sequences::new(lengths, time, &rows.device());
        let dropout = &dropout.per_sequence();
        let vectors = dropout.apply(Self::INPUT_DROPOUT, rows.reshape([time, batch, width]));
        let (states, mut last) = self.recurrent.forward(
            Input::Vectors(vectors),
            batch,
            Vec::new(),
            &sequences,
            dropout,
            Self::INPUT_DROPOUT,
        );
        let top = last.pop().map(|state| state.hidden);
        let last = top.unwrap_or_else(|| states.clone().narrow(0, time - 1, 1).squeeze_dim(0));
        (states, last)
    }
}
