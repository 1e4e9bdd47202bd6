//! Axis arguments: `-1`, `[0, 2]`, `..`.

use std::ops::RangeFull;

use smallvec::SmallVec;

use crate::{Error, Result};

/// One axis; negative values count from the end, as in NumPy.
///
/// # Examples
/// ```
/// use gradus_core::Dim;
/// assert_eq!(Dim::from(-1).resolve("sum", 3)?, 2);
/// assert!(Dim::from(3usize).resolve("sum", 3).is_err());
/// # Ok::<(), gradus_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dim(isize);

impl Dim {
    /// The axis index in a tensor of `rank` dimensions.
    ///
    /// # Errors
    /// [`Error::DimOutOfRange`] if there is no such axis.
    pub fn resolve(self, op: &'static str, rank: usize) -> Result<usize> {
        self.resolve_in(op, rank, rank)
    }

    /// The place of a new axis: `rank` itself is allowed, and `-1` is after the last axis.
    ///
    /// # Errors
    /// [`Error::DimOutOfRange`] if the place is beyond the end.
    pub fn resolve_insert(self, op: &'static str, rank: usize) -> Result<usize> {
        self.resolve_in(op, rank, rank + 1)
    }

    fn resolve_in(self, op: &'static str, rank: usize, places: usize) -> Result<usize> {
        let places = places as isize;
        let dim = if self.0 < 0 { self.0 + places } else { self.0 };
        if (0..places).contains(&dim) {
            Ok(dim as usize)
        } else {
            Err(Error::DimOutOfRange { op, dim: self.0, rank })
        }
    }
}

/// A set of axes: one, several, or all (`..`).
///
/// # Examples
/// ```
/// use gradus_core::Dims;
/// assert_eq!(Dims::from([0, -1]).resolve("sum", 3)?.as_slice(), &[0, 2]);
/// assert_eq!(Dims::from(..).resolve("sum", 2)?.as_slice(), &[0, 1]);
/// # Ok::<(), gradus_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dims {
    /// Every axis.
    All,
    /// These axes.
    Some(SmallVec<[Dim; 4]>),
}

impl Dims {
    /// The axis indices in rising order.
    ///
    /// # Errors
    /// [`Error::DimOutOfRange`] or [`Error::RepeatedDim`].
    pub fn resolve(&self, op: &'static str, rank: usize) -> Result<SmallVec<[usize; 6]>> {
        let Self::Some(dims) = self else { return Ok((0..rank).collect()) };
        let mut out: SmallVec<[usize; 6]> =
            dims.iter().map(|d| d.resolve(op, rank)).collect::<Result<_>>()?;
        out.sort_unstable();
        match out.windows(2).find(|w| w[0] == w[1]) {
            Some(w) => Err(Error::RepeatedDim { op, dim: w[0] }),
            None => Ok(out),
        }
    }
}

impl From<RangeFull> for Dims {
    fn from(_: RangeFull) -> Self {
        Self::All
    }
}

impl From<Dim> for Dims {
    fn from(dim: Dim) -> Self {
        Self::Some(SmallVec::from_elem(dim, 1))
    }
}

/// Stamps the conversions for each integer type a caller may hold an axis in.
macro_rules! from_integer {
    ($($int:ty),*) => {$(
        impl From<$int> for Dim {
            fn from(dim: $int) -> Self {
                Self(dim as isize)
            }
        }

        impl From<$int> for Dims {
            fn from(dim: $int) -> Self {
                Dim::from(dim).into()
            }
        }

        impl<const N: usize> From<[$int; N]> for Dims {
            fn from(dims: [$int; N]) -> Self {
                Self::Some(dims.into_iter().map(Dim::from).collect())
            }
        }

        impl From<&[$int]> for Dims {
            fn from(dims: &[$int]) -> Self {
                Self::Some(dims.iter().copied().map(Dim::from).collect())
            }
        }
    )*};
}
from_integer!(i32, isize, usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_the_op_and_the_axis() {
        let msg = |d: Dims| d.resolve("sum", 2).unwrap_err().to_string();
        assert_eq!(msg(2.into()), "sum: dimension 2 is out of range for a tensor of rank 2");
        assert_eq!(msg((-3).into()), "sum: dimension -3 is out of range for a tensor of rank 2");
        assert_eq!(msg([1, -1].into()), "sum: dimension 1 is given more than once");
    }

    #[test]
    fn a_new_axis_may_stand_at_the_end() {
        assert_eq!(Dim::from(-1).resolve_insert("unsqueeze", 2).unwrap(), 2);
        assert_eq!(Dim::from(2).resolve_insert("unsqueeze", 2).unwrap(), 2);
        assert!(Dim::from(3).resolve_insert("unsqueeze", 2).is_err());
    }
}
