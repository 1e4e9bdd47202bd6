//! A float that knows the level its loop is compiled for.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::Number;
use crate::math::Real;

/// A float in a loop whose level fuses multiply-adds if `FMA`: a plain float could not tell.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub struct Lane<R, const FMA: bool>(pub R);

/// Stamps the four operators, on two lanes and on a lane and a constant.
macro_rules! operators {
    ($($trait:ident $method:ident $op:tt;)*) => {$(
        impl<R: Real, const FMA: bool> $trait for Lane<R, FMA> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(self.0 $op other.0)
            }
        }
        impl<R: Real, const FMA: bool> $trait<f64> for Lane<R, FMA> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                Self(self.0 $op R::from_f64(other))
            }
        }
    )*};
}
operators! { Add add +; Sub sub -; Mul mul *; Div div /; }

impl<R: Real, const FMA: bool> Neg for Lane<R, FMA> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

/// Stamps the functions that [`Real`] has under the same name.
macro_rules! functions {
    ($($name:ident)*) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            Self(self.0.$name::<FMA>())
        }
    )*};
}

impl<R: Real, const FMA: bool> Number for Lane<R, FMA> {
    functions!(exp expm1 log log1p tanh sigmoid erf);
    #[inline(always)]
    fn constant(x: f64) -> Self {
        Self(R::from_f64(x))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0.sqrt())
    }
    #[inline(always)]
    fn if_less(self, other: Self, then: Self, otherwise: Self) -> Self {
        if self.0 < other.0 { then } else { otherwise }
    }
}
