//! Tests against loops that are written out.

use proptest::prelude::*;

use super::*;
use crate::math::Real;
use crate::{isa, pool};

/// A formula with all kinds of arithmetic; it looks at every input.
#[derive(Clone, Copy)]
struct Mixed<T>(T);

impl<T: Real> Rule<T, 2> for Mixed<T> {
    #[inline(always)]
    fn call(&self, w: T, g: T, [m, v]: [T; 2]) -> (T, [T; 2]) {
        let m = m * self.0 + g;
        let v = v + g * g;
        (w - m / (v.sqrt() + T::ONE), [m, v])
    }
}

fn values<T: Real>(len: usize, seed: u64) -> Vec<T> {
    let special = [f64::NAN, f64::INFINITY, -0.0, 1e-310];
    (0..len as u64)
        .map(|i| {
            let x = (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ seed) >> 32;
            let plain = f64::from(x as u32) / f64::from(u32::MAX) - 0.5;
            T::from_f64(if x % 97 == 0 { special[x as usize % 4] } else { plain })
        })
        .collect()
}

type Parameter<T> = (Vec<T>, Vec<T>, Vec<T>, Vec<T>);

fn parameters<T: Real>(lens: &[usize]) -> Vec<Parameter<T>> {
    let parameter = |(i, &len): (usize, &usize)| {
        let seed = 4 * i as u64;
        let v: Vec<T> = values(len, seed + 3);
        (values(len, seed), values(len, seed + 1), values(len, seed + 2), v)
    };
    lens.iter().enumerate().map(parameter).collect()
}

fn bits<T: Real>(parameters: &[Parameter<T>]) -> Vec<u64> {
    let all = parameters.iter().flat_map(|(w, _, m, v)| [w, m, v]).flatten();
    // One pattern for all that is not a number: its payload is not part of any promise.
    all.map(|x| if x.is_nan() { u64::MAX } else { x.to_f64().to_bits() }).collect()
}

fn check<T: Real>(lens: &[usize]) {
    let mut expected = parameters::<T>(lens);
    for (i, (w, g, m, v)) in expected.iter_mut().enumerate() {
        for j in 0..w.len() {
            let rule = Mixed(T::from_f64(0.5 + i as f64));
            (w[j], [m[j], v[j]]) = rule.call(w[j], g[j], [m[j], v[j]]);
        }
    }
    for &level in isa::available() {
        for threads in [1, 3] {
            let mut got = parameters::<T>(lens);
            let items = got.iter_mut().enumerate().map(|(i, (w, g, m, v))| Slices {
                value: w,
                grad: g,
                state: [m, v],
                rule: Mixed(T::from_f64(0.5 + i as f64)),
            });
            let items = items.collect();
            isa::with_level(level, || pool::with_threads(threads, || update(items)));
            assert!(bits(&got) == bits(&expected), "{level:?}, {threads} threads, {lens:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn every_element_moves_by_the_rule(lens in prop::collection::vec(0..100usize, 0..6)) {
        check::<f32>(&lens);
        check::<f64>(&lens);
    }

    #[test]
    fn squares_add_up(len in 0..70_000usize, seed: u64) {
        let x: Vec<f32> = values::<f32>(len, seed).into_iter().map(|x| if x.is_finite() { x } else { 1.0 }).collect();
        let exact: f64 = x.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        let got = sum_of_squares(&x);
        prop_assert!((got - exact).abs() <= 1e-12 * exact);
        for threads in [2, 8] {
            prop_assert_eq!(pool::with_threads(threads, || sum_of_squares(&x)), got);
        }
        for &level in isa::available() {
            prop_assert_eq!(isa::with_level(level, || sum_of_squares(&x)), got);
        }
    }
}

#[test]
fn long_parameters_are_cut_and_shared() {
    check::<f32>(&[3, 100_000, 0, 17, 16_384, 40_001]);
}

#[test]
fn what_is_not_finite_shows_in_the_sum() {
    assert!(sum_of_squares(&[1.0f32, f32::NAN]).is_nan());
    assert_eq!(sum_of_squares(&[f32::NEG_INFINITY, 0.0]), f64::INFINITY);
    assert!(sum_of_squares(&[f32::MAX; 3]).is_finite());
    assert_eq!(sum_of_squares::<f32>(&[]), 0.0);
}

#[test]
#[should_panic(expected = "update: lengths differ")]
fn lengths_must_agree() {
    update(vec![Slices {
        value: &mut [1.0f32],
        grad: &[],
        state: [&mut [], &mut []],
        rule: Mixed(0.0),
    }]);
}
