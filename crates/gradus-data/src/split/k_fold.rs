//! Folds for cross-validation: every item is tested on once.

use super::fold::Fold;
use super::stratified::deal;
use crate::{Error, Result, Shuffle};

/// `k` folds whose test parts are parts of `0..len`, in order or at random; the first `len % k` have
/// one item more. Leave-one-out is `k = len`.
///
/// # Errors
/// [`Error::InvalidArgument`] if `k` is below 2 or above `len`.
///
/// # Reference
/// scikit-learn's `KFold`.
///
/// # Examples
/// ```
/// use gradus_data::{Shuffle, k_fold};
/// let folds = k_fold(5, 2, Shuffle::No)?;
/// assert_eq!((folds[0].train(), folds[0].test()), (&[3, 4][..], &[0, 1, 2][..]));
/// assert_eq!((folds[1].train(), folds[1].test()), (&[0, 1, 2][..], &[3, 4][..]));
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn k_fold(len: usize, k: usize, order: Shuffle) -> Result<Vec<Fold>> {
    let sizes = fold_sizes("k_fold", len, k)?;
    let order = order.indices(len, 0);
    let mut rest = &order[..];
    let next = |&size: &usize| {
        let (test, after) = rest.split_at(size);
        rest = after;
        let mut test = test.to_vec();
        test.sort_unstable();
        Fold::without(len, test)
    };
    Ok(sizes.iter().map(next).collect())
}

/// `k` folds in which each class has nearly its share: the count of a class in a test part differs
/// from `class / k` by less than 2. The first `len % k` folds have one item more.
///
/// # Errors
/// [`Error::InvalidArgument`] if `k` is below 2 or above the number of labels.
///
/// # Examples
/// ```
/// use gradus_data::{Shuffle, stratified_k_fold};
/// let labels = [0, 0, 0, 0, 1, 1];
/// for fold in stratified_k_fold(&labels, 2, Shuffle::No)? {
///     assert_eq!(fold.test().iter().filter(|&&i| labels[i] == 1).count(), 1);
/// }
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn stratified_k_fold(labels: &[i64], k: usize, order: Shuffle) -> Result<Vec<Fold>> {
    let sizes = fold_sizes("stratified_k_fold", labels.len(), k)?;
    let tests = deal(labels, &sizes, order).into_iter();
    Ok(tests.map(|test| Fold::without(labels.len(), test)).collect())
}

fn fold_sizes(op: &'static str, len: usize, k: usize) -> Result<Vec<usize>> {
    if k < 2 || k > len {
        let (name, expected) = ("k", "2 or more, and at most the number of items");
        return Err(Error::InvalidArgument { op, name, expected, got: format!("{k} of {len}") });
    }
    Ok((0..k).map(|i| len / k + usize::from(i < len % k)).collect())
}

#[cfg(test)]
mod tests {
    use gradus_core::Key;
    use proptest::prelude::*;

    use super::*;

    fn check(folds: &[Fold], len: usize) {
        let mut all: Vec<usize> = folds.iter().flat_map(|f| f.test().to_vec()).collect();
        all.sort_unstable();
        assert_eq!(all, (0..len).collect::<Vec<_>>());
        for fold in folds {
            assert_eq!(fold.train().len() + fold.test().len(), len);
            // Refuses shared items.
            Fold::new(len, fold.train().to_vec(), fold.test().to_vec()).unwrap();
        }
        let sizes = folds.iter().map(|f| f.test().len());
        assert!(sizes.clone().max().unwrap() - sizes.min().unwrap() <= 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_item_is_tested_on_once(
            labels in prop::collection::vec(0i64..4, 2..60), k in 2usize..8, seed: u64,
        ) {
            let n = labels.len();
            prop_assume!(k <= n);
            for order in [Shuffle::No, Shuffle::Keyed(Key::new(seed))] {
                check(&k_fold(n, k, order).unwrap(), n);
                let folds = stratified_k_fold(&labels, k, order).unwrap();
                check(&folds, n);
                for class in 0..4 {
                    let total = labels.iter().filter(|&&l| l == class).count() as f64;
                    for fold in &folds {
                        let own = fold.test().iter().filter(|&&i| labels[i] == class).count();
                        prop_assert!((own as f64 - total / k as f64).abs() < 2.0);
                    }
                }
            }
        }
    }

    #[test]
    fn a_fold_count_out_of_range_is_refused() {
        for k in [0, 1, 4] {
            let message = k_fold(3, k, Shuffle::No).unwrap_err().to_string();
            assert!(message.ends_with(&format!("got {k} of 3")), "{message}");
            assert!(stratified_k_fold(&[0, 1, 0], k, Shuffle::No).is_err());
        }
        assert!(k_fold(0, 2, Shuffle::No).is_err());
    }
}
