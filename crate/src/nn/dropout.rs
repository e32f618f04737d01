//! Dropout (Srivastava et al. 2014) on the connections between layers, never along time
//! (Zaremba et al. 2014).

use crate::rng::DropoutKey;
use burn::prelude::*;

/// Sets a share of values to zero and scales the others up, for one training step.
///
/// Which values is a function of seed, step, layer and index alone: the same in a run that was
/// resumed from a checkpoint, and on every device.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    /// The share of values set to zero; 0 outside training.
    pub rate: f32,
    pub seed: u32,
    pub step: u64,
}

impl Dropout {
    /// No dropout: for validation and decoding.
    pub const OFF: Self = Self {
        rate: 0.0,
        seed: 0,
        step: 0,
    };

    /// Applies dropout to the values that enter a layer, `[time, batch, width]`. Each place in a
    /// network where dropout applies has its own `layer` number.
    pub fn apply(&self, layer: u32, x: Tensor<3>) -> Tensor<3> {
        if self.rate <= 0.0 {
            return x;
        }
        let key = DropoutKey::new(self.seed, self.step, layer);
        let kept = 1.0 / (1.0 - self.rate);
        let shape = x.dims();
        let count: usize = shape.iter().product();
        let mask: Vec<f32> = (0..count as u32)
            .map(|index| {
                if key.uniform(index) < self.rate {
                    0.0
                } else {
                    kept
                }
            })
            .collect();
        let mask = Tensor::from_data(TensorData::new(mask, shape), &x.device());
        x * mask
    }
}
