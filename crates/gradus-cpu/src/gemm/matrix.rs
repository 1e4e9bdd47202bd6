//! What a product is given.

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

    /// Panics unless every element of `rows × cols` from `offset` on lies in the slice.
    pub(super) fn check(&self, name: &str, rows: usize, cols: usize, offset: usize) {
        if rows == 0 || cols == 0 {
            return;
        }
        // Checked, since unchecked code relies on it.
        let down = (rows - 1).checked_mul(self.row_stride);
        let across = (cols - 1).checked_mul(self.col_stride);
        let last = down.zip(across).and_then(|(d, a)| d.checked_add(a)?.checked_add(offset));
        let last = last.expect("gemm: strides beyond the address space");
        assert!(
            last < self.data.len(),
            "gemm: {name} of {rows}x{cols} reaches element {last} of {}",
            self.data.len()
        );
    }
}
