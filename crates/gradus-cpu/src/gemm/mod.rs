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
mod matrix;
mod micro;
mod pack;
pub(crate) mod vector;

pub use bf16::gemm_bf16;
pub(crate) use driver::gemm_rows;
pub use driver::{gemm, gemm_batched};
pub use element::GemmElement;
pub use matrix::{Beta, Dims, KC, Matrix};

#[cfg(test)]
mod tests;
