//! The element types that have arithmetic, floats and integers alike.

use bytemuck::Pod;
use gradus_core::BinaryOp;
use half::bf16;

use super::BinaryFn;
use super::unary_int::Integer;
use crate::math::Float;

/// An element type with binary ops: `f32`, `f64`, `bf16`, `i64` or `u8`.
#[expect(private_bounds, reason = "sealed: how an op is applied is private")]
pub trait Arithmetic: Pod + Send + Sync + PartialOrd + Apply {}

pub(crate) trait Apply: Sized {
    /// One op on two numbers.
    fn apply<F: BinaryFn, const FMA: bool>(self, b: Self) -> Self;
    /// Whether the op has a meaning for this type.
    fn supports(op: BinaryOp) -> bool;
    /// Whether `self` must not be a divisor.
    fn integer_zero(self) -> bool;
    /// Whether `self` must not be an exponent.
    fn negative_integer(self) -> bool;
}

macro_rules! float {
    ($($t:ty)*) => {$(
        impl Arithmetic for $t {}
        impl Apply for $t {
            #[inline(always)]
            fn apply<F: BinaryFn, const FMA: bool>(self, b: Self) -> Self {
                <$t as Float>::narrow(F::float::<_, FMA>(self.widen(), b.widen()))
            }
            fn supports(_: BinaryOp) -> bool {
                true
            }
            fn integer_zero(self) -> bool {
                false
            }
            fn negative_integer(self) -> bool {
                false
            }
        }
    )*};
}
float!(f32 f64 bf16);

macro_rules! int {
    ($($t:ty)*) => {$(
        impl Arithmetic for $t {}
        impl Apply for $t {
            #[inline(always)]
            fn apply<F: BinaryFn, const FMA: bool>(self, b: Self) -> Self {
                F::int(self, b)
            }
            fn supports(op: BinaryOp) -> bool {
                op != BinaryOp::Atan2
            }
            fn integer_zero(self) -> bool {
                self == 0
            }
            fn negative_integer(self) -> bool {
                self < <$t as Integer>::ZERO
            }
        }
    )*};
}
int!(i64 u8);

/// a + b.
#[inline(always)]
pub(crate) fn add<T: Arithmetic>(a: T, b: T) -> T {
    a.apply::<super::binary_ops::Add, false>(b)
}
