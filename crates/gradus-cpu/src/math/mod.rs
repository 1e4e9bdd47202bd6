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
mod log;
mod real;
mod trig;

pub use erf::erf64;
pub use real::{Float, Real};

/// `a * b + c`, fused if the level fuses: a library call would be slow.
#[inline(always)]
fn madd<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Horner's rule, highest coefficient first.
#[inline(always)]
fn poly<const FMA: bool, const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut p = coefficients[0];
    for c in &coefficients[1..] {
        p = madd::<FMA>(p, x, *c);
    }
    p
}

#[cfg(test)]
mod tests;
