//! What a formula may do.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A formula of `N` numbers.
///
/// `call` must be marked `#[inline(always)]`, or its loops are compiled without vector instructions.
pub trait Pointwise<const N: usize> {
    /// The formula.
    fn call<S: Number>(&self, x: [S; N]) -> S;
}

/// A number in a formula: a float, a float with its derivatives, or a record of what is done to it.
///
/// There are no comparisons, since a record has no value; [`Number::if_less`] chooses instead.
pub trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// A constant.
    fn constant(x: f64) -> Self;
    /// e^x.
    fn exp(self) -> Self;
    /// e^x − 1, exact near 0.
    fn expm1(self) -> Self;
    /// ln x.
    fn log(self) -> Self;
    /// ln(1 + x), exact near 0.
    fn log1p(self) -> Self;
    /// √x.
    fn sqrt(self) -> Self;
    /// tanh x.
    fn tanh(self) -> Self;
    /// 1 / (1 + e^−x).
    fn sigmoid(self) -> Self;
    /// The error function.
    fn erf(self) -> Self;
    /// `then` where `self < other`, else `otherwise`, also where one is NaN. Both are worked out.
    #[must_use]
    fn if_less(self, other: Self, then: Self, otherwise: Self) -> Self;
    /// The larger; a NaN in `self` stays, one in `other` is passed over. On ties `self`.
    #[inline(always)]
    #[must_use]
    fn max(self, other: Self) -> Self {
        self.if_less(other, other, self)
    }
    /// The smaller; a NaN in `self` stays, one in `other` is passed over. On ties `self`.
    #[inline(always)]
    #[must_use]
    fn min(self, other: Self) -> Self {
        other.if_less(self, other, self)
    }
}
