//! Batches of items of like length.

use gradus_core::Key;

use super::order::{permutation, shuffle};
use super::sampler::Sampler;
use crate::{Error, Result};

/// Visits every item once, in random batches whose items have nearly the same length, so that
/// padding them costs little.
///
/// An epoch's random order is cut into pools of `pool` batches, each pool is sorted by length and
/// cut into batches, and the batches are shuffled; a last batch that is not full stays last. A
/// larger pool pads less and mixes less.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_data::{LengthBuckets, Sampler};
/// let lengths = [9, 1, 8, 2, 9, 1, 8, 2];
/// let order = LengthBuckets::new(&lengths, 2, 4, Key::new(7))?.indices(0);
/// assert!(order.chunks(2).all(|pair| lengths[pair[0]].abs_diff(lengths[pair[1]]) <= 1));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LengthBuckets {
    lengths: Vec<usize>,
    batch_size: usize,
    pool: usize,
    key: Key,
}

impl LengthBuckets {
    /// A sampler over items of these lengths for a loader of the same `batch_size`.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if `batch_size` or `pool` (in batches) is 0.
    pub fn new(lengths: &[usize], batch_size: usize, pool: usize, key: Key) -> Result<Self> {
        for (name, value) in [("batch_size", batch_size), ("pool", pool)] {
            if value == 0 {
                let (op, expected, got) = ("LengthBuckets::new", "positive", "0".to_owned());
                return Err(Error::InvalidArgument { op, name, expected, got });
            }
        }
        Ok(Self { lengths: lengths.to_vec(), batch_size, pool, key })
    }
}

impl Sampler for LengthBuckets {
    fn len(&self) -> usize {
        self.lengths.len()
    }

    fn indices(&self, epoch: u64) -> Vec<usize> {
        let key = self.key.fold_in(epoch);
        let mut order = permutation(self.lengths.len(), key);
        let n_full = order.len() / self.batch_size * self.batch_size;
        let rest = order.split_off(n_full);
        for pool in order.chunks_mut(self.batch_size.saturating_mul(self.pool)) {
            pool.sort_by_key(|&index| self.lengths[index]);
        }
        let mut batches: Vec<&[usize]> = order.chunks(self.batch_size).collect();
        shuffle(&mut batches, key.fold_in(1));
        let mut indices = batches.concat();
        indices.extend(rest);
        indices
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn batches_are_neighbours_in_length(
            lengths in prop::collection::vec(0usize..1000, 0..80), batch in 1usize..9, seed: u64,
        ) {
            let buckets = LengthBuckets::new(&lengths, batch, usize::MAX, Key::new(seed)).unwrap();
            let order = buckets.indices(4);
            prop_assert_eq!(&order, &buckets.indices(4));
            let mut all = order.clone();
            all.sort_unstable();
            prop_assert_eq!(all, (0..lengths.len()).collect::<Vec<_>>());
            // One pool over all: the spans of the full batches do not overlap.
            let full = order.chunks_exact(batch).map(|b| {
                let lengths = b.iter().map(|&i| lengths[i]);
                (lengths.clone().min().unwrap(), lengths.max().unwrap())
            });
            let mut spans: Vec<_> = full.collect();
            spans.sort_unstable();
            prop_assert!(spans.windows(2).all(|w| w[0].1 <= w[1].0));
        }
    }

    #[test]
    fn batches_come_in_random_order() {
        let lengths: Vec<usize> = (0..40).collect();
        let buckets = LengthBuckets::new(&lengths, 4, 10, Key::new(3)).unwrap();
        let firsts =
            |epoch| -> Vec<usize> { buckets.indices(epoch).chunks(4).map(|b| b[0]).collect() };
        let mut sorted = firsts(0);
        sorted.sort_unstable();
        assert_ne!(firsts(0), sorted);
        assert_ne!(firsts(0), firsts(1));
        assert!(LengthBuckets::new(&lengths, 0, 1, Key::new(3)).is_err());
        assert!(LengthBuckets::new(&lengths, 1, 0, Key::new(3)).is_err());
    }
}
