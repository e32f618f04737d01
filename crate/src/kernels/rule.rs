//! The rules that turn a gradient into a step, in numbers. [`super::reference::update`] has the formulas.

/// Decay of Adam's mean of gradients (Kingma and Ba 2015).
pub const ADAM_BETA_1: f64 = 0.9;
/// Decay of Adam's mean of squared gradients.
pub const ADAM_BETA_2: f64 = 0.999;
/// PyTorch's value.
pub const ADAM_EPSILON: f64 = 1e-8;
/// Keras's value: decay of RMSprop's mean of squared gradients (Tieleman and Hinton 2012).
pub const RMSPROP_RHO: f64 = 0.9;
/// Keras's value; it stands under the root, as in Keras.
pub const RMSPROP_EPSILON: f64 = 1e-7;
/// Keeps a norm of zero from dividing, as in PyTorch.
pub const CLIP_EPSILON: f64 = 1e-6;

/// One step of an optimizer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Gradient descent with momentum: one running mean.
    Sgd { rate: f64, momentum: f64 },
    /// RMSprop: one running mean.
    RmsProp { rate: f64 },
    /// Adam, and AdamW (Loshchilov and Hutter 2019), which decays the weights themselves beside the
    /// gradient: two running means.
    Adam {
        rate: f64,
        /// Steps taken, this one included: both means start at zero and early on are too small.
        step: u32,
        /// AdamW's weight decay; 0 for Adam.
        decay: f64,
    },
}

/// What Adam's formula needs in numbers of one step.
#[derive(Clone, Copy, Debug)]
pub struct AdamFactors {
    /// The learning rate, over the correction of the mean.
    pub rate: f64,
    /// One over the root of the correction of the mean of squares.
    pub root: f64,
    /// What is left of a weight after its decay.
    pub keep: f64,
}

impl AdamFactors {
    /// The factors of step number `step`, counted from 1.
    pub fn new(rate: f64, step: u32, decay: f64) -> Self {
        let correction = |beta: f64| 1.0 - beta.powf(step.into());
        Self {
            rate: rate / correction(ADAM_BETA_1),
            root: correction(ADAM_BETA_2).sqrt().recip(),
            keep: 1.0 - rate * decay,
        }
    }
}
