//! What a layer is, without making it.

/// One line of a model summary.
pub struct LayerShape {
    /// The name that its weights begin with, as in `encoder.layers.0`.
    pub name: String,
    pub kind: String,
    /// Of one batch, `None` standing for the batch and time sizes, as Keras prints it.
    pub output_shape: String,
    pub parameters: usize,
}
