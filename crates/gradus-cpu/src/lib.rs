//! CPU kernels of Gradus on plain slices: matrix product, elementwise loops, reductions, threads.
#![expect(unsafe_code, reason = "SIMD and threads need it; each block says why it is sound")]

pub mod conv;
pub mod elementwise;
mod error;
pub mod gemm;
pub mod index;
pub mod isa;
pub mod math;
pub mod pool;
pub mod pooling;
pub mod random;
pub mod reduce;
mod scratch;
pub mod sort;
pub mod strided;
mod window;

pub use error::{Error, Result};
pub use window::Window;
