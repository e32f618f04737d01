//! Encoder–decoder (Sutskever et al. 2014), with Luong's attention (Luong et al. 2015) or without.

use crate::config::{AttentionKind, Config, InputKind};
use crate::kernels::Sequences;
use crate::nn::{
    Attention, Dropout, Embedding, Init, Input, LayerShape, Linear, Memory, Stack, StackConfig,
    State,
};
use burn::module::Module;
use burn::prelude::*;

/// The shape of a [`Seq2Seq`].
#[derive(Clone, Copy, Debug)]
pub struct Seq2SeqConfig {
    /// Tokens of the source side.
    pub source: usize,
    /// Tokens of the target side, as input of the decoder.
    pub target: usize,
    /// Tokens of the target side, as classes of the output.
    pub classes: usize,
    /// Numbers of a token's vector; none where tokens enter one-hot.
    pub embedding: Option<usize>,
    /// Both sides have the same tokens, and look their vectors up in one table.
    pub shared: bool,
    pub encoder: StackConfig,
    pub decoder: StackConfig,
    pub attention: AttentionKind,
}

impl Seq2SeqConfig {
    /// The network that the settings ask for, for vocabularies of these sizes.
    pub fn new(config: &Config, source: usize, target: usize) -> Self {
        let embedding = (config.input == InputKind::Embedding).then_some(config.embedding as usize);
        Self {
            source,
            target,
            classes: target,
            embedding,
            shared: false,
            encoder: StackConfig::new(config, embedding.unwrap_or(source)),
            decoder: StackConfig::new(config, embedding.unwrap_or(target)),
            attention: config.attention,
        }
    }

    /// The network that the settings ask for, where both sides share one vocabulary of this size.
    pub fn shared(config: &Config, tokens: usize) -> Self {
        Self {
            shared: true,
            ..Self::new(config, tokens, tokens)
        }
    }

    /// Draws the weights.
    pub fn init(&self, init: &mut Init) -> Seq2Seq {
        let hidden = self.decoder.hidden;
        let mut table = |tokens: usize, wanted: bool| {
            let size = self.embedding.filter(|_| wanted)?;
            Some(Embedding::new(tokens, size, init))
        };
        Seq2Seq {
            embedding: table(self.source, self.shared),
            source_embedding: table(self.source, !self.shared),
            target_embedding: table(self.target, !self.shared),
            encoder: self.encoder.init(init),
            decoder: self.decoder.init(init),
            attention: Attention::new(self.attention, hidden, init),
            output: Linear::new(hidden, self.classes, init),
        }
    }

    /// Its layers, without making them.
    pub fn layers(&self) -> Vec<LayerShape> {
        let hidden = self.decoder.hidden;
        let mut layers = Vec::new();
        if let Some(size) = self.embedding {
            let name = if self.shared {
                "embedding"
            } else {
                "source_embedding"
            };
            layers.push(embedding_shape(name, self.source, size, "source"));
        }
        layers.extend(self.encoder.summary("encoder", "source"));
        if let Some(size) = self.embedding.filter(|_| !self.shared) {
            layers.push(embedding_shape(
                "target_embedding",
                self.target,
                size,
                "target",
            ));
        }
        layers.extend(self.decoder.summary("decoder", "target"));
        if self.attention != AttentionKind::None {
            layers.push(LayerShape {
                name: "attention".into(),
                kind: "Attention".into(),
                output_shape: format!("(None, target, {hidden})"),
                parameters: Attention::parameters(self.attention, hidden),
            });
        }
        layers.push(LayerShape {
            name: "output".into(),
            kind: "Dense".into(),
            output_shape: format!("(None, target, {})", self.classes),
            parameters: (hidden + 1) * self.classes,
        });
        layers
    }
}

fn embedding_shape(name: &str, tokens: usize, size: usize, time: &str) -> LayerShape {
    LayerShape {
        name: name.into(),
        kind: "Embedding".into(),
        output_shape: format!("(None, {time}, {size})"),
        parameters: tokens * size,
    }
}

/// Encoder and decoder. The encoder's final states, each sentence's own, start the decoder in
/// every layer; attention works on the decoder's hidden states after its recurrence.
#[derive(Module, Debug)]
pub struct Seq2Seq {
    /// Of both sides, where they share one.
    embedding: Option<Embedding>,
    source_embedding: Option<Embedding>,
    target_embedding: Option<Embedding>,
    encoder: Stack,
    decoder: Stack,
    attention: Option<Attention>,
    pub output: Linear,
}

/// A batch of source sentences, read.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// The final state of every layer.
    pub states: Vec<State>,
    /// What attention looks at; none without attention.
    pub memory: Option<Memory>,
}

/// Where a decoder stands in the middle of its sentences: one row per sentence or beam.
#[derive(Clone, Debug)]
pub struct DecoderState {
    states: Vec<State>,
    memory: Option<Memory>,
}

impl From<Encoded> for DecoderState {
    fn from(encoded: Encoded) -> Self {
        Self {
            states: encoded.states,
            memory: encoded.memory,
        }
    }
}

impl DecoderState {
    /// The state with its rows chosen anew, repeats allowed: row `i` continues `rows[i]`.
    pub fn select(self, rows: &[usize], device: &Device) -> Self {
        let rows: Vec<i32> = rows.iter().map(|&row| row as i32).collect();
        let count = rows.len();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [count]), device);
        Self {
            states: self
                .states
                .into_iter()
                .map(|state| state.select(rows.clone()))
                .collect(),
            memory: self.memory.map(|memory| memory.select(rows)),
        }
    }
}

impl Seq2Seq {
    const ENCODER_DROPOUT: u32 = 0;
    const DECODER_DROPOUT: u32 = 100;
    const OUTPUT_DROPOUT: u32 = 1_000;

    /// Token ids as vectors of a side's own table or the one of both, or one-hot without either.
    fn input(&self, own: &Option<Embedding>, ids: Tensor<1, Int>, batch: usize) -> Input {
        match own.as_ref().or(self.embedding.as_ref()) {
            None => Input::OneHot(ids),
            Some(embedding) => {
                let rows = embedding.forward(ids);
                let [count, width] = rows.dims();
                Input::Vectors(rows.reshape([count / batch, batch, width]))
            }
        }
    }

    /// Reads source ids `[time·batch]`, time first, of sentences of these lengths.
    pub fn encode(&self, ids: Tensor<1, Int>, lengths: &[usize], dropout: &Dropout) -> Encoded {
        let batch = lengths.len();
        let sequences = Sequences::new(lengths, ids.dims()[0] / batch, &ids.device());
        let input = self.input(&self.source_embedding, ids, batch);
        let (outputs, states) = self.encoder.forward(
            input,
            batch,
            Vec::new(),
            &sequences,
            dropout,
            Self::ENCODER_DROPOUT,
        );
        let memory = self
            .attention
            .is_some()
            .then(|| Memory::new(outputs, lengths));
        Encoded { states, memory }
    }

    /// Runs the decoder over target ids `[time·batch]`, time first, from where `from` stands.
    /// Returns the rows for the output layer `[time·batch, hidden]`, the attention weights
    /// `[batch, time, source time]`, and where the decoder stands afterwards.
    pub fn decode(
        &self,
        ids: Tensor<1, Int>,
        lengths: &[usize],
        from: DecoderState,
        dropout: &Dropout,
    ) -> (Tensor<2>, Option<Tensor<3>>, DecoderState) {
        let batch = lengths.len();
        let sequences = Sequences::new(lengths, ids.dims()[0] / batch, &ids.device());
        let input = self.input(&self.target_embedding, ids, batch);
        let DecoderState { states, memory } = from;
        let (mut outputs, states) = self.decoder.forward(
            input,
            batch,
            states,
            &sequences,
            dropout,
            Self::DECODER_DROPOUT,
        );
        let mut weights = None;
        if let (Some(attention), Some(memory)) = (&self.attention, &memory) {
            let (mixed, looked) = attention.forward(outputs, memory);
            outputs = mixed;
            weights = Some(looked);
        }
        let outputs = dropout.apply(Self::OUTPUT_DROPOUT, outputs);
        let [time, batch, hidden] = outputs.dims();
        (
            outputs.reshape([time * batch, hidden]),
            weights,
            DecoderState { states, memory },
        )
    }
}
