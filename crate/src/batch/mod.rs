//! From examples to batches: the split without leakage, the order of one epoch, padding, and
//! running text.

mod split;
mod streams;

pub use split::{Parts, references, split, split_by_class};
pub use streams::{Streams, Tokens, tails, windows};
mod word_pairs;

pub use word_pairs::{Noise, keep_probabilities, word_pairs};

use crate::rng::Rng;

/// How many batches are sorted by length at a time: enough for little padding, few enough that an
/// example meets different neighbours in every epoch.
const POOL: usize = 50;

/// The batches of one training epoch, as indices into `lengths`.
///
/// Every example comes exactly once. The examples are shuffled and then sorted by length within
/// pools of 50 batches, so that the sentences of a batch are about as long as each other and little
/// is padded; then the batches are shuffled. Only `rng` decides, so the order can be made again.
///
/// `lengths` holds each example's source and target length in tokens; the last batch of the
/// last pool may be smaller than `batch`.
pub fn epoch_batches(lengths: &[(usize, usize)], batch: usize, rng: &mut Rng) -> Vec<Vec<usize>> {
    let batch = batch.max(1);
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    rng.shuffle(&mut order);
    for pool in order.chunks_mut(batch.saturating_mul(POOL)) {
        // The target first: the output layer, which is the dearest, runs over its length.
        pool.sort_by_key(|&index| (lengths[index].1, lengths[index].0));
    }
    let mut batches: Vec<Vec<usize>> = order.chunks(batch).map(<[usize]>::to_vec).collect();
    rng.shuffle(&mut batches);
    batches
}

/// The batches of a validation pass over `count` examples: in order, the last one perhaps smaller.
pub fn ordered_batches(count: usize, batch: usize) -> Vec<Vec<usize>> {
    let order: Vec<usize> = (0..count).collect();
    order.chunks(batch.max(1)).map(<[usize]>::to_vec).collect()
}

/// Sequences of different lengths as one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Padded {
    /// Token ids, `[time, batch]`, time-major: all first tokens, then all second tokens, and so on.
    pub ids: Vec<i32>,
    /// The number of time steps: the length of the longest sequence.
    pub time: usize,
    /// Each sequence's own length.
    pub lengths: Vec<usize>,
}

/// Fills sequences up to the longest one with `value`.
pub fn pad<S: AsRef<[u32]>>(sequences: &[S], value: u32) -> Padded {
    let lengths: Vec<usize> = sequences
        .iter()
        .map(|sequence| sequence.as_ref().len())
        .collect();
    let time = lengths.iter().copied().max().unwrap_or(0);
    let mut ids = vec![value as i32; time * sequences.len()];
    for (row, sequence) in sequences.iter().enumerate() {
        for (step, &id) in sequence.as_ref().iter().enumerate() {
            ids[step * sequences.len() + row] = id as i32;
        }
    }
    Padded { ids, time, lengths }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    fn lengths(count: usize) -> Vec<(usize, usize)> {
        let mut rng = Rng::new(9, Stream::Sampling);
        (0..count)
            .map(|_| {
                let source = 1 + rng.below(20);
                (source, source + 1 + rng.below(4))
            })
            .collect()
    }

    /// The share of target positions that are padding.
    fn padding(batches: &[Vec<usize>], lengths: &[(usize, usize)]) -> f64 {
        let (mut used, mut all) = (0, 0);
        for batch in batches {
            used += batch.iter().map(|&i| lengths[i].1).sum::<usize>();
            all += batch.len() * batch.iter().map(|&i| lengths[i].1).max().unwrap();
        }
        1.0 - used as f64 / all as f64
    }

    #[test]
    fn an_epoch_holds_every_example_once() {
        let lengths = lengths(10_007);
        let batches = epoch_batches(&lengths, 64, &mut Rng::new(1, Stream::Shuffle));
        assert_eq!(batches.len(), 157);
        assert_eq!(batches.iter().filter(|batch| batch.len() < 64).count(), 1);
        let mut seen = batches.concat();
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..10_007));
    }

    #[test]
    fn little_is_padded() {
        let lengths = lengths(10_000);
        let batches = epoch_batches(&lengths, 64, &mut Rng::new(1, Stream::Shuffle));
        assert!(padding(&batches, &lengths) < 0.05);
        assert!(padding(&ordered_batches(10_000, 64), &lengths) > 0.3);
    }

    #[test]
    fn the_seed_decides_and_epochs_differ() {
        let lengths = lengths(1_000);
        let epochs = |seed| {
            let mut rng = Rng::new(seed, Stream::Shuffle);
            [
                epoch_batches(&lengths, 32, &mut rng),
                epoch_batches(&lengths, 32, &mut rng),
            ]
        };
        assert_eq!(epochs(1), epochs(1));
        assert_ne!(epochs(1)[0], epochs(2)[0]);
        assert_ne!(epochs(1)[0], epochs(1)[1]);
        // Long and short batches come mixed, not in order of length.
        let first: Vec<usize> = epochs(1)[0]
            .iter()
            .map(|batch| lengths[batch[0]].1)
            .collect();
        assert!(!first.is_sorted());
    }

    #[test]
    fn odd_sizes_are_no_trouble() {
        let mut rng = Rng::new(1, Stream::Shuffle);
        assert!(epoch_batches(&[], 8, &mut rng).is_empty());
        assert_eq!(epoch_batches(&[(1, 1); 3], 0, &mut rng).len(), 3);
        assert_eq!(epoch_batches(&[(1, 1); 3], usize::MAX, &mut rng).len(), 1);
        assert_eq!(ordered_batches(5, 2), [vec![0, 1], vec![2, 3], vec![4]]);
    }

    #[test]
    fn padding_is_time_major() {
        let padded = pad(&[vec![5, 6, 7], vec![8], vec![]], 0);
        assert_eq!(padded.ids, [5, 8, 0, 6, 0, 0, 7, 0, 0]);
        assert_eq!((padded.time, padded.lengths), (3, vec![3, 1, 0]));
        assert_eq!(pad::<Vec<u32>>(&[], 0).ids, [0; 0]);
    }
}
