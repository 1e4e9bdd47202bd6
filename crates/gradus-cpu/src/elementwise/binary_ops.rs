//! The formula of every binary op, for floats and for integers.

use super::unary_int::Integer;
use crate::math::Real;

/// One op as a type, so that its loop is compiled with the formula inlined.
pub(crate) trait BinaryFn: Send + Sync {
    /// Nanoseconds per f32 element, roughly, for the choice of threads.
    const COST: f64;
    /// The formula for floats.
    fn float<R: Real, const FMA: bool>(a: R, b: R) -> R;
    /// The formula for integers.
    fn int<I: Integer>(a: I, b: I) -> I;
}

/// Stamps one type per op: `Name cost |a, b| float formula; integer formula`.
macro_rules! binary_fns {
    ($($name:ident $cost:literal |$a:ident, $b:ident| $float:expr; $int:expr;)*) => {$(
        pub(crate) struct $name;
        impl BinaryFn for $name {
            const COST: f64 = $cost;
            #[inline(always)]
            fn float<R: Real, const FMA: bool>($a: R, $b: R) -> R {
                $float
            }
            #[inline(always)]
            fn int<I: Integer>($a: I, $b: I) -> I {
                $int
            }
        }
    )*};
}

binary_fns! {
    Add 0.15 |a, b| a + b; a.add(b);
    Sub 0.15 |a, b| a - b; a.sub(b);
    Mul 0.15 |a, b| a * b; a.mul(b);
    Div 0.3 |a, b| a / b; a.div(b);
    Pow 1.5 |a, b| a.pow::<FMA>(b); a.pow(b);
    // A comparison with NaN is false, so a NaN in b is taken, and one in a is asked for.
    Maximum 0.15 |a, b| if a > b || a.is_nan() { a } else { b }; a.max(b);
    Minimum 0.15 |a, b| if a < b || a.is_nan() { a } else { b }; a.min(b);
    Remainder 5.0 |a, b| {
        let r = a % b;
        if r != R::ZERO && (r < R::ZERO) != (b < R::ZERO) { r + b } else { r }
    }; a.remainder(b);
    // Refused for integers before the loop.
    Atan2 15.0 |a, b| a.atan2(b); { let _ = b; a };
}
