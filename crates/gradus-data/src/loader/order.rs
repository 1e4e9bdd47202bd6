//! The order in which items are visited.

use gradus_core::{Key, Kind};

/// In which order an epoch visits the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shuffle {
    /// From the first to the last.
    #[default]
    No,
    /// In an order that is a pure function of the key and the epoch.
    Keyed(Key),
}

impl Shuffle {
    /// The indices `0..len` in this order.
    pub fn indices(self, len: usize, epoch: u64) -> Vec<usize> {
        match self {
            Self::No => (0..len).collect(),
            Self::Keyed(key) => permutation(len, key.fold_in(epoch)),
        }
    }
}

/// A uniform random order of `0..len`: a pure function of the key.
///
/// Fisher–Yates from the back; step `i` draws `key.kind(Kind::Shuffle).uniform(i)`. The bias of
/// scaling a 52-bit uniform is below `len / 2⁵²`.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_data::permutation;
/// let mut order = permutation(5, Key::new(7));
/// assert_eq!(order, permutation(5, Key::new(7)));
/// order.sort_unstable();
/// assert_eq!(order, [0, 1, 2, 3, 4]);
/// ```
pub fn permutation(len: usize, key: Key) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..len).collect();
    shuffle(&mut indices, key);
    indices
}

/// Brings a slice into the order of [`permutation`].
pub(crate) fn shuffle<T>(items: &mut [T], key: Key) {
    let key = key.kind(Kind::Shuffle);
    for i in (1..items.len()).rev() {
        // A uniform is below 1, but its product with i + 1 may round up to it.
        let j = (key.uniform(i as u64) * (i + 1) as f64) as usize;
        items.swap(i, j.min(i));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_equally_likely() {
        let mut counts = std::collections::BTreeMap::new();
        let n = 6000;
        for seed in 0..n {
            *counts.entry(permutation(3, Key::new(seed))).or_insert(0u32) += 1;
        }
        assert_eq!(counts.len(), 6);
        // Six cells of expectation 1000: a 5-sigma band.
        assert!(counts.values().all(|&c| c.abs_diff(1000) < 150), "{counts:?}");
    }

    #[test]
    fn epochs_differ_and_repeat() {
        let order = Shuffle::Keyed(Key::new(1));
        assert_eq!(order.indices(50, 3), order.indices(50, 3));
        assert_ne!(order.indices(50, 3), order.indices(50, 4));
        assert_eq!(Shuffle::No.indices(3, 9), [0, 1, 2]);
        assert!(order.indices(0, 0).is_empty());
    }

    #[test]
    fn value_stability_of_the_permutation() {
        assert_eq!(permutation(8, Key::new(7)), STABLE);
    }

    const STABLE: [usize; 8] = [5, 6, 2, 1, 4, 0, 3, 7];
}
