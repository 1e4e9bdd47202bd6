//! Extents of a tensor.

use std::fmt;

use smallvec::SmallVec;

use crate::{Error, Result};

/// In a `reshape`, the one extent to be worked out from the element count (PyTorch's `-1`).
pub const INFER: usize = usize::MAX;

/// The extents of a tensor along each dimension. A 0-d shape is a scalar with one element.
///
/// # Examples
/// ```
/// use gradus_core::Shape;
/// let shape = Shape::from([2, 3, 4]);
/// assert_eq!((shape.rank(), shape.len()), (3, 24));
/// assert_eq!(shape.to_string(), "[2, 3, 4]");
/// assert_eq!(Shape::from(()).len(), 1);
/// ```
#[derive(PartialEq, Eq, Hash, Default)]
pub struct Shape(SmallVec<[usize; 6]>);

impl Shape {
    /// The extents.
    pub fn dims(&self) -> &[usize] {
        &self.0
    }

    /// How many dimensions there are.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// How many elements a tensor of this shape has, or `usize::MAX` if the count does not fit;
    /// [`Shape::checked_len`] tells whether it does.
    pub fn len(&self) -> usize {
        // An extent of 0 counts before the others can overflow.
        if self.is_empty() { 0 } else { self.0.iter().fold(1, |n, &d| n.saturating_mul(d)) }
    }

    /// Whether a tensor of this shape has no element.
    pub fn is_empty(&self) -> bool {
        self.0.contains(&0)
    }

    /// The element count, or `None` if it does not fit in memory's address space.
    pub fn checked_len(&self) -> Option<usize> {
        if self.is_empty() {
            return Some(0);
        }
        self.0
            .iter()
            .try_fold(1usize, |n, &d| n.checked_mul(d))
            .filter(|&n| n <= isize::MAX as usize)
    }

    /// Strides of a row-major tensor of this shape, in elements. A tensor without elements may have
    /// extents whose product does not fit; its strides, which nothing follows, stop at `usize::MAX`.
    pub fn contiguous_strides(&self) -> SmallVec<[usize; 6]> {
        let mut strides = SmallVec::from_elem(1, self.rank());
        for i in (1..self.rank()).rev() {
            strides[i - 1] = self.0[i].max(1).saturating_mul(strides[i]);
        }
        strides
    }

    /// The shape that `self` and `other` broadcast to, as in NumPy: extents are compared from the
    /// last dimension on, and must be equal or one of them 1 or absent.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] naming `op`.
    ///
    /// # Examples
    /// ```
    /// use gradus_core::Shape;
    /// let (a, b) = (Shape::from([4, 1, 3]), Shape::from([2, 1]));
    /// assert_eq!(a.broadcast("add", &b)?.dims(), &[4, 2, 3]);
    /// # Ok::<(), gradus_core::Error>(())
    /// ```
    pub fn broadcast(&self, op: &'static str, other: &Self) -> Result<Self> {
        let rank = self.rank().max(other.rank());
        let extent = |s: &Self, i: usize| (i + s.rank()).checked_sub(rank).map_or(1, |j| s.0[j]);
        (0..rank)
            .map(|i| match (extent(self, i), extent(other, i)) {
                (a, b) if a == b => Some(a),
                (1, b) => Some(b),
                (a, 1) => Some(a),
                _ => None,
            })
            .collect::<Option<SmallVec<_>>>()
            .map(Self)
            .ok_or_else(|| Error::ShapeMismatch { op, lhs: self.clone(), rhs: other.clone() })
    }

    /// Replaces one [`INFER`] by the extent that keeps `len` elements.
    ///
    /// # Errors
    /// [`Error::Reshape`] if the counts cannot be made equal.
    pub fn infer(&self, op: &'static str, from: &Self) -> Result<Self> {
        let fail = || Error::Reshape { op, from: from.clone(), to: self.clone() };
        let mut out = self.clone();
        if let Some(i) = self.0.iter().position(|&d| d == INFER) {
            out.0[i] = 1;
            let rest = out.checked_len().filter(|&n| n > 0).ok_or_else(fail)?;
            out.0[i] = from.len() / rest;
        }
        if out.0.contains(&INFER) || out.checked_len() != Some(from.len()) {
            return Err(fail());
        }
        Ok(out)
    }
}

impl Clone for Shape {
    fn clone(&self) -> Self {
        // The derived clone goes element by element.
        Self(SmallVec::from_slice(&self.0))
    }
}

impl std::ops::Index<usize> for Shape {
    type Output = usize;

    fn index(&self, dim: usize) -> &usize {
        &self.0[dim]
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (i, &d) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            if d == INFER { write!(f, "{comma}-1")? } else { write!(f, "{comma}{d}")? }
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromIterator<usize> for Shape {
    fn from_iter<I: IntoIterator<Item = usize>>(extents: I) -> Self {
        Self(extents.into_iter().collect())
    }
}

impl From<()> for Shape {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl From<usize> for Shape {
    fn from(len: usize) -> Self {
        Self(SmallVec::from_slice(&[len]))
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(dims: [usize; N]) -> Self {
        Self(SmallVec::from_slice(&dims))
    }
}

impl From<&[usize]> for Shape {
    fn from(dims: &[usize]) -> Self {
        Self(SmallVec::from_slice(dims))
    }
}

impl From<Vec<usize>> for Shape {
    fn from(dims: Vec<usize>) -> Self {
        Self(SmallVec::from_vec(dims))
    }
}

impl From<&Self> for Shape {
    fn from(shape: &Self) -> Self {
        shape.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcasting_follows_numpy() {
        let ok = |a: &[usize], b: &[usize]| Shape::from(a).broadcast("t", &Shape::from(b));
        assert_eq!(ok(&[], &[3]).unwrap(), Shape::from([3]));
        assert_eq!(ok(&[0, 1], &[1, 5]).unwrap(), Shape::from([0, 5]));
        assert_eq!(ok(&[1], &[0]).unwrap(), Shape::from([0]));
        assert_eq!(
            ok(&[2, 3], &[2]).unwrap_err().to_string(),
            "t: shapes [2, 3] and [2] do not fit together"
        );
    }

    #[test]
    fn one_extent_can_be_inferred() {
        let infer = |to: &[usize], from: &[usize]| Shape::from(to).infer("reshape", &from.into());
        assert_eq!(infer(&[INFER, 4], &[2, 6]).unwrap(), Shape::from([3, 4]));
        assert_eq!(infer(&[INFER], &[0, 6]).unwrap(), Shape::from([0]));
        assert!(infer(&[INFER, INFER], &[4]).is_err());
        assert!(infer(&[INFER, 0], &[0]).is_err());
        assert_eq!(
            infer(&[INFER, 5], &[2, 3]).unwrap_err().to_string(),
            "reshape: cannot reshape [2, 3] (6 elements) to [-1, 5]"
        );
    }

    #[test]
    fn an_empty_shape_may_have_huge_extents() {
        let huge = 1 << 40;
        for dims in [[huge, huge, 0], [0, huge, huge], [huge, 0, huge]] {
            let shape = Shape::from(dims);
            assert_eq!((shape.len(), shape.checked_len()), (0, Some(0)));
            assert_eq!(shape.contiguous_strides().len(), 3);
        }
        assert_eq!(Shape::from([0, huge, huge]).contiguous_strides()[..], [usize::MAX, huge, 1]);
        assert_eq!(Shape::from([huge, huge]).len(), usize::MAX);
    }

    #[test]
    fn a_huge_shape_has_no_length() {
        assert_eq!(Shape::from([usize::MAX / 2, 3]).checked_len(), None);
        assert_eq!(Shape::from([usize::MAX / 2, 3, 0]).checked_len(), Some(0));
    }
}
