//! The split into training, validation and test part.

use crate::rng::Rng;
use std::collections::HashMap;
use std::hash::Hash;

/// The examples of each part, as indices into the data. Within a part the examples of one source
/// stand together, and the sources in random order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub train: Vec<usize>,
    pub validation: Vec<usize>,
    pub test: Vec<usize>,
}

/// From this many distinct sources on, a part that is asked for gets at least one.
const ENOUGH: usize = 10;

/// Splits examples so that no source is in two parts: nothing that is validated or tested on was
/// trained on, however often a sentence stands in the data.
///
/// `sources` holds each example's source as the model will see it (its tokens, so that sentences
/// which differ only in spacing or, with lower-casing on, in capitals count as the same). The
/// shares are of the distinct sources, rounded; at least one source is always left for training.
pub fn split<K: Eq + Hash>(
    sources: &[K],
    validation_share: f64,
    test_share: f64,
    rng: &mut Rng,
) -> Parts {
    split_by_class(sources, |_| 0, validation_share, test_share, rng)
}

/// The same within each class, so that every part has the classes in the same proportion. A source
/// that stands in the data under several classes goes with its first one, as a whole.
pub fn split_by_class<K: Eq + Hash>(
    sources: &[K],
    class: impl Fn(usize) -> usize,
    validation_share: f64,
    test_share: f64,
    rng: &mut Rng,
) -> Parts {
    let all: Vec<usize> = (0..sources.len()).collect();
    let mut groups = references(sources, &all);
    rng.shuffle(&mut groups);
    let class_of = |group: &[usize]| group.first().map_or(0, |&example| class(example));
    let mut sizes: HashMap<usize, usize> = HashMap::new();
    for group in &groups {
        *sizes.entry(class_of(group)).or_default() += 1;
    }
    // Of each class, how many groups each held-out part is still to get.
    let mut wanted: HashMap<usize, [usize; 2]> = sizes
        .into_iter()
        .map(|(class, size)| (class, held_out(size, [validation_share, test_share])))
        .collect();
    let mut parts = Parts::default();
    for group in groups {
        let part = match wanted.get_mut(&class_of(&group)) {
            Some([validation, _]) if *validation > 0 => {
                *validation -= 1;
                &mut parts.validation
            }
            Some([_, test]) if *test > 0 => {
                *test -= 1;
                &mut parts.test
            }
            _ => &mut parts.train,
        };
        part.extend(group);
    }
    parts
}

/// How many of so many sources are held out for these shares.
fn held_out(sources: usize, shares: [f64; 2]) -> [usize; 2] {
    let [validation, test] = shares.map(|share| {
        let least = usize::from(share > 0.0 && sources >= ENOUGH);
        // A negative share or one that is not a number becomes 0.
        ((sources as f64 * share).round() as usize).max(least)
    });
    let spare = sources.saturating_sub(1);
    let validation = validation.min(spare);
    [validation, test.min(spare - validation)]
}

/// Groups the examples in `part` by source, in order of first appearance. All targets of a group
/// are references of the same source sentence.
pub fn references<K: Eq + Hash>(sources: &[K], part: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group_of: HashMap<&K, usize> = HashMap::new();
    for &example in part {
        let group = *group_of.entry(&sources[example]).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(example);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;
    use std::collections::HashSet;

    fn rng(seed: u32) -> Rng {
        Rng::new(seed, Stream::Split)
    }

    #[test]
    fn no_source_is_in_two_parts_and_no_example_is_lost() {
        // 100 sources, the source i with 1 + i % 7 translations.
        let sources: Vec<String> = (0..100)
            .flat_map(|i| vec![format!("sentence {i}"); 1 + i % 7])
            .collect();
        let parts = split(&sources, 0.1, 0.05, &mut rng(1));
        let distinct = |part: &[usize]| part.iter().map(|&i| &sources[i]).collect::<HashSet<_>>();
        let [train, validation, test] =
            [&parts.train, &parts.validation, &parts.test].map(|part| distinct(part));
        assert_eq!((train.len(), validation.len(), test.len()), (85, 10, 5));
        assert!(train.is_disjoint(&validation) && train.is_disjoint(&test));
        assert!(validation.is_disjoint(&test));
        let mut all = [parts.train, parts.validation, parts.test].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..sources.len()));
    }

    #[test]
    fn the_seed_decides() {
        let sources: Vec<usize> = (0..1_000).collect();
        assert_eq!(
            split(&sources, 0.1, 0.1, &mut rng(1)),
            split(&sources, 0.1, 0.1, &mut rng(1))
        );
        assert_ne!(
            split(&sources, 0.1, 0.1, &mut rng(1)),
            split(&sources, 0.1, 0.1, &mut rng(2))
        );
    }

    #[test]
    fn small_data_keeps_something_in_every_part() {
        let sizes = |count: usize, validation: f64, test: f64| {
            let sources: Vec<usize> = (0..count).collect();
            let parts = split(&sources, validation, test, &mut rng(1));
            (parts.train.len(), parts.validation.len(), parts.test.len())
        };
        assert_eq!(sizes(10, 0.01, 0.01), (8, 1, 1));
        assert_eq!(sizes(10, 0.0, 0.0), (10, 0, 0));
        assert_eq!(sizes(9, 0.01, 0.01), (9, 0, 0));
        assert_eq!(sizes(2, 0.5, 0.5), (1, 1, 0));
        assert_eq!(sizes(1, 0.5, 0.5), (1, 0, 0));
        assert_eq!(sizes(0, 0.5, 0.5), (0, 0, 0));
        assert_eq!(sizes(5, f64::NAN, -1.0), (5, 0, 0));
    }

    #[test]
    fn every_part_has_the_classes_in_proportion() {
        // 80 examples of class 0, 40 of class 1, 4 of class 2; every text twice.
        let class = |example: usize| match example {
            0..80 => 0,
            80..120 => 1,
            _ => 2,
        };
        let sources: Vec<usize> = (0..124).map(|example| example / 2).collect();
        let parts = split_by_class(&sources, class, 0.25, 0.1, &mut rng(1));
        let count = |part: &[usize]| {
            let mut counts = [0; 3];
            part.iter().for_each(|&example| counts[class(example)] += 1);
            counts
        };
        assert_eq!(count(&parts.validation), [20, 10, 2]);
        assert_eq!(count(&parts.test), [8, 4, 0]);
        assert_eq!(count(&parts.train), [52, 26, 2]);
        let texts = |part: &[usize]| part.iter().map(|&i| sources[i]).collect::<HashSet<_>>();
        assert!(texts(&parts.train).is_disjoint(&texts(&parts.validation)));
        // Not one class after the other.
        let order: Vec<usize> = parts.validation.iter().map(|&i| class(i)).collect();
        assert!(!order.is_sorted());
    }

    #[test]
    fn references_of_a_source_stand_together() {
        let sources = ["go", "hi", "go", "run", "hi", "go"];
        let groups = references(&sources, &[1, 2, 3, 4, 5]);
        assert_eq!(groups, [vec![1, 4], vec![2, 5], vec![3]]);
    }
}
