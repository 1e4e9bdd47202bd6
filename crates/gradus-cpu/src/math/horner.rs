//! Multiply-add and polynomials.

use std::ops::{Add, Mul};

/// A number with a fused multiply-add.
pub(super) trait MulAdd: Copy + Add<Output = Self> + Mul<Output = Self> {
    /// `self * b + c`, rounded once.
    fn fused(self, b: Self, c: Self) -> Self;
}

impl MulAdd for f32 {
    #[inline(always)]
    fn fused(self, b: Self, c: Self) -> Self {
        self.mul_add(b, c)
    }
}

impl MulAdd for f64 {
    #[inline(always)]
    fn fused(self, b: Self, c: Self) -> Self {
        self.mul_add(b, c)
    }
}

/// `a * b + c`, fused if the level fuses: a library call would be slow.
#[inline(always)]
pub(super) fn madd<const FMA: bool, T: MulAdd>(a: T, b: T, c: T) -> T {
    if FMA { a.fused(b, c) } else { a * b + c }
}

/// Horner's rule, highest coefficient first.
#[inline(always)]
pub(super) fn poly<const FMA: bool, T: MulAdd, const N: usize>(x: T, coefficients: [T; N]) -> T {
    let mut p = coefficients[0];
    for c in &coefficients[1..] {
        p = madd::<FMA, _>(p, x, *c);
    }
    p
}
