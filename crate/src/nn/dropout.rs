//! Dropout (Srivastava et al. 2014) on the connections between layers and, with one mask for all time
//! steps, along time (Gal and Ghahramani 2016).

use crate::config::Config;
use crate::kernels::Sequences;
use crate::rng::DropoutKey;
use burn::prelude::*;

/// Sets a share of values to zero and scales the others up, for one training step.
///
/// Which values is a function of seed, step, layer and index alone: the same in a run that was
/// resumed from a checkpoint, and on every device.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    /// The share of values between layers set to zero; 0 outside training.
    pub rate: f32,
    /// The share of hidden values set to zero where they enter the recurrent product, the same ones
    /// at all time steps of a sequence; 0 outside training.
    pub recurrent: f32,
    /// Between layers, too, the same values at all time steps of a sequence, as Keras has it; else
    /// other ones at each step (Zaremba et al. 2014).
    pub per_sequence: bool,
    pub seed: u32,
    pub step: u64,
}

impl Dropout {
    /// No dropout: for validation and decoding.
    pub const OFF: Self = Self {
        rate: 0.0,
        recurrent: 0.0,
        per_sequence: false,
        seed: 0,
        step: 0,
    };

    /// What the recurrent masks are numbered from, beyond all layers.
    const RECURRENT: u32 = 10_000;

    /// The dropout that the settings ask for, at one step of training.
    pub fn new(config: &Config, step: u32) -> Self {
        Self {
            rate: config.dropout as f32,
            recurrent: config.recurrent_dropout as f32,
            per_sequence: false,
            seed: config.seed,
            step: step.into(),
        }
    }

    /// The same with one mask for all time steps of a sequence.
    pub fn per_sequence(self) -> Self {
        Self {
            per_sequence: true,
            ..self
        }
    }

    /// Applies dropout to the values that enter a layer, `[time, batch, width]`. Each place in a
    /// network where dropout applies has its own `layer` number.
    pub fn apply(&self, layer: u32, x: Tensor<3>) -> Tensor<3> {
        if self.rate <= 0.0 {
            return x;
        }
        let [time, batch, width] = x.dims();
        let steps = if self.per_sequence { 1 } else { time };
        let mask = self.mask(self.rate, layer, [steps, batch, width], &x.device());
        x * mask
    }

    /// Sequences of so many hidden values with the recurrent dropout of a layer.
    pub fn recurrent(
        &self,
        layer: u32,
        sequences: &Sequences,
        [batch, hidden]: [usize; 2],
        device: &Device,
    ) -> Sequences {
        if self.recurrent <= 0.0 {
            return sequences.clone();
        }
        let shape = [batch, hidden];
        let mask = self.mask(self.recurrent, Self::RECURRENT + layer, shape, device);
        sequences.clone().with_dropout(mask)
    }

    /// Zeros and `1/(1 − rate)`.
    fn mask<const D: usize>(
        &self,
        rate: f32,
        layer: u32,
        shape: [usize; D],
        device: &Device,
    ) -> Tensor<D> {
        let key = DropoutKey::new(self.seed, self.step, layer);
        let kept = 1.0 / (1.0 - rate);
        let count: usize = shape.iter().product();
        let value = |index| if key.uniform(index) < rate { 0.0 } else { kept };
        let mask: Vec<f32> = (0..count as u32).map(value).collect();
        Tensor::from_data(TensorData::new(mask, shape), device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Dropout = Dropout {
        rate: 0.5,
        recurrent: 0.25,
        seed: 1,
        step: 3,
        ..Dropout::OFF
    };

    fn values<const D: usize>(x: Tensor<D>) -> Vec<f32> {
        x.into_data().iter().collect()
    }

    #[test]
    fn a_mask_per_sequence_is_the_same_at_every_step() {
        let ones = Tensor::<3>::ones([4, 3, 10], &Device::flex());
        let steps = |dropout: Dropout| -> Vec<Vec<f32>> {
            let masked = values(dropout.apply(0, ones.clone()));
            masked.chunks(30).map(<[f32]>::to_vec).collect()
        };
        let whole = steps(HALF.per_sequence());
        assert!(whole.iter().all(|step| *step == whole[0]));
        assert_ne!(whole[0][..10], whole[0][10..20], "sequences differ");
        let each = steps(HALF);
        assert!(each.windows(2).all(|pair| pair[0] != pair[1]));
        let all = each.concat();
        assert!(all.iter().all(|&value| value == 0.0 || value == 2.0));
    }

    #[test]
    fn recurrent_masks_depend_on_step_and_layer_and_keep_the_mean() {
        let device = Device::flex();
        let mask = |dropout: Dropout, layer: u32| {
            values(dropout.mask(dropout.recurrent, layer, [50, 100], &device))
        };
        let base = mask(HALF, 0);
        assert_eq!(base, mask(HALF, 0));
        assert_ne!(base, mask(HALF, 1));
        assert_ne!(base, mask(Dropout { step: 4, ..HALF }, 0));
        let mean = base.iter().sum::<f32>() / base.len() as f32;
        assert!((mean - 1.0).abs() < 0.03, "{mean}");
    }
}
