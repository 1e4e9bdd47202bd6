//! Sizes of the parts of a split.

use crate::{Error, Result};

/// The size of a part: a count of items (`usize`), or a fraction of them (`f64`).
pub trait Part: Copy + sealed::Sealed {
    #[doc(hidden)]
    fn sizes(op: &'static str, len: usize, parts: &[Self]) -> Result<Vec<usize>>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f64 {}
    impl Sealed for usize {}
}

impl Part for usize {
    fn sizes(op: &'static str, len: usize, parts: &[Self]) -> Result<Vec<usize>> {
        let sum = parts.iter().try_fold(0usize, |sum, &n| sum.checked_add(n));
        if sum != Some(len) {
            let got = format!("{parts:?} for {len} items");
            let (name, expected) = ("counts", "of sum equal to the number of items");
            return Err(Error::InvalidArgument { op, name, expected, got });
        }
        Ok(parts.to_vec())
    }
}

/// How far from 1 the sum of fractions may be: a few roundings of decimal fractions.
const SUM_TOLERANCE: f64 = 1e-9;

impl Part for f64 {
    /// Part boundaries are the rounded cumulative fractions, so that no item is lost.
    fn sizes(op: &'static str, len: usize, parts: &[Self]) -> Result<Vec<usize>> {
        let sum: Self = parts.iter().sum();
        // Written so that NaN fails.
        let valid = parts.iter().all(|&f| f > 0.0) && (sum - 1.0).abs() < SUM_TOLERANCE;
        if !valid {
            let (name, expected) = ("fractions", "positive and of sum 1");
            return Err(Error::InvalidArgument { op, name, expected, got: format!("{parts:?}") });
        }
        let (mut start, mut cumulative) = (0, 0.0);
        let mut sizes = Vec::with_capacity(parts.len());
        for (i, fraction) in parts.iter().enumerate() {
            cumulative += fraction;
            let last = i + 1 == parts.len();
            let end = if last { len } else { (cumulative * len as Self).round() as usize };
            sizes.push(end - start);
            start = end;
        }
        Ok(sizes)
    }
}

/// The sizes of parts, none of them 0.
pub(super) fn sizes<P: Part>(op: &'static str, len: usize, parts: &[P]) -> Result<Vec<usize>> {
    let sizes = P::sizes(op, len, parts)?;
    match sizes.iter().position(|&n| n == 0) {
        Some(part) => Err(Error::EmptyPart { op, part, len }),
        None => Ok(sizes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_rounded_without_loss() {
        assert_eq!(sizes("t", 10, &[0.8, 0.1, 0.1]).unwrap(), [8, 1, 1]);
        assert_eq!(sizes("t", 7, &[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0]).unwrap(), [2, 3, 2]);
        assert_eq!(sizes("t", 3, &[1.0]).unwrap(), [3]);
    }

    #[test]
    fn what_does_not_add_up_is_refused() {
        let message = |r: Result<Vec<usize>>| r.unwrap_err().to_string();
        assert_eq!(
            message(sizes("t", 10, &[0.8, 0.1])),
            "t: fractions must be positive and of sum 1, got [0.8, 0.1]"
        );
        assert_eq!(
            message(sizes("t", 10, &[6, 5])),
            "t: counts must be of sum equal to the number of items, got [6, 5] for 10 items"
        );
        assert_eq!(
            message(sizes("t", 3, &[0.9, 0.1])),
            "t: part 1 would be empty (3 items in all)"
        );
        for bad in [[f64::NAN, 1.0], [1.5, -0.5], [f64::INFINITY, f64::NEG_INFINITY]] {
            assert!(sizes("t", 10, &bad).is_err());
        }
        assert!(sizes("t", 1, &[usize::MAX, 2]).is_err());
        assert!(sizes::<f64>("t", 0, &[]).is_err());
    }
}
