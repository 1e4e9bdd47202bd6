//! Errors against f64 over a dense sample of bit patterns, and special values.

use half::bf16;

use super::{Float, Real, erf64};

/// Every 997th bit pattern that is a finite number.
fn sample() -> impl Iterator<Item = f32> {
    (0..=u32::MAX).step_by(997).map(f32::from_bits).filter(|x| x.is_finite())
}

/// Asserts the relative error where the true result is a normal f32, and a small absolute one below.
fn check(name: &str, bound: f64, f: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) {
    let mut worst = (0.0, 0.0);
    for x in sample() {
        let (got, want) = (f(x), exact(f64::from(x)));
        if want.is_nan() {
            assert!(got.is_nan(), "{name}({x}) = {got}, not NaN");
        } else if want.abs() > f64::from(f32::MAX) {
            assert_eq!(f64::from(got), f64::INFINITY.copysign(want), "{name}({x})");
        } else if want.abs() < f64::from(f32::MIN_POSITIVE) {
            assert!((f64::from(got) - want).abs() <= f64::from(f32::MIN_POSITIVE), "{name}({x})");
        } else {
            let error = ((f64::from(got) - want) / want).abs();
            if error > worst.0 {
                worst = (error, f64::from(x));
            }
        }
    }
    assert!(worst.0 < bound, "{name}: relative error {:.2e} at {}", worst.0, worst.1);
}

/// The bounds of the docs, at both kinds of level.
macro_rules! bounds {
    ($($name:ident $bound:literal $exact:expr;)*) => {$(
        #[test]
        fn $name() {
            check(stringify!($name), $bound, <f32 as Real>::$name::<true>, $exact);
            check(stringify!($name), $bound, <f32 as Real>::$name::<false>, $exact);
        }
    )*};
}

bounds! {
    exp 9e-8 f64::exp;
    expm1 2.5e-7 f64::exp_m1;
    log 2e-7 f64::ln;
    log1p 3e-7 f64::ln_1p;
    tanh 5e-7 f64::tanh;
    sigmoid 3e-7 |x: f64| 1.0 / (1.0 + (-x).exp());
    erf 2e-7 erf64;
}

#[test]
fn trigonometry() {
    let near = |x: f64| if x.abs() <= f64::from(<f32 as Real>::TRIG_LIMIT) { x } else { 0.0 };
    check("sin", 6.1e-8, |x| Real::sin(near(x.into()) as f32), |x| near(x).sin());
    check("cos", 6.1e-8, |x| Real::cos(near(x.into()) as f32), |x| near(x).cos());
    check("tan", 6.1e-8, |x| Real::tan(near(x.into()) as f32), |x| near(x).tan());
}

#[test]
fn powers() {
    let few: Vec<f32> = sample().step_by(8_001).collect();
    let special = [0.0, 1.0, 0.5, 2.0, 3.0, 1e30, f32::INFINITY, f32::NAN];
    let all: Vec<f32> = few.into_iter().chain(special).chain(special.map(|x| -x)).collect();
    for &x in &all {
        for y in all.iter().copied().chain((-30..30).map(|i| 0.5 * i as f32)) {
            let want = f64::from(x).powf(f64::from(y));
            for got in [x.pow::<true>(y), x.pow::<false>(y)] {
                let near = (f64::from(got) - want).abs() <= 6.1e-8 * want.abs() + 1e-44;
                let same = f64::from(got) == want || got == want as f32 && got.is_infinite();
                assert!(
                    near || same || got.is_nan() && want.is_nan(),
                    "{x}^{y} = {got}, not {want}"
                );
                assert!(want.is_nan() || got.is_sign_negative() == want.is_sign_negative());
            }
        }
    }
}

#[test]
fn the_open_exponential_differs_at_the_end_of_the_range_only() {
    for x in sample().chain([f32::INFINITY, f32::NEG_INFINITY, f32::NAN]) {
        for (open, full) in [
            (x.exp_open::<true>(), Real::exp::<true>(x)),
            (x.exp_open::<false>(), Real::exp::<false>(x)),
        ] {
            if x > 88.3 {
                assert!(open == f32::INFINITY || open >= 2.2e38, "{x}: {open}");
            } else if x < -87.3 {
                assert!(open <= 2.0 * f32::MIN_POSITIVE, "{x}: {open}");
            } else {
                let exact = f64::from(x).exp();
                assert!(
                    full.is_nan() && open.is_nan()
                        || (f64::from(open) - exact).abs() < 9e-8 * exact,
                    "{x}"
                );
            }
        }
    }
}

#[test]
fn special_values() {
    const INF: f32 = f32::INFINITY;
    fn both(f: [fn(f32) -> f32; 2], x: f32, want: f32) {
        for f in f {
            assert_eq!(f(x).to_bits(), want.to_bits(), "f({x}) = {}, not {want}", f(x));
        }
    }
    macro_rules! table {
        ($($name:ident: $($x:expr => $y:expr),*;)*) => {$($(
            both([<f32 as Real>::$name::<true>, <f32 as Real>::$name::<false>], $x, $y);
        )* assert!(<f32 as Real>::$name::<true>(f32::NAN).is_nan());)*};
    }
    table! {
        exp: INF => INF, -INF => 0.0, 0.0 => 1.0, -0.0 => 1.0, 89.0 => INF, -200.0 => 0.0;
        expm1: INF => INF, -INF => -1.0, 0.0 => 0.0, -0.0 => -0.0, 1e-30 => 1e-30, -90.0 => -1.0;
        log: 0.0 => -INF, -0.0 => -INF, INF => INF, 1.0 => 0.0;
        log1p: -1.0 => -INF, INF => INF, 0.0 => 0.0, -0.0 => -0.0, 1e-40 => 1e-40;
        tanh: INF => 1.0, -INF => -1.0, 0.0 => 0.0, -0.0 => -0.0, 50.0 => 1.0;
        sigmoid: INF => 1.0, -INF => 0.0, 0.0 => 0.5;
        erf: INF => 1.0, -INF => -1.0, 0.0 => 0.0, -0.0 => -0.0, 9.0 => 1.0;
    }
    assert!(Real::log::<true>(-1.0f32).is_nan() && Real::log1p::<true>(-1.5f32).is_nan());
    assert!(Real::sin(INF).is_nan() && Real::cos(-INF).is_nan() && Real::tan(INF).is_nan());
    assert!(Real::sin(-0.0f32).is_sign_negative());
}

/// erf by its series of positive terms, which loses no digits.
fn erf_series(x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    while term.abs() > 1e-18 * sum.abs() {
        n += 1.0;
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
    }
    2.0 / std::f64::consts::PI.sqrt() * (-x * x).exp() * sum
}

#[test]
fn erf64_agrees_with_its_series() {
    for i in -6000..=6000 {
        let x = f64::from(i) * 1.000_37e-3;
        let (got, want) = (erf64(x), erf_series(x));
        assert!((got - want).abs() <= 3e-15 * want.abs(), "erf({x}) = {got}, not {want}");
    }
    assert_eq!(erf64(f64::INFINITY), 1.0);
    assert_eq!(erf64(f64::NEG_INFINITY), -1.0);
    assert!(erf64(f64::NAN).is_nan() && erf64(-0.0).is_sign_negative());
}

#[test]
fn bf16_rounds_as_the_half_crate() {
    for x in sample().chain([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX]) {
        let (got, want) = (<bf16 as Float>::narrow(x), bf16::from_f32(x));
        assert_eq!(got.to_bits(), want.to_bits(), "{x}");
        assert_eq!(got.widen().to_bits(), want.to_f32().to_bits(), "{x}");
    }
}
