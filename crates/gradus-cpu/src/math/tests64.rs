//! The f64 functions: errors in units in the last place, and special values.

use super::{Real, erf64};

/// Bit patterns of all magnitudes and signs that are finite numbers.
fn sample() -> impl Iterator<Item = f64> {
    let dense = (-40_000..40_000).map(|i| f64::from(i) * 1.000_123_7e-3);
    let steps = (0..1u64 << 18).map(|i| f64::from_bits(i.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    dense.chain(steps).filter(|x| x.is_finite())
}

/// |got − want| in units in the last place of `want`, a normal number.
fn units(got: f64, want: f64) -> f64 {
    let ulp = f64::from_bits(want.abs().to_bits() + 1) - want.abs();
    (got - want).abs() / ulp
}

fn check(name: &str, bound: f64, f: impl Fn(f64) -> f64, exact: impl Fn(f64) -> f64) {
    for x in sample() {
        let (got, want) = (f(x), exact(x));
        if want.is_nan() {
            assert!(got.is_nan(), "{name}({x:e}) = {got}, not NaN");
        } else if want.is_infinite() || want == 0.0 {
            assert_eq!(got.to_bits(), want.to_bits(), "{name}({x:e})");
        } else if want.abs() < 1e-307 {
            assert!((got - want).abs() <= 1e-307, "{name}({x:e}) = {got:e}");
        } else {
            let error = units(got, want);
            assert!(error <= bound, "{name}({x:e}) = {got:e}, not {want:e}: {error} units");
        }
    }
}

/// The bounds of the docs, at both kinds of level. The reference itself may be off by one unit.
macro_rules! bounds {
    ($($name:ident $bound:literal $exact:expr;)*) => {$(
        #[test]
        fn $name() {
            check(stringify!($name), $bound, <f64 as Real>::$name::<true>, $exact);
            check(stringify!($name), $bound, <f64 as Real>::$name::<false>, $exact);
        }
    )*};
}

bounds! {
    exp 1.0 f64::exp;
    expm1 2.0 f64::exp_m1;
    log 1.0 f64::ln;
    log1p 2.0 f64::ln_1p;
    tanh 4.0 f64::tanh;
    sigmoid 4.0 |x: f64| 1.0 / (1.0 + (-x).exp());
    erf 3.0 erf64;
}

#[test]
fn trigonometry_up_to_the_limit() {
    let near = |x: f64| if x.abs() <= f64::TRIG_LIMIT { x } else { x % f64::TRIG_LIMIT };
    check("sin", 1.0, |x| Real::sin(near(x)), |x| near(x).sin());
    check("cos", 1.0, |x| Real::cos(near(x)), |x| near(x).cos());
    check("tan", 3.0, |x| Real::tan(near(x)), |x| near(x).tan());
    // Close to multiples of π/2 most digits of the argument cancel.
    for k in 1..600_000 {
        let x = f64::from(k) * std::f64::consts::FRAC_PI_2;
        assert!(units(Real::sin(x), x.sin()) <= 1.0, "sin({x:e})");
        assert!(units(Real::cos(x), x.cos()) <= 1.0, "cos({x:e})");
    }
}

#[test]
fn the_tail_of_the_normal_law() {
    for i in 0..90_000 {
        let a = f64::from(i) * 1e-4;
        let want = 0.5 - 0.5 * erf64(a * std::f64::consts::FRAC_1_SQRT_2);
        for (got, near) in [
            (a.upper_tail::<true>(), 3e-16),
            (a.upper_tail::<false>(), 3e-16),
            (f64::from((a as f32).upper_tail::<true>()), 2.5e-7),
            (f64::from((a as f32).upper_tail::<false>()), 2.5e-7),
        ] {
            // The reference has an absolute error of its own; 1.2e-8 is Φ(−5.6).
            let a = if near > 1e-10 { f64::from(a as f32) } else { a };
            let exact = if near > 1e-10 {
                0.5 - 0.5 * erf64(a * std::f64::consts::FRAC_1_SQRT_2)
            } else {
                want
            };
            let bound = near * (1.0 + a * a) * exact + 2e-16;
            let cut = near > 1e-10 && a > 5.6;
            assert!(
                (got - exact).abs() <= bound || cut && got < 1.2e-8,
                "Φ(−{a}) = {got:e}, not {exact:e}"
            );
        }
    }
    assert!(f32::NAN.upper_tail::<true>().is_nan() && f64::NAN.upper_tail::<true>().is_nan());
    assert_eq!(f32::INFINITY.upper_tail::<true>(), 0.0);
    assert_eq!(f64::INFINITY.upper_tail::<true>(), 0.0);
}

#[test]
fn special_values() {
    const INF: f64 = f64::INFINITY;
    macro_rules! table {
        ($($name:ident: $($x:expr => $y:expr),*;)*) => {$($(
            for got in [<f64 as Real>::$name::<true>($x), <f64 as Real>::$name::<false>($x)] {
                assert_eq!(got.to_bits(), f64::to_bits($y), "{}({:e}) = {got:e}", stringify!($name), $x);
            }
        )* assert!(<f64 as Real>::$name::<true>(f64::NAN).is_nan());)*};
    }
    table! {
        exp: INF => INF, -INF => 0.0, 0.0 => 1.0, -0.0 => 1.0, 710.0 => INF, -746.0 => 0.0;
        expm1: INF => INF, -INF => -1.0, 0.0 => 0.0, -0.0 => -0.0, 1e-300 => 1e-300, -90.0 => -1.0;
        log: 0.0 => -INF, -0.0 => -INF, INF => INF, 1.0 => 0.0;
        log1p: -1.0 => -INF, INF => INF, 0.0 => 0.0, -0.0 => -0.0, 1e-310 => 1e-310;
        tanh: INF => 1.0, -INF => -1.0, 0.0 => 0.0, -0.0 => -0.0, 50.0 => 1.0;
        sigmoid: INF => 1.0, -INF => 0.0, 0.0 => 0.5;
        erf: INF => 1.0, -INF => -1.0, 0.0 => 0.0, -0.0 => -0.0, 9.0 => 1.0;
    }
    assert!(Real::log::<true>(-1.0f64).is_nan() && Real::log1p::<true>(-1.5f64).is_nan());
    assert!(Real::sin(INF).is_nan() && Real::cos(-INF).is_nan() && Real::tan(INF).is_nan());
    assert!(Real::sin(-0.0f64).is_sign_negative());
}
