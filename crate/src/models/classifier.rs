//! Recurrent layers and a dense layer: a class for every time step.

use crate::kernels::Sequences;
use crate::nn::{Dropout, Init, Input, LayerShape, Linear, Stack, StackConfig, State};
use burn::module::Module;
use burn::prelude::*;

/// The shape of a [`Classifier`].
#[derive(Clone, Copy, Debug)]
pub struct ClassifierConfig {
    pub stack: StackConfig,
    pub classes: usize,
}

impl ClassifierConfig {
    /// Draws the weights.
    pub fn init(&self, init: &mut Init) -> Classifier {
        Classifier {
            recurrent: self.stack.init(init),
            output: Linear::new(self.stack.hidden, self.classes, init),
        }
    }

    /// Its layers, without making them.
    pub fn layers(&self) -> Vec<LayerShape> {
        let mut layers = self.stack.summary("recurrent", "None");
        layers.push(LayerShape {
            name: "output".into(),
            kind: "Dense".into(),
            output_shape: format!("(None, None, {})", self.classes),
            parameters: (self.stack.hidden + 1) * self.classes,
        });
        layers
    }
}

/// Recurrent layers, and a dense layer on each time step's hidden state.
#[derive(Module, Debug)]
pub struct Classifier {
    recurrent: Stack,
    pub output: Linear,
}

impl Classifier {
    /// The top layer's hidden states `[time, batch, hidden]`, ready for the output layer.
    pub fn hidden_states(
        &self,
        input: Input,
        lengths: &[usize],
        time: usize,
        dropout: &Dropout,
        device: &Device,
    ) -> Tensor<3> {
        let sequences = Sequences::new(lengths, time, device);
        let (states, _) =
            self.recurrent
                .forward(input, lengths.len(), Vec::new(), &sequences, dropout, 0);
        dropout.apply(Self::OUTPUT_DROPOUT, states)
    }

    /// One time step of generation: reads a token id per row `[batch]` and goes on from the states that
    /// the step before returned, or from zeros if there are none. Returns the logits of the next
    /// token `[batch, classes]`, and the states, which stay on the device.
    pub fn step(&self, ids: Tensor<1, Int>, states: Vec<State>) -> (Tensor<2>, Vec<State>) {
        let batch = ids.dims()[0];
        let (hidden, states) = self.recurrent.forward(
            Input::OneHot(ids),
            batch,
            states,
            &Sequences::default(),
            &Dropout::OFF,
            0,
        );
        (self.output.forward(hidden.squeeze_dim(0)), states)
    }

    /// The dropout in front of the output layer.
    const OUTPUT_DROPOUT: u32 = 1_000;
}
