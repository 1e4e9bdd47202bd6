//! Splits in time.

use super::fold::Fold;
use super::part::{Part, sizes};
use crate::{Error, Result};

/// Cuts `0..len` into consecutive parts, for series where the future must not be learned from.
///
/// # Errors
/// [`crate::Error::InvalidArgument`] if counts do not sum to `len` or fractions to 1;
/// [`crate::Error::EmptyPart`] if a part would be empty.
///
/// # Examples
/// ```
/// use gradus_data::chronological_split;
/// let [train, test] = chronological_split(5, [0.6, 0.4])?;
/// assert_eq!((train, test), (vec![0, 1, 2], vec![3, 4]));
/// let [past, future] = chronological_split(5, [4, 1])?;
/// assert_eq!((past.len(), future), (4, vec![4]));
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn chronological_split<P: Part, const N: usize>(
    len: usize,
    parts: [P; N],
) -> Result<[Vec<usize>; N]> {
    let sizes = sizes("chronological_split", len, &parts)?;
    let mut start = 0;
    Ok(std::array::from_fn(|part| {
        start += sizes[part];
        (start - sizes[part]..start).collect()
    }))
}

/// How far back a chronological fold learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    /// From the start.
    #[default]
    All,
    /// From so many items before its end.
    Last(usize),
}

/// `k` folds in time: each tests on `len / (k + 1)` items and learns from those before them, but for
/// the last `gap`, which the tested ones may still depend on.
///
/// # Errors
/// [`Error::InvalidArgument`] if `k` is 0, or so large that a part would be empty; if the window is
/// empty.
///
/// # Reference
/// scikit-learn's `TimeSeriesSplit`.
///
/// # Examples
/// ```
/// use gradus_data::{Window, chronological_folds};
/// let folds = chronological_folds(6, 2, 0, Window::All)?;
/// assert_eq!((folds[0].train(), folds[0].test()), (&[0, 1][..], &[2, 3][..]));
/// assert_eq!((folds[1].train(), folds[1].test()), (&[0, 1, 2, 3][..], &[4, 5][..]));
/// let folds = chronological_folds(6, 2, 1, Window::Last(2))?;
/// assert_eq!((folds[1].train(), folds[1].test()), (&[1, 2][..], &[4, 5][..]));
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn chronological_folds(len: usize, k: usize, gap: usize, window: Window) -> Result<Vec<Fold>> {
    let op = "chronological_folds";
    let size = k.checked_add(1).map_or(0, |parts| len / parts);
    if k == 0 || size == 0 || len - k * size <= gap {
        let (name, expected) = ("k", "1 or more, and leave items to each part beside the gap");
        let got = format!("{k} for {len} items and a gap of {gap}");
        return Err(Error::InvalidArgument { op, name, expected, got });
    }
    if window == Window::Last(0) {
        let (name, expected) = ("window", "1 or more");
        return Err(Error::InvalidArgument { op, name, expected, got: "0".to_owned() });
    }
    let fold = |i: usize| {
        let start = len - (k - i) * size;
        let end = start - gap;
        let from = match window {
            Window::All => 0,
            Window::Last(n) => end.saturating_sub(n),
        };
        Fold::new(len, (from..end).collect(), (start..start + size).collect())
    };
    (0..k).map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_learned_from_and_the_future_tested_on() {
        for (len, k, gap) in [(10, 3, 0), (11, 3, 1), (7, 6, 0), (50, 4, 7), (2, 1, 0)] {
            let folds = chronological_folds(len, k, gap, Window::All).unwrap();
            assert_eq!(folds.len(), k);
            assert_eq!(*folds[k - 1].test().last().unwrap(), len - 1);
            for fold in &folds {
                assert_eq!(fold.train().last().unwrap() + 1 + gap, fold.test()[0]);
                assert_eq!(fold.train()[0], 0);
            }
        }
    }

    #[test]
    fn what_leaves_a_part_empty_is_refused() {
        for (len, k, gap) in [(3, 0, 0), (3, 3, 0), (6, 2, 2), (0, 1, 0), (5, usize::MAX, 0)] {
            assert!(chronological_folds(len, k, gap, Window::All).is_err(), "{len} {k} {gap}");
        }
        assert!(chronological_folds(6, 2, 0, Window::Last(0)).is_err());
    }
}
