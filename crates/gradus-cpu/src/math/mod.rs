//! Scalar mathematics for vector loops.
//!
//! The `f32` functions are free of branches, so LLVM vectorises a loop over them; they use no
//! table and give the same bits at any place of any slice. Errors are stated per function as the
//! largest relative error against f64 and are tested over a dense sample of bit patterns. The `f64`
//! functions are those of the standard library, and [`erf64`].
//!
//! `Level::Generic` has no fused multiply-add and therefore its own last bits.

mod erf;
mod exp;
mod horner;
mod log;
mod real;
mod trig;

pub use erf::erf64;
pub use real::{Float, Real};

#[cfg(test)]
mod tests;
