//! Shape, strides and offset: views as arithmetic.

use smallvec::SmallVec;

use crate::{Dim, Error, Result, Shape};

/// How the elements of a tensor lie in its storage.
///
/// Strides count elements. Every method is a view: it changes the arithmetic and moves nothing.
///
/// # Examples
/// ```
/// use gradus_core::Layout;
/// let row = Layout::contiguous([4, 3]).narrow(0, 2, 1)?; // the third row …
/// let all = row.expand([5, 3])?; // … five times
/// assert_eq!(all.offsets().take(4).collect::<Vec<_>>(), [6, 7, 8, 6]);
/// assert!(!all.is_contiguous());
/// # Ok::<(), gradus_core::Error>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    shape: Shape,
    strides: SmallVec<[usize; 6]>,
    offset: usize,
}

impl Layout {
    /// Row-major, from the start of the storage.
    pub fn contiguous(shape: impl Into<Shape>) -> Self {
        let shape = shape.into();
        Self { strides: shape.contiguous_strides(), shape, offset: 0 }
    }

    /// The extents.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The extents, as a slice.
    pub fn dims(&self) -> &[usize] {
        self.shape.dims()
    }

    /// How far apart neighbours lie along each dimension, in elements.
    pub fn strides(&self) -> &[usize] {
        &self.strides
    }

    /// Where the first element lies.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// How many dimensions there are.
    pub fn rank(&self) -> usize {
        self.shape.rank()
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.shape.len()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.shape.is_empty()
    }

    /// Whether the elements lie in row-major order without gaps (at any offset).
    pub fn is_contiguous(&self) -> bool {
        let mut expected = 1;
        self.is_empty()
            || self.dims().iter().zip(&self.strides).rev().all(|(&d, &s)| {
                let fits = d == 1 || s == expected;
                expected *= d;
                fits
            })
    }

    /// The range of storage that a contiguous layout covers.
    pub fn contiguous_range(&self) -> Option<std::ops::Range<usize>> {
        self.is_contiguous().then(|| self.offset..self.offset + self.len())
    }

    /// Storage offsets of the elements in row-major order.
    pub fn offsets(&self) -> Offsets<'_> {
        Offsets {
            layout: self,
            index: SmallVec::from_elem(0, self.rank()),
            offset: self.offset,
            left: self.len(),
        }
    }

    /// Elements `start .. start + len` of `dim`.
    ///
    /// # Errors
    /// [`Error::DimOutOfRange`], or [`Error::InvalidArgument`] if the range leaves the axis.
    pub fn narrow(&self, dim: impl Into<Dim>, start: usize, len: usize) -> Result<Self> {
        let dim = dim.into().resolve("narrow", self.rank())?;
        let extent = self.shape[dim];
        if start.checked_add(len).is_none_or(|end| end > extent) {
            return Err(Error::InvalidArgument {
                op: "narrow",
                name: "start + len",
                expected: "at most the extent of the dimension",
                got: format!("{start} + {len} in a dimension of {extent}"),
            });
        }
        let skipped = if len == 0 { 0 } else { self.distance(dim, start) };
        Ok(self.with_extent(dim, len, self.offset + skipped))
    }

    /// Every `step`-th element of `dim`, from the first on.
    ///
    /// # Errors
    /// [`Error::DimOutOfRange`], or [`Error::InvalidArgument`] if `step` is zero.
    pub fn step(&self, dim: impl Into<Dim>, step: usize) -> Result<Self> {
        let dim = dim.into().resolve("step", self.rank())?;
        if step == 0 {
            return Err(Error::InvalidArgument {
                op: "step",
                name: "step",
                expected: "at least 1",
                got: "0".into(),
            });
        }
        let mut out = self.with_extent(dim, self.shape[dim].div_ceil(step), self.offset);
        out.strides[dim] = out.strides[dim].saturating_mul(step);
        Ok(out)
    }

    /// One index of `dim`, which is dropped.
    ///
    /// # Errors
    /// [`Error::DimOutOfRange`] or [`Error::IndexOutOfRange`].
    pub fn select(&self, dim: impl Into<Dim>, index: usize) -> Result<Self> {
        let dim = dim.into().resolve("select", self.rank())?;
        if index >= self.shape[dim] {
            let (index, len) = (index as i64, self.shape[dim]);
            return Err(Error::IndexOutOfRange { op: "select", index, len });
        }
        let mut out = self.without(dim);
        out.offset += self.distance(dim, index);
        Ok(out)
    }

    /// Dimensions in the order `dims`.
    ///
    /// # Errors
    /// [`Error::UnexpectedShape`], [`Error::DimOutOfRange`] or [`Error::RepeatedDim`] if `dims` is
    /// not a permutation of the axes.
    pub fn permute<D: Copy + Into<Dim>>(&self, dims: &[D]) -> Result<Self> {
        let order: SmallVec<[usize; 6]> = dims
            .iter()
            .map(|&d| d.into().resolve("permute", self.rank()))
            .collect::<Result<_>>()?;
        for (i, &dim) in order.iter().enumerate() {
            if order[..i].contains(&dim) {
                return Err(Error::RepeatedDim { op: "permute", dim });
            }
        }
        if order.len() != self.rank() {
            return Err(Error::UnexpectedShape {
                op: "permute",
                expected: format!("a tensor of rank {}", order.len()),
                got: self.shape.clone(),
            });
        }
        Ok(Self {
            shape: order.iter().map(|&d| self.shape[d]).collect(),
            strides: order.iter().map(|&d| self.strides[d]).collect(),
            offset: self.offset,
        })
    }

    /// Two dimensions swapped.
    ///
    /// # Errors
    /// [`Error::DimOutOfRange`].
    pub fn transpose(&self, a: impl Into<Dim>, b: impl Into<Dim>) -> Result<Self> {
        let a = a.into().resolve("transpose", self.rank())?;
        let b = b.into().resolve("transpose", self.rank())?;
        let mut order: SmallVec<[usize; 6]> = (0..self.rank()).collect();
        order.swap(a, b);
        self.permute(&order)
    }

    /// Extents of 1, and absent leading ones, repeated without a copy.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] if `shape` is not what `self` broadcasts to.
    pub fn expand(&self, shape: impl Into<Shape>) -> Result<Self> {
        let shape = shape.into();
        let fail =
            || Error::ShapeMismatch { op: "expand", lhs: self.shape.clone(), rhs: shape.clone() };
        let lead = shape.rank().checked_sub(self.rank()).ok_or_else(fail)?;
        let mut strides = SmallVec::from_elem(0, shape.rank());
        for i in lead..shape.rank() {
            match self.shape[i - lead] {
                d if d == shape[i] => strides[i] = self.strides[i - lead],
                1 => {}
                _ => return Err(fail()),
            }
        }
        Ok(Self { shape, strides, offset: self.offset })
    }

    /// A dimension of extent 1 dropped.
    ///
    /// # Errors
    /// [`Error::DimOutOfRange`], or [`Error::UnexpectedShape`] if its extent is not 1.
    pub fn squeeze(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("squeeze", self.rank())?;
        if self.shape[dim] != 1 {
            return Err(Error::UnexpectedShape {
                op: "squeeze",
                expected: format!("extent 1 in dimension {dim}"),
                got: self.shape.clone(),
            });
        }
        Ok(self.without(dim))
    }

    /// A dimension of extent 1 added before `dim`; `-1` adds it at the end.
    ///
    /// # Errors
    /// [`Error::DimOutOfRange`].
    pub fn unsqueeze(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve_insert("unsqueeze", self.rank())?;
        let mut extents: SmallVec<[usize; 6]> = SmallVec::from_slice(self.dims());
        let mut strides = self.strides.clone();
        extents.insert(dim, 1);
        strides.insert(dim, 1);
        Ok(Self { shape: extents.into_iter().collect(), strides, offset: self.offset })
    }

    /// The same elements in other extents, if that can be had without a copy.
    ///
    /// `Ok(None)` means that the elements must be copied first.
    ///
    /// # Errors
    /// [`Error::Reshape`] if the element counts differ. One extent may be [`crate::INFER`].
    pub fn reshape(&self, shape: impl Into<Shape>) -> Result<Option<Self>> {
        let shape = shape.into().infer("reshape", &self.shape)?;
        if self.is_contiguous() {
            let strides = shape.contiguous_strides();
            return Ok(Some(Self { shape, strides, offset: self.offset }));
        }
        Ok(self.reshape_strides(&shape).map(|strides| Self { shape, strides, offset: self.offset }))
    }

    /// Matches runs of old dimensions with runs of new ones of the same element count; inside a
    /// run the old strides must be those of one longer axis.
    fn reshape_strides(&self, to: &Shape) -> Option<SmallVec<[usize; 6]>> {
        let old: SmallVec<[(usize, usize); 6]> = (0..self.rank())
            .map(|i| (self.shape[i], self.strides[i]))
            .filter(|&(d, _)| d != 1)
            .collect();
        let mut strides = SmallVec::from_elem(1, to.rank());
        let (mut i, mut j) = (0, 0);
        while i < old.len() {
            let (start, first) = (i, j);
            let (mut have, mut want) = (old[i].0, to[j]);
            while have != want {
                if have < want {
                    i += 1;
                    have *= old[i].0;
                } else {
                    j += 1;
                    want *= to[j];
                }
            }
            if !old[start..=i].windows(2).all(|w| w[0].1 == w[1].0 * w[1].1) {
                return None;
            }
            let mut stride = old[i].1;
            for dim in (first..=j).rev() {
                strides[dim] = stride;
                stride *= to[dim];
            }
            (i, j) = (i + 1, j + 1);
        }
        Some(strides)
    }

    /// How far the offset moves to `index` of `dim`. A view without elements stays where it is: its
    /// strides lead nowhere, and an offset must not leave the storage.
    fn distance(&self, dim: usize, index: usize) -> usize {
        if self.is_empty() { 0 } else { index * self.strides[dim] }
    }

    fn with_extent(&self, dim: usize, extent: usize, offset: usize) -> Self {
        let replace = |(i, &d): (usize, &usize)| if i == dim { extent } else { d };
        let shape: Shape = self.dims().iter().enumerate().map(replace).collect();
        Self { shape, strides: self.strides.clone(), offset }
    }

    fn without(&self, dim: usize) -> Self {
        let mut strides = self.strides.clone();
        strides.remove(dim);
        let keep = |&(i, _): &(usize, &usize)| i != dim;
        let shape = self.dims().iter().enumerate().filter(keep).map(|(_, &d)| d).collect();
        Self { shape, strides, offset: self.offset }
    }
}

impl Clone for Layout {
    fn clone(&self) -> Self {
        // The derived clone goes element by element.
        let strides = SmallVec::from_slice(&self.strides);
        Self { shape: self.shape.clone(), strides, offset: self.offset }
    }
}

/// The storage offsets of a [`Layout`] in row-major order.
#[derive(Debug, Clone)]
pub struct Offsets<'a> {
    layout: &'a Layout,
    index: SmallVec<[usize; 6]>,
    offset: usize,
    left: usize,
}

impl Iterator for Offsets<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let current = self.offset;
        for dim in (0..self.index.len()).rev() {
            self.index[dim] += 1;
            self.offset += self.layout.strides[dim];
            if self.index[dim] < self.layout.shape[dim] {
                break;
            }
            self.offset -= self.layout.strides[dim] * self.index[dim];
            self.index[dim] = 0;
        }
        Some(current)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Offsets<'_> {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same view, element by element.
    fn at(layout: &Layout, index: &[usize]) -> usize {
        layout.offset + index.iter().zip(&layout.strides).map(|(i, s)| i * s).sum::<usize>()
    }

    fn views() -> impl Strategy<Value = Layout> {
        let dims = prop::collection::vec(0usize..5, 0..4);
        (dims, prop::collection::vec((0..5usize, any::<prop::sample::Index>()), 0..4)).prop_map(
            |(dims, ops)| {
                ops.into_iter().fold(Layout::contiguous(dims), |l, (op, pick)| {
                    let rank = l.rank();
                    if rank == 0 {
                        return l.unsqueeze(0).unwrap();
                    }
                    let dim = pick.index(rank);
                    match op {
                        0 => l.transpose(dim, 0).unwrap(),
                        1 => l.step(dim, 2).unwrap(),
                        2 if l.dims()[dim] > 1 => l.narrow(dim, 1, l.dims()[dim] - 1).unwrap(),
                        3 => l.unsqueeze(dim).unwrap(),
                        _ => l.unsqueeze(0).unwrap().expand([&[2], l.dims()].concat()).unwrap(),
                    }
                })
            },
        )
    }

    proptest! {
        #[test]
        fn a_reshape_without_copy_keeps_the_elements(l in views(), cut in any::<prop::sample::Index>()) {
            let n = l.len();
            let divisors: Vec<usize> = (1..=n.max(1)).filter(|d| n.is_multiple_of(*d)).collect();
            let d = divisors[cut.index(divisors.len())];
            for to in [vec![n], vec![d, n / d], vec![d, 1, n / d], vec![1, n]] {
                if let Some(view) = l.reshape(to).unwrap() {
                    prop_assert!(view.offsets().eq(l.offsets()));
                }
            }
            prop_assert!(l.reshape(l.shape().clone()).unwrap().is_some());
        }

        #[test]
        fn contiguous_means_consecutive_offsets(l in views()) {
            let consecutive = l.offsets().enumerate().all(|(i, o)| o == l.offset() + i);
            prop_assert_eq!(l.is_contiguous(), consecutive);
        }

        #[test]
        fn permute_moves_the_index(l in views()) {
            let reversed: Vec<usize> = (0..l.rank()).rev().collect();
            let p = l.permute(&reversed).unwrap();
            let unit = |i: usize| (0..l.rank()).map(|j| usize::from(i == j)).collect::<Vec<_>>();
            for i in 0..l.rank() {
                let mut moved = unit(i);
                moved.reverse();
                prop_assert_eq!(at(&l, &unit(i)), at(&p, &moved));
            }
        }
    }

    #[test]
    fn bad_views_are_refused() {
        let l = Layout::contiguous([2, 3]);
        assert!(l.narrow(1, 2, 2).is_err());
        assert!(l.narrow(1, usize::MAX, 2).is_err());
        assert!(l.step(0, 0).is_err());
        assert!(l.select(0, 2).is_err());
        assert!(l.permute(&[0, 0]).is_err());
        assert!(l.permute(&[0]).is_err());
        assert!(l.expand([2, 2, 2]).is_err());
        assert!(l.expand([3]).is_err());
        assert!(l.squeeze(0).is_err());
        assert!(l.reshape([4]).is_err());
    }

    #[test]
    fn a_view_without_elements_stays_inside_the_storage() {
        let l = Layout::contiguous([4, 4]);
        let none = l.narrow(0, 4, 0).unwrap().narrow(1, 4, 0).unwrap();
        assert_eq!(none.contiguous_range(), Some(0..0));
        let huge = Layout::contiguous([4, 1 << 40, 1 << 40, 0]);
        assert_eq!(huge.narrow(0, 3, 1).unwrap().contiguous_range(), Some(0..0));
        assert_eq!(huge.select(0, 3).unwrap().contiguous_range(), Some(0..0));
        let far = Layout::contiguous([4, 4]).step(0, usize::MAX).unwrap();
        assert_eq!(far.narrow(0, 1, 0).unwrap().contiguous_range(), Some(0..0));
    }

    #[test]
    fn a_transpose_cannot_be_flattened_without_copy() {
        let l = Layout::contiguous([2, 3]).transpose(0, 1).unwrap();
        assert_eq!(l.reshape([6]).unwrap(), None);
        assert!(l.reshape([3, 1, 2]).unwrap().is_some());
    }
}
