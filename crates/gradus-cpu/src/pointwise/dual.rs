//! A number with its derivatives.

use std::array::from_fn;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::Number;

/// A value and its partial derivatives by `N` inputs: arithmetic on it differentiates.
#[derive(Debug, Clone, Copy)]
pub struct Dual<S, const N: usize> {
    /// The value.
    pub value: S,
    /// Its derivative by each input.
    pub slopes: [S; N],
}

impl<S: Number, const N: usize> Dual<S, N> {
    /// The inputs themselves: the derivative of each is 1 by itself and 0 by the others.
    #[inline(always)]
    pub fn inputs(x: [S; N]) -> [Self; N] {
        from_fn(|i| Self {
            value: x[i],
            slopes: from_fn(|j| S::constant(if i == j { 1.0 } else { 0.0 })),
        })
    }

    /// A function of `self` with this value and this derivative.
    #[inline(always)]
    fn chain(self, value: S, slope: S) -> Self {
        Self { value, slopes: self.slopes.map(|d| d * slope) }
    }

    #[inline(always)]
    fn product(self, other: Self) -> Self {
        let (a, b) = (self.value, other.value);
        self.zip(other, a * b, |x, y| x * b + a * y)
    }

    #[inline(always)]
    fn quotient(self, other: Self) -> Self {
        let q = self.value / other.value;
        self.zip(other, q, |x, y| (x - q * y) / other.value)
    }

    #[inline(always)]
    fn zip(self, other: Self, value: S, slope: impl Fn(S, S) -> S) -> Self {
        Self { value, slopes: from_fn(|i| slope(self.slopes[i], other.slopes[i])) }
    }
}

/// Stamps an operator on two duals and on a dual and a constant.
macro_rules! operators {
    ($($trait:ident $method:ident |$a:ident, $b:ident| $two:expr, |$x:ident, $c:ident| $one:expr;)*) => {$(
        impl<S: Number, const N: usize> $trait for Dual<S, N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                $two
            }
        }
        impl<S: Number, const N: usize> $trait<f64> for Dual<S, N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                let ($x, $c) = (self, other);
                $one
            }
        }
    )*};
}
operators! {
    Add add |a, b| a.zip(b, a.value + b.value, |x, y| x + y),
        |x, c| Self { value: x.value + c, ..x };
    Sub sub |a, b| a.zip(b, a.value - b.value, |x, y| x - y),
        |x, c| Self { value: x.value - c, ..x };
    Mul mul |a, b| a.product(b),
        |x, c| Self { value: x.value * c, slopes: x.slopes.map(|d| d * c) };
    Div div |a, b| a.quotient(b),
        |x, c| Self { value: x.value / c, slopes: x.slopes.map(|d| d / c) };
}

impl<S: Number, const N: usize> Neg for Dual<S, N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self { value: -self.value, slopes: self.slopes.map(|d| -d) }
    }
}

/// Stamps the functions: `name |x, y| derivative`, where y is the function of x.
macro_rules! functions {
    ($($name:ident |$x:ident, $y:ident| $slope:expr;)*) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            let $x = self.value;
            let $y = $x.$name();
            self.chain($y, $slope)
        }
    )*};
}

impl<S: Number, const N: usize> Number for Dual<S, N> {
    functions! {
        exp |x, y| y;
        expm1 |x, y| y + 1.0;
        log |x, y| S::constant(1.0) / x;
        log1p |x, y| S::constant(1.0) / (x + 1.0);
        sqrt |x, y| S::constant(0.5) / y;
        tanh |x, y| S::constant(1.0) - y * y;
        sigmoid |x, y| y * (S::constant(1.0) - y);
        erf |x, y| (-(x * x)).exp() * std::f64::consts::FRAC_2_SQRT_PI;
    }
    #[inline(always)]
    fn constant(x: f64) -> Self {
        Self { value: S::constant(x), slopes: [S::constant(0.0); N] }
    }
    #[inline(always)]
    fn if_less(self, other: Self, then: Self, otherwise: Self) -> Self {
        let choose = |a: S, b: S| self.value.if_less(other.value, a, b);
        Self {
            value: choose(then.value, otherwise.value),
            slopes: from_fn(|i| choose(then.slopes[i], otherwise.slopes[i])),
        }
    }
}
