//! Scalar mathematics for vector loops.
//!
//! The functions are free of branches, so LLVM vectorises a loop over them; they use no table and
//! give the same bits at any place of any slice. Each states its largest error, which is tested over
//! a dense sample of bit patterns: the `f32` functions against f64, the `f64` functions against the
//! standard library and [`erf64`]. The largest errors in units in the last place:
//!
//! | | exp | expm1 | log | log1p | sin, cos | tan | tanh | sigmoid | erf | pow |
//! |---|---|---|---|---|---|---|---|---|---|---|
//! | `f32` | 1 | 3 | 2 | 3 | 0.51 | 0.51 | 5 | 3 | 2 | 0.51 |
//! | `f64` | 1 | 2 | 1 | 2 | 1 | 3 | 4 | 4 | 3 | std |
//!
//! Sines of arguments beyond 10⁶, `atan2`, and `pow` in `f64` are those of the standard library.
//!
//! `Level::Generic` has no fused multiply-add and therefore its own last bits.

mod erf;
mod exp;
mod exp64;
mod horner;
mod log;
mod log64;
mod normal;
mod pow;
mod real;
mod trig;
mod trig64;

pub use erf::erf64;
pub use real::{Float, Real};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests64;
