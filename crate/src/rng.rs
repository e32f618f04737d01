//! The one source of randomness: seeded, serialisable, the same on every device.
//!
//! Each purpose draws from its own [`Stream`], so that, say, a longer shuffle never changes the
//! initial weights. Dropout keeps no state at all: see [`DropoutKey`].

use serde::{Deserialize, Serialize};

/// What random numbers are drawn for. Streams of one seed are independent of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stream {
    /// Initial weights.
    Initialisation,
    /// Dropout masks.
    Dropout,
    /// The order of training examples.
    Shuffle,
    /// The split into training, validation and test part.
    Split,
    /// Tokens sampled while decoding, and other samples taken from data.
    Sampling,
    /// Bit strings of the parity task.
    Parity,
    /// Words that stand for all those that are not near a word.
    Negatives,
    /// Bit strings that a parity network is tried on, none of its data.
    FreshParity,
}

/// SplitMix64 (Steele, Lea and Flood 2014). The state is one number, so a checkpoint that holds it
/// continues the sequence exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rng {
    state: u64,
}

/// 2^64 divided by the golden ratio: SplitMix64's step.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// SplitMix64's output function: every bit of the result depends on every bit of `x`.
fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// The upper 24 bits as a number in [0, 1): all that fits into an `f32` without rounding up to 1.
fn unit(bits: u32) -> f32 {
    (bits >> 8) as f32 * (1.0 / (1 << 24) as f32)
}

impl Rng {
    /// A generator for one purpose.
    pub fn new(seed: u32, stream: Stream) -> Self {
        let stream = (stream as u64 + 1).wrapping_mul(GOLDEN);
        Self {
            state: mix(mix(u64::from(seed).wrapping_add(GOLDEN)) ^ stream),
        }
    }

    /// A generator for one position of a purpose, such as an epoch's shuffle: it can be made
    /// again without drawing what came before.
    pub fn at(seed: u32, stream: Stream, position: u64) -> Self {
        let mut rng = Self::new(seed, stream);
        rng.state = mix(rng.state ^ mix(position.wrapping_add(GOLDEN)));
        rng
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f32 {
        unit((self.next_u64() >> 32) as u32)
    }

    /// Normal with mean 0 and standard deviation 1, by Box and Muller. Of the two values that the
    /// method yields one is thrown away, so that nothing is kept outside the state.
    pub fn normal(&mut self) -> f32 {
        const SCALE: f64 = 1.0 / (1u64 << 53) as f64;
        // In (0, 1], where the logarithm is finite.
        let radius = ((self.next_u64() >> 11) + 1) as f64 * SCALE;
        let angle = (self.next_u64() >> 11) as f64 * SCALE * std::f64::consts::TAU;
        ((-2.0 * radius.ln()).sqrt() * angle.cos()) as f32
    }

    /// Uniform in `0..n`, without bias (Lemire 2019). `n` is at least 1; 0 is answered with 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(n);
            let low = product as u64;
            // Only when `low` is below `n` can it be one of the 2^64 mod n values that are one too many.
            if low >= n || low >= n.wrapping_neg().checked_rem(n).unwrap_or(0) {
                return (product >> 64) as usize;
            }
        }
    }

    /// Puts the items into a random order, all orders equally likely (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// Dropout as a pure function of seed, step, layer and index: a mask can be made again at any time,
/// on any device and in any order, and a checkpoint needs to hold nothing of it.
///
/// ```
/// use unrolled::rng::DropoutKey;
///
/// let key = DropoutKey::new(1, 250, 0);
/// let keep: Vec<bool> = (0..8).map(|index| key.uniform(index) >= 0.5).collect();
/// assert_eq!(keep[3], DropoutKey::new(1, 250, 0).uniform(3) >= 0.5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DropoutKey {
    offset: u32,
    twist: u32,
}

impl DropoutKey {
    /// What all values of one layer in one step have in common.
    pub fn new(seed: u32, step: u64, layer: u32) -> Self {
        let mut rng = Rng::at(seed, Stream::Dropout, step);
        rng.state = mix(rng.state ^ mix(u64::from(layer).wrapping_add(GOLDEN)));
        let bits = rng.next_u64();
        Self {
            offset: bits as u32,
            twist: (bits >> 32) as u32,
        }
    }

    /// 32 random bits for one element. Only 32-bit operations, so that a loop over the index is
    /// compiled to SIMD and a shader can do the same.
    ///
    /// The multipliers and shifts are those of `lowbias32` (Wellons 2018). The second half of the
    /// key enters in the middle: with a single key, two masks would be shifted copies of each other.
    #[inline]
    pub fn hash(self, index: u32) -> u32 {
        let mut x = index.wrapping_add(self.offset);
        x = (x ^ (x >> 16)).wrapping_mul(0x7FEB_352D) ^ self.twist;
        x = (x ^ (x >> 15)).wrapping_mul(0x846C_A68B);
        x ^ (x >> 16)
    }

    /// Uniform in [0, 1) for one element, counted through the layer's tensor in its memory order.
    #[inline]
    pub fn uniform(self, index: u32) -> f32 {
        unit(self.hash(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_matches_the_reference() {
        // First outputs of the published C code for the state 1234567.
        let mut rng = Rng { state: 1_234_567 };
        let drawn = [rng.next_u64(), rng.next_u64(), rng.next_u64()];
        let expected = [
            6457827717110365317,
            3203168211198807973,
            9817491932198370423,
        ];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn streams_and_seeds_differ_and_repeat() {
        let first = |seed, stream| Rng::new(seed, stream).next_u64();
        let mut seen = std::collections::HashSet::new();
        for seed in 0..100 {
            for stream in [
                Stream::Initialisation,
                Stream::Dropout,
                Stream::Shuffle,
                Stream::Split,
            ] {
                assert!(seen.insert(first(seed, stream)));
                assert_eq!(first(seed, stream), first(seed, stream));
            }
        }
    }

    #[test]
    fn a_stored_generator_continues_where_it_was() {
        let mut rng = Rng::new(7, Stream::Sampling);
        rng.normal();
        let stored = serde_json::to_string(&rng).unwrap();
        let mut restored: Rng = serde_json::from_str(&stored).unwrap();
        assert_eq!(
            (0..5).map(|_| rng.normal()).collect::<Vec<_>>(),
            (0..5).map(|_| restored.normal()).collect::<Vec<_>>()
        );
    }

    #[test]
    fn moments_are_right() {
        let mut rng = Rng::new(1, Stream::Initialisation);
        let n = 200_000;
        let moments = |values: Vec<f64>| {
            let mean = values.iter().sum::<f64>() / n as f64;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n as f64;
            (mean, variance)
        };
        let (mean, variance) = moments((0..n).map(|_| f64::from(rng.uniform())).collect());
        assert!((mean - 0.5).abs() < 0.005 && (variance - 1.0 / 12.0).abs() < 0.002);
        let (mean, variance) = moments((0..n).map(|_| f64::from(rng.normal())).collect());
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02);
    }

    #[test]
    fn below_is_even_and_in_range() {
        let mut rng = Rng::new(3, Stream::Split);
        let mut counts = [0; 7];
        for _ in 0..70_000 {
            counts[rng.below(7)] += 1;
        }
        assert!(
            counts.iter().all(|&count| (9_600..10_400).contains(&count)),
            "{counts:?}"
        );
        assert_eq!(rng.below(1), 0);
        assert_eq!(rng.below(0), 0);
    }

    #[test]
    fn shuffling_keeps_every_item_and_reaches_every_order() {
        let mut rng = Rng::new(5, Stream::Shuffle);
        let mut orders = std::collections::HashMap::new();
        for _ in 0..6_000 {
            let mut items = [0, 1, 2];
            rng.shuffle(&mut items);
            *orders.entry(items).or_insert(0) += 1;
        }
        assert_eq!(orders.len(), 6);
        assert!(
            orders.values().all(|&count| (850..1_150).contains(&count)),
            "{orders:?}"
        );
    }

    #[test]
    fn dropout_is_uniform_and_independent_between_steps_and_layers() {
        let n = 100_000;
        let base = DropoutKey::new(1, 10, 0);
        let mean = (0..n).map(|i| f64::from(base.uniform(i))).sum::<f64>() / f64::from(n);
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
        for other in [
            DropoutKey::new(1, 11, 0),
            DropoutKey::new(1, 10, 1),
            DropoutKey::new(2, 10, 0),
        ] {
            for shift in 0..3 {
                let both = (0..n)
                    .filter(|&i| base.uniform(i) < 0.5 && other.uniform(i + shift) < 0.5)
                    .count();
                let share = both as f64 / f64::from(n);
                assert!((share - 0.25).abs() < 0.01, "{share}");
            }
        }
    }
}
