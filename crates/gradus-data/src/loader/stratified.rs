//! Batches with the shares of the whole.

use std::collections::BTreeMap;

use gradus_core::{Key, Kind};

use super::order::shuffle;
use super::sampler::Sampler;

/// Visits every item once, in a random order in which every stretch has nearly the class shares of
/// the whole: a batch of `B` items has at most one item more or less of a class than two
/// neighbouring whole numbers around its due.
///
/// Item `j` (in random order) of a class of `n` is due at the time `(j + u) / n`, with one uniform
/// `u` per class and epoch; items come in the order of their times.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_data::{Sampler, StratifiedSampler};
/// let labels = [0, 0, 0, 0, 0, 0, 1, 1, 1];
/// let order = StratifiedSampler::new(&labels, Key::new(7)).indices(0);
/// let ones = |batch: &[usize]| batch.iter().filter(|&&i| labels[i] == 1).count();
/// assert!(order.chunks(3).all(|batch| ones(batch) <= 2));
/// ```
#[derive(Debug, Clone)]
pub struct StratifiedSampler {
    classes: Vec<Vec<usize>>,
    len: usize,
    key: Key,
}

impl StratifiedSampler {
    /// A sampler over items with these labels, which may be any numbers.
    pub fn new(labels: &[i64], key: Key) -> Self {
        let mut classes: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (index, &label) in labels.iter().enumerate() {
            classes.entry(label).or_default().push(index);
        }
        Self { classes: classes.into_values().collect(), len: labels.len(), key }
    }
}

impl Sampler for StratifiedSampler {
    fn len(&self) -> usize {
        self.len
    }

    fn indices(&self, epoch: u64) -> Vec<usize> {
        let key = self.key.fold_in(epoch);
        let offsets = key.kind(Kind::Order);
        let mut due = Vec::with_capacity(self.len);
        for (class, members) in self.classes.iter().enumerate() {
            let mut members = members.clone();
            shuffle(&mut members, key.fold_in(class as u64));
            let (offset, n) = (offsets.uniform(class as u64), members.len() as f64);
            let time = |(j, index)| ((j as f64 + offset) / n, index);
            due.extend(members.into_iter().enumerate().map(time));
        }
        // A stable sort: at equal times the class of the lower label comes first.
        due.sort_by(|a, b| a.0.total_cmp(&b.0));
        due.into_iter().map(|(_, index)| index).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_stretch_keeps_the_shares(
            labels in prop::collection::vec(0i64..3, 0..120), batch in 1usize..20, seed: u64,
        ) {
            let sampler = StratifiedSampler::new(&labels, Key::new(seed));
            let order = sampler.indices(1);
            let mut all = order.clone();
            all.sort_unstable();
            prop_assert_eq!(all, (0..labels.len()).collect::<Vec<_>>());
            for class in 0..3 {
                let share = labels.iter().filter(|&&l| l == class).count() as f64;
                for stretch in order.chunks(batch) {
                    let due = share * stretch.len() as f64 / labels.len() as f64;
                    let got = stretch.iter().filter(|&&i| labels[i] == class).count() as f64;
                    // Three classes, each off by less than 1 at both ends of the stretch.
                    prop_assert!((got - due).abs() < 3.0, "{got} {due}");
                }
            }
        }
    }

    #[test]
    fn epochs_differ_and_repeat() {
        let sampler = StratifiedSampler::new(&[0; 30], Key::new(1));
        assert_eq!(sampler.indices(2), sampler.indices(2));
        assert_ne!(sampler.indices(2), sampler.indices(3));
        assert!(StratifiedSampler::new(&[], Key::new(1)).is_empty());
    }
}
