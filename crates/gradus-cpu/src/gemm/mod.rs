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
//!
//! **Plugging in.** [`gemm_with`] is the same loop nest for any [`Operand`], which hands out packed
//! panels of a matrix that need not exist, and any [`Epilogue`], which finishes outputs while they
//! are in cache. A kernel that is a product in disguise writes the one or the other and nothing
//! else. A convolution without a column buffer, for instance:
//!
//! ```
//! use std::ops::Range;
//! use gradus_cpu::gemm::{Activation, Beta, Dims, Matrix, Operand, Output, RowBias, gemm_with};
//!
//! /// The windows of a signal: element `(k, x)` is the value at `x + k`.
//! struct Windows<'a>(&'a [f32]);
//!
//! impl Operand<f32> for Windows<'_> {
//!     fn pack(&self, k: Range<usize>, x: Range<usize>, out: &mut [f32], width: usize) {
//!         for (k, out) in k.zip(out.chunks_mut(width)) {
//!             out[..x.len()].copy_from_slice(&self.0[x.start + k..x.end + k]);
//!         }
//!     }
//! }
//!
//! let (signal, kernel, mut y) = ([0.0, 1.0, 4.0, 9.0, 16.0], [-1.0, 1.0], [0.0; 4]);
//! let tail = (RowBias(&[-4.0]), Activation::Relu);
//! let (a, dims) = (Matrix::new(&kernel, 2, 1).t(), Dims { m: 1, n: 4, k: 2 });
//! gemm_with(dims, &a, &Windows(&signal), Output::new(&mut y, 4), Beta::Zero, &tail);
//! assert_eq!(y, [0.0, 0.0, 1.0, 3.0]);
//! ```

mod bf16;
mod block;
mod driver;
mod element;
mod epilogue;
mod grid;
mod matrix;
mod micro;
mod operand;
mod output;
mod pack;
mod panel;
mod precision;
mod prepacked;
mod thin;
mod turned;
pub(crate) mod vector;
mod view;
mod widened;

pub use bf16::{Bf16Operand, Bf16Output, PackedBf16, gemm_bf16, gemm_bf16_batched, gemm_bf16_with};
pub use driver::{gemm, gemm_batched, gemm_batched_with, gemm_with};
pub(crate) use driver::{gemm_alone, gemm_rows};
pub use element::GemmElement;
pub use epilogue::{Activation, ColumnBias, Epilogue, Residual, RowBias, Scale};
pub use matrix::{Beta, Dims, KC, Matrix};
pub use operand::Operand;
pub use output::Output;
pub use precision::{
    MatmulPrecision, float32_matmul_precision, set_float32_matmul_precision,
    with_float32_matmul_precision,
};
pub use prepacked::PackedB;
pub use widened::Widened;

#[cfg(test)]
mod tests;
