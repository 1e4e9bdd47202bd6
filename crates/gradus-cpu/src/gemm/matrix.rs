//! What a product is given.

use std::ops::Range;

use super::element::GemmElement;
use super::operand::Operand;
use super::pack::pack_strided;
use super::view::View;

/// Length of a block of k. It is part of the K order, so it is never tuned by shape.
pub const KC: usize = 256;

/// Extents of a product: A is `[m, k]`, B is `[k, n]`, C is `[m, n]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dims {
    /// Rows of A and C.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Columns of A, rows of B.
    pub k: usize,
}

/// What C holds before the product is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beta {
    /// Nothing: the old contents are not read.
    Zero,
    /// The old contents, to which the block sums are added in order.
    One,
}

/// A matrix in a slice: element `(i, j)` lies at `i * row_stride + j * col_stride`.
///
/// Transposes swap the strides; a stride of zero repeats a row or column.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a, T> {
    pub(super) data: &'a [T],
    pub(super) row_stride: usize,
    pub(super) col_stride: usize,
}

impl<'a, T> Matrix<'a, T> {
    /// A view of `data`.
    pub const fn new(data: &'a [T], row_stride: usize, col_stride: usize) -> Self {
        Self { data, row_stride, col_stride }
    }

    /// The transpose, in place.
    #[must_use]
    pub const fn t(self) -> Self {
        Self { data: self.data, row_stride: self.col_stride, col_stride: self.row_stride }
    }

    /// The matrix that starts `offset` elements further on.
    ///
    /// # Panics
    /// If the offset lies beyond the slice.
    #[must_use]
    pub fn skip(self, offset: usize) -> Self {
        Self { data: &self.data[offset..], ..self }
    }
}

impl<T: GemmElement> Operand<T> for Matrix<'_, T> {
    fn pack(&self, k: Range<usize>, x: Range<usize>, out: &mut [T], width: usize) {
        let view = View::of(self, "operand", k.end, x.end).from(k.start, x.start);
        // SAFETY: the view was checked up to the ends of both ranges, and the kernels are those of
        // this machine's level.
        unsafe { pack_strided(T::kernels(), view, (k.len(), x.len()), width, out) }
    }

    fn strided(&self) -> Option<Matrix<'_, T>> {
        Some(*self)
    }
}
