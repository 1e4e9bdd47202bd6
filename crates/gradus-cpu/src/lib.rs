//! CPU kernels of Gradus on plain slices: matrix product, elementwise loops, reductions, threads.
#![expect(unsafe_code, reason = "SIMD and threads need it; each block says why it is sound")]

pub mod gemm;
pub mod isa;
pub mod pool;
mod scratch;
