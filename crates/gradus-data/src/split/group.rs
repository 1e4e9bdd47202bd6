//! Splits that keep groups whole, for items that know of each other: of one speaker, one patient.

use std::collections::BTreeMap;

use gradus_core::Key;

use super::fold::Fold;
use super::part::{Part, sizes};
use crate::loader::shuffle;
use crate::{Error, Result};

/// `k` folds that keep groups whole: no group is learned from and tested on.
///
/// Groups go to folds from the largest to the smallest, each to the fold with the fewest items, so
/// that folds are about equally large.
///
/// # Errors
/// [`Error::InvalidArgument`] if `k` is below 2 or above the number of groups.
///
/// # Reference
/// scikit-learn's `GroupKFold`.
///
/// # Examples
/// ```
/// use gradus_data::group_k_fold;
/// let speakers = [7, 7, 7, 1, 1, 2];
/// let folds = group_k_fold(&speakers, 2)?;
/// assert_eq!((folds[0].test(), folds[1].test()), (&[0, 1, 2][..], &[3, 4, 5][..]));
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn group_k_fold(groups: &[i64], k: usize) -> Result<Vec<Fold>> {
    let mut members = members(groups);
    if k < 2 || k > members.len() {
        let (op, name, expected) =
            ("group_k_fold", "k", "2 or more, and at most the number of groups");
        let got = format!("{k} of {}", members.len());
        return Err(Error::InvalidArgument { op, name, expected, got });
    }
    members.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let mut tests: Vec<Vec<usize>> = vec![Vec::new(); k];
    for group in members {
        let least = (0..k).min_by_key(|&fold| tests[fold].len()).unwrap_or(0);
        tests[least].extend(group);
    }
    let fold = |mut test: Vec<usize>| {
        test.sort_unstable();
        Fold::without(groups.len(), test)
    };
    Ok(tests.into_iter().map(fold).collect())
}

/// Splits the indices of `groups` at random, but keeps groups whole; a pure function of the key.
/// Each part is in rising order.
///
/// Groups are put in random order and each goes to the part that lacks most of its size. Parts
/// therefore have their sizes only as nearly as the groups allow.
///
/// # Errors
/// [`Error::InvalidArgument`] if counts do not sum to the number of items or fractions to 1;
/// [`Error::EmptyPart`] if a part would be empty, as with fewer groups than parts.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_data::group_split;
/// let speakers = [7, 1, 7, 2, 1, 2, 9, 9];
/// let [train, test] = group_split(&speakers, [0.75, 0.25], Key::new(7))?;
/// assert_eq!((train.len(), test.len()), (6, 2));
/// assert_eq!(speakers[test[0]], speakers[test[1]]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn group_split<P: Part, const N: usize>(
    groups: &[i64],
    parts: [P; N],
    key: Key,
) -> Result<[Vec<usize>; N]> {
    let op = "group_split";
    let mut lacking =
        sizes(op, groups.len(), &parts)?.iter().map(|&n| n as i64).collect::<Vec<_>>();
    let mut members = members(groups);
    shuffle(&mut members, key);
    let mut out: [Vec<usize>; N] = std::array::from_fn(|_| Vec::new());
    for group in members {
        // The first of equals.
        let part = (0..N).rev().max_by_key(|&part| lacking[part]).unwrap_or(0);
        lacking[part] -= group.len() as i64;
        out[part].extend(group);
    }
    if let Some(part) = out.iter().position(Vec::is_empty) {
        return Err(Error::EmptyPart { op, part, len: groups.len() });
    }
    out.iter_mut().for_each(|part| part.sort_unstable());
    Ok(out)
}

/// The items of each group, in the order of the groups' numbers.
fn members(groups: &[i64]) -> Vec<Vec<usize>> {
    let mut members: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (index, &group) in groups.iter().enumerate() {
        members.entry(group).or_default().push(index);
    }
    members.into_values().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_group_is_on_both_sides(
            groups in prop::collection::vec(0i64..9, 2..60), k in 2usize..5, seed: u64,
        ) {
            let of = |part: &[usize]| part.iter().map(|&i| groups[i]).collect::<BTreeSet<_>>();
            let all: Vec<usize> = (0..groups.len()).collect();
            prop_assume!(of(&all).len() >= k);
            let folds = group_k_fold(&groups, k).unwrap();
            prop_assert_eq!(folds.len(), k);
            let mut tested: Vec<usize> = folds.iter().flat_map(|f| f.test().to_vec()).collect();
            tested.sort_unstable();
            prop_assert_eq!(&tested, &all);
            for fold in &folds {
                prop_assert!(of(fold.train()).is_disjoint(&of(fold.test())));
            }
            let [a, b] = match group_split(&groups, [0.5, 0.5], Key::new(seed)) {
                Ok(parts) => parts,
                Err(error) => {
                    prop_assert!(matches!(error, Error::EmptyPart { .. }), "{}", error);
                    return Ok(());
                }
            };
            prop_assert!(of(&a).is_disjoint(&of(&b)));
            let mut both = [a, b].concat();
            both.sort_unstable();
            prop_assert_eq!(both, all);
        }
    }

    #[test]
    fn too_few_groups_are_refused() {
        assert!(group_k_fold(&[3, 3, 3], 2).unwrap_err().to_string().ends_with("got 2 of 1"));
        let error = group_split(&[3, 3, 3], [0.6, 0.4], Key::new(0)).unwrap_err();
        assert!(matches!(error, Error::EmptyPart { part: 1, .. }), "{error}");
    }
}
