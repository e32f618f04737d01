//! The networks: layers put together, from token ids to logits.

mod classifier;
mod seq2seq;

pub use classifier::{Classifier, ClassifierConfig};
pub use seq2seq::{DecoderState, Encoded, Seq2Seq, Seq2SeqConfig};

/// One line of a model summary.
pub struct LayerShape {
    /// The name that its weights begin with, as in `encoder.layers.0`.
    pub name: String,
    pub kind: String,
    /// Of one batch, `None` standing for the batch and time sizes, as Keras prints it.
    pub output_shape: String,
    pub parameters: usize,
}
