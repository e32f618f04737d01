//! A recurrent language model: the next token, from all tokens before it and a style.

use crate::config::{Config, InputKind};
use crate::kernels::{self, Sequences};
use crate::nn::{Dropout, Embedding, Init, Input, LayerShape, Linear, Stack, StackConfig, State};
use burn::module::Module;
use burn::prelude::*;

/// Numbers of a style's vector.
pub const STYLE_SIZE: usize = 16;

/// The shape of a [`LanguageModel`].
#[derive(Clone, Copy, Debug)]
pub struct LanguageModelConfig {
    /// Tokens, as input and as classes of the output.
    pub tokens: usize,
    /// Numbers of a token's vector; none where tokens enter one-hot.
    pub embedding: Option<usize>,
    /// Styles to choose from; with one there is nothing to choose, and nothing to learn of it.
    pub styles: usize,
    pub stack: StackConfig,
}

impl LanguageModelConfig {
    /// The network that the settings ask for, for so many tokens and styles.
    pub fn new(config: &Config, tokens: usize, styles: usize) -> Self {
        let embedding = (config.input == InputKind::Embedding).then_some(config.embedding as usize);
        let style = if styles > 1 { STYLE_SIZE } else { 0 };
        Self {
            tokens,
            embedding,
            styles,
            stack: StackConfig::new(config, embedding.unwrap_or(tokens) + style),
        }
    }

    /// Draws the weights.
    pub fn init(&self, init: &mut Init) -> LanguageModel {
        LanguageModel {
            embedding: self
                .embedding
                .map(|size| Embedding::new(self.tokens, size, init)),
            style: (self.styles > 1).then(|| Embedding::new(self.styles, STYLE_SIZE, init)),
            recurrent: self.stack.init(init),
            output: Linear::new(self.stack.hidden, self.tokens, init),
        }
    }

    /// Its layers, without making them.
    pub fn layers(&self) -> Vec<LayerShape> {
        let table = |name: &str, rows: usize, size: usize| LayerShape {
            name: name.into(),
            kind: "Embedding".into(),
            output_shape: format!("(None, None, {size})"),
            parameters: rows * size,
        };
        let mut layers = Vec::new();
        layers.extend(
            self.embedding
                .map(|size| table("embedding", self.tokens, size)),
        );
        if self.styles > 1 {
            layers.push(table("style", self.styles, STYLE_SIZE));
        }
        layers.extend(self.stack.summary("recurrent", "None"));
        layers.push(LayerShape {
            name: "output".into(),
            kind: "Dense".into(),
            output_shape: format!("(None, None, {})", self.tokens),
            parameters: (self.stack.hidden + 1) * self.tokens,
        });
        layers
    }
}

/// Recurrent layers over tokens, and a dense layer from each hidden state to the next token. A learnt
/// vector of the style stands behind the token at every time step, where there are several styles.
#[derive(Module, Debug)]
pub struct LanguageModel {
    embedding: Option<Embedding>,
    style: Option<Embedding>,
    recurrent: Stack,
    pub output: Linear,
}

impl LanguageModel {
    /// The dropout in front of the output layer.
    const OUTPUT_DROPOUT: u32 = 1_000;

    /// The vectors of styles by id `[time·batch]`, as `[time, batch, style]`; none where there is one style only.
    pub fn styles(&self, ids: Tensor<1, Int>, batch: usize) -> Option<Tensor<3>> {
        let rows = self.style.as_ref()?.forward(ids);
        let [count, size] = rows.dims();
        Some(rows.reshape([count / batch, batch, size]))
    }

    /// Mixed styles: the vectors weighted by `weights` `[batch, styles]`, the same in all `time` steps,
    /// as `[time, batch, style]`.
    pub fn blend(&self, weights: Tensor<2>, time: usize) -> Option<Tensor<3>> {
        let style = self.style.as_ref()?;
        let [batch, styles] = weights.dims();
        let ids: Vec<i32> = (0..styles as i32).collect();
        let ids = Tensor::from_data(TensorData::new(ids, [styles]), &weights.device());
        let table = style.forward(ids);
        let size = table.dims()[1];
        let mixed = kernels::product(weights, table);
        Some(mixed.reshape([1, batch, size]).repeat_dim(0, time))
    }

    /// Reads token ids `[time·batch]`, time first, going on from `states`, or from zeros where there are
    /// none. Returns the top layer's hidden states `[time, batch, hidden]`, ready for the output layer,
    /// and the states after the last time step.
    pub fn forward(
        &self,
        ids: Tensor<1, Int>,
        style: Option<Tensor<3>>,
        batch: usize,
        states: Vec<State>,
        dropout: &Dropout,
    ) -> (Tensor<3>, Vec<State>) {
        let input = match (&self.embedding, style) {
            (None, None) => Input::OneHot(ids),
            (None, Some(style)) => Input::OneHotWith(ids, style),
            (Some(embedding), style) => {
                let rows = embedding.forward(ids);
                let [count, size] = rows.dims();
                let vectors = rows.reshape([count / batch, batch, size]);
                Input::Vectors(match style {
                    None => vectors,
                    Some(style) => Tensor::cat(vec![vectors, style], 2),
                })
            }
        };
        let sequences = Sequences::default();
        let (outputs, states) = self
            .recurrent
            .forward(input, batch, states, &sequences, dropout, 0);
        (dropout.apply(Self::OUTPUT_DROPOUT, outputs), states)
    }
}
