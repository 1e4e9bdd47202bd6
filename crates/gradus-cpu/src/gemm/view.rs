//! Operands and outputs by address.

use super::matrix::Matrix;

/// An operand by address: element `(k, x)`, where `x` is a column of B or a row of A.
#[derive(Clone, Copy)]
pub(super) struct View<T> {
    pub(super) ptr: *const T,
    /// Distance of neighbours in k.
    pub(super) ks: usize,
    /// Distance of neighbours in x.
    pub(super) xs: usize,
}

impl<T> View<T> {
    /// The first `k × x` elements of a matrix whose rows are k.
    ///
    /// # Panics
    /// If one of them is not in the slice.
    pub(super) fn of(matrix: &Matrix<'_, T>, name: &str, k: usize, x: usize) -> Self {
        let Matrix { data, row_stride: ks, col_stride: xs } = *matrix;
        if k > 0 && x > 0 {
            // Checked, since unchecked code relies on it.
            let ends = (k - 1).checked_mul(ks).zip((x - 1).checked_mul(xs));
            let last = ends.and_then(|(d, a)| d.checked_add(a));
            let last = last.expect("gemm: strides beyond the address space");
            let len = data.len();
            assert!(last < len, "gemm: {name} with k = {k} reaches element {last} of {len}");
        }
        // One neighbour has no step; calling it 1 spares the packing.
        Self { ptr: data.as_ptr(), ks, xs: if x == 1 { 1 } else { xs } }
    }

    /// The address of element `(k, x)`.
    pub(super) fn at(&self, k: usize, x: usize) -> *const T {
        self.ptr.wrapping_add(k * self.ks + x * self.xs)
    }

    /// The view from element `(k, x)` on.
    pub(super) fn from(&self, k: usize, x: usize) -> Self {
        Self { ptr: self.at(k, x), ks: self.ks, xs: self.xs }
    }
}

/// C by address: rows are `stride` apart, columns are neighbours.
#[derive(Clone, Copy)]
pub(super) struct Target<T> {
    pub(super) ptr: *mut T,
    pub(super) stride: usize,
}

impl<T> Target<T> {
    /// The address of element `(i, j)`.
    pub(super) fn at(&self, i: usize, j: usize) -> *mut T {
        self.ptr.wrapping_add(i * self.stride + j)
    }
}
