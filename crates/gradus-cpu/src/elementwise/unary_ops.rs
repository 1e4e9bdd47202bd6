//! The formula of every unary op, once for all float types and levels.

use crate::math::Real;

/// One op as a type, so that its loop is compiled with the formula inlined.
pub(crate) trait UnaryFn {
    /// Nanoseconds per f32 element, roughly, for the choice of threads.
    const COST: f64;
    /// The formula.
    fn call<R: Real, const FMA: bool>(x: R) -> R;
    /// The formula for arguments beyond [`Real::TRIG_LIMIT`], if it differs there.
    const FAR: Option<fn(f64) -> f64> = None;
}

/// −2 √(2/π) (x + 0.044715 x³), the exponent in GELU's approximation by tanh.
#[inline(always)]
pub(super) fn gelu_tanh_exponent<R: Real>(x: R) -> R {
    const FACTOR: f64 = -1.595_769_121_605_730_9;
    x * (R::from_f64(FACTOR) + R::from_f64(FACTOR * 0.044_715) * (x * x))
}

/// Stamps one type per op: `Name cost |x| formula [, far]`.
macro_rules! unary_fns {
    ($($name:ident $cost:literal |$x:ident| $formula:expr $(, $far:expr)?;)*) => {$(
        pub(crate) struct $name;
        impl UnaryFn for $name {
            const COST: f64 = $cost;
            #[inline(always)]
            fn call<R: Real, const FMA: bool>($x: R) -> R {
                $formula
            }
            $(const FAR: Option<fn(f64) -> f64> = Some($far);)?
        }
    )*};
}

unary_fns! {
    Neg 0.1 |x| -x;
    Abs 0.1 |x| x.abs();
    Sign 0.1 |x| if x > R::ZERO { R::ONE } else if x < R::ZERO { -R::ONE } else { x };
    Square 0.1 |x| x * x;
    Sqrt 0.3 |x| x.sqrt();
    Rsqrt 0.5 |x| R::ONE / x.sqrt();
    Reciprocal 0.2 |x| R::ONE / x;
    Exp 0.4 |x| x.exp::<FMA>();
    Expm1 0.4 |x| x.expm1::<FMA>();
    Log 0.5 |x| x.log::<FMA>();
    Log1p 0.6 |x| x.log1p::<FMA>();
    Sin 1.0 |x| x.sin(), f64::sin;
    Cos 1.0 |x| x.cos(), f64::cos;
    Tan 1.2 |x| x.tan(), f64::tan;
    Tanh 0.6 |x| x.tanh::<FMA>();
    Sigmoid 0.5 |x| x.sigmoid::<FMA>();
    Erf 0.7 |x| x.erf::<FMA>();
    Relu 0.1 |x| if x < R::ZERO { R::ZERO } else { x };
    // x Φ(x) is x − |x| Φ(−|x|) above 0 and −|x| Φ(−|x|) below: neither loses digits.
    Gelu 0.5 |x| {
        let above = if x < R::ZERO { R::ZERO } else { x };
        above - x.abs().tail_moment::<FMA>()
    };
    // (1 + tanh u) / 2 = 1 / (1 + e^(−2u)).
    GeluTanh 0.4 |x| x / (R::ONE + gelu_tanh_exponent(x).exp_open::<FMA>());
    Silu 0.4 |x| x / (R::ONE + (-x).exp_open::<FMA>());
    Softplus 1.0 |x| {
        let linear = if x > R::ZERO { x } else { R::ZERO };
        linear + (-x.abs()).exp::<FMA>().log1p::<FMA>()
    };
    Floor 0.1 |x| x.floor();
    Ceil 0.1 |x| x.ceil();
    Round 0.1 |x| x.round_even();
}
