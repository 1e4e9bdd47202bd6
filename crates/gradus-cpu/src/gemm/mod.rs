//! Matrix product with a fixed order of accumulation.
//!
//! C = A·B, or C += A·B, on slices with strides. **The K order** is the same for every shape,
//! stride, packing and number of threads: k is cut into blocks of [`KC`] from k = 0; inside a block
//! each output is one chain of fused multiply-adds, k rising, from zero; block sums are added to
//! the output in order. `isa::Level::Generic` rounds the product before it adds.
//!
//! So a row of C has the same bits whatever number of rows is computed with it, which exact
//! speculative decoding and batched generation rest on. SIMD lanes run over columns of C, never
//! over k. A scalar `mul_add` loop is a bit-exact oracle (a NaN may carry another payload).
//!
//! ```
//! use gradus_cpu::gemm::{Beta, Dims, Matrix, gemm};
//! let a = [1.0, 2.0, 3.0, 4.0]; // 2×2, row by row
//! let b = [1.0, 0.0, 1.0]; // 2×1 in a longer slice: rows are two elements apart
//! let mut c = [0.0; 2];
//! let (a, b) = (Matrix::new(&a, 2, 1), Matrix::new(&b, 2, 1));
//! gemm::<f32>(Dims { m: 2, n: 1, k: 2 }, a, b, &mut c, Beta::Zero);
//! assert_eq!(c, [3.0, 7.0]);
//! ```

mod bf16;
mod block;
mod driver;
mod element;
mod micro;
mod pack;
mod vector;

pub use bf16::gemm_bf16;
pub(crate) use driver::gemm_rows;
pub use driver::{gemm, gemm_batched};
pub use element::GemmElement;

#[cfg(test)]
mod tests;

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
    data: &'a [T],
    row_stride: usize,
    col_stride: usize,
}

impl<'a, T> Matrix<'a, T> {
    /// A view of `data`.
    pub const fn new(data: &'a [T], row_stride: usize, col_stride: usize) -> Self {
        Self { data, row_stride, col_stride }
    }

    /// Panics unless every element of `rows × cols` from `offset` on lies in the slice.
    fn check(&self, name: &str, rows: usize, cols: usize, offset: usize) {
        if rows > 0 && cols > 0 {
            let last = (rows - 1) * self.row_stride + (cols - 1) * self.col_stride + offset;
            assert!(
                last < self.data.len(),
                "gemm: {name} of {rows}x{cols} reaches element {last} of {}",
                self.data.len()
            );
        }
    }
}
