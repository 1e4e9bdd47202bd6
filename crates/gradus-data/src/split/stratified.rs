//! Splits that keep the shares of classes.

use std::collections::BTreeMap;

use gradus_core::Key;

use super::part::{Part, sizes};
use crate::loader::shuffle;
use crate::{Result, Shuffle};

/// Splits the indices of `labels` so that each class is spread over the parts in proportion to
/// their sizes; a pure function of the key. Each part is in rising order and has exactly its size.
///
/// The count of a class in a part differs from `size · class / len` by less than 2, and by at most
/// 1 if there are two parts, however many classes there are. A class of one item lands in some
/// part; no class is refused.
///
/// Items are laid out class by class, in random order within a class, and dealt to the parts by
/// Tijdeman's rule, which keeps every prefix within `1 − 1/(2N − 2)` of its due; a class is the
/// difference of two prefixes.
///
/// # Errors
/// [`crate::Error::InvalidArgument`] if counts do not sum to `len` or fractions to 1;
/// [`crate::Error::EmptyPart`] if a part would be empty.
///
/// # Reference
/// Tijdeman 1980, "The chairman assignment problem", Discrete Mathematics 32.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_data::stratified_split;
/// let labels = [0, 0, 0, 0, 1, 0, 0, 1, 0, 0];
/// let [train, test] = stratified_split(&labels, [0.5, 0.5], Key::new(7))?;
/// let ones = |part: &[usize]| part.iter().filter(|&&i| labels[i] == 1).count();
/// assert_eq!((ones(&train), ones(&test)), (1, 1));
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn stratified_split<P: Part, const N: usize>(
    labels: &[i64],
    parts: [P; N],
    key: Key,
) -> Result<[Vec<usize>; N]> {
    let sizes = sizes("stratified_split", labels.len(), &parts)?;
    let mut parts = deal(labels, &sizes, Shuffle::Keyed(key)).into_iter();
    Ok(std::array::from_fn(|_| parts.next().unwrap_or_default()))
}

/// Deals the indices of labels to parts of these sizes, which sum to their number.
pub(super) fn deal(labels: &[i64], sizes: &[usize], order: Shuffle) -> Vec<Vec<usize>> {
    let mut classes: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (index, &label) in labels.iter().enumerate() {
        classes.entry(label).or_default().push(index);
    }
    let mut dealer = Dealer::new(sizes);
    let mut out: Vec<Vec<usize>> = sizes.iter().map(|&n| Vec::with_capacity(n)).collect();
    for (class, members) in classes.values_mut().enumerate() {
        if let Shuffle::Keyed(key) = order {
            shuffle(members, key.fold_in(class as u64));
        }
        for &index in &*members {
            out[dealer.deal()].push(index);
        }
    }
    out.iter_mut().for_each(|part| part.sort_unstable());
    out
}

/// Deals items to parts so that each part always has nearly its share.
struct Dealer<'a> {
    sizes: &'a [usize],
    dealt: Vec<usize>,
    n_dealt: usize,
    len: usize,
}

impl<'a> Dealer<'a> {
    fn new(sizes: &'a [usize]) -> Self {
        Self { sizes, dealt: vec![0; sizes.len()], n_dealt: 0, len: sizes.iter().sum() }
    }

    /// The part of the next item.
    ///
    /// With shares λ = size / len and k items dealt, the lead of a part is λ (k + 1) − dealt. Of
    /// the parts that lead by 1/(2N − 2) or more, the one goes first that would soonest be more
    /// than 1 − 1/(2N − 2) behind, that is with the least (1 − 1/(2N − 2) − lead) / λ. Everything
    /// is multiplied by len · (2N − 2), so that it is exact.
    fn deal(&mut self) -> usize {
        let unit = (2 * self.sizes.len()).saturating_sub(2).max(1) as i128;
        let len = self.len as i128;
        let lead = |part: usize| {
            let due = self.sizes[part] as i128 * (self.n_dealt as i128 + 1);
            unit * (due - self.dealt[part] as i128 * len)
        };
        let slack = |part: usize| len * (unit - 1) - lead(part);
        let sooner = |&a: &usize, &b: &usize| {
            (slack(a) * self.sizes[b] as i128).cmp(&(slack(b) * self.sizes[a] as i128))
        };
        let part = (0..self.sizes.len())
            .filter(|&part| lead(part) >= len)
            .min_by(sooner)
            .expect("the leads sum to 1, so that one of N is at least 1/N >= 1/(2N - 2)");
        self.dealt[part] += 1;
        self.n_dealt += 1;
        part
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{chronological_split, random_split};

    fn is_partition(parts: &[Vec<usize>], len: usize) -> bool {
        let mut all = parts.concat();
        all.sort_unstable();
        all == (0..len).collect::<Vec<_>>()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn classes_keep_their_shares(
            labels in prop::collection::vec((0i64..400).prop_map(|x| x.isqrt() - 3), 3..150),
            cuts in (1usize..100, 1usize..100),
            seed: u64,
        ) {
            let n = labels.len();
            let (a, b) = (1 + cuts.0 % (n - 2), cuts.1);
            let b = 1 + b % (n - a - 1).max(1);
            prop_assume!(a + b < n);
            let sizes = [a, b, n - a - b];
            let parts = stratified_split(&labels, sizes, Key::new(seed)).unwrap();
            prop_assert!(is_partition(&parts, n));
            prop_assert_eq!(parts.each_ref().map(Vec::len), sizes);
            prop_assert_eq!(&parts, &stratified_split(&labels, sizes, Key::new(seed)).unwrap());
            let two = stratified_split(&labels, [a, n - a], Key::new(seed)).unwrap();
            prop_assert!(is_partition(&two, n));
            for class in -3..20 {
                let count = |p: &[usize]| p.iter().filter(|&&i| labels[i] == class).count() as f64;
                let total = labels.iter().filter(|&&l| l == class).count() as f64;
                let off = |p: &[usize]| (count(p) - total * p.len() as f64 / n as f64).abs();
                prop_assert!(parts.iter().all(|p| off(p) < 2.0));
                prop_assert!(two.iter().all(|p| off(p) <= 1.0 + 1e-9));
            }
        }

        #[test]
        fn every_index_is_in_exactly_one_part(len in 20usize..200, seed: u64) {
            let key = Key::new(seed);
            let random = random_split(len, [0.7, 0.2, 0.1], key).unwrap();
            prop_assert!(is_partition(&random, len));
            let counts = random_split(len, random.each_ref().map(Vec::len), key).unwrap();
            prop_assert_eq!(counts, random);
            let cut = chronological_split(len, [0.5, 0.3, 0.2]).unwrap();
            prop_assert!(is_partition(&cut, len));
            prop_assert_eq!(cut.concat(), (0..len).collect::<Vec<_>>());
        }
    }

    #[test]
    fn one_part_takes_all() {
        let [all] = stratified_split(&[1, 0, 1], [1.0], Key::new(0)).unwrap();
        assert_eq!(all, [0, 1, 2]);
    }

    #[test]
    fn every_item_has_the_same_chance() {
        let labels = [0, 0, 0, 0, 1, 1];
        let mut counts = [0u32; 6];
        for seed in 0..3000 {
            let [train, _] = stratified_split(&labels, [3, 3], Key::new(seed)).unwrap();
            train.iter().for_each(|&i| counts[i] += 1);
        }
        // Half of 3000 draws each, within 5 sigma.
        assert!(counts.iter().all(|&c| c.abs_diff(1500) < 140), "{counts:?}");
    }
}
