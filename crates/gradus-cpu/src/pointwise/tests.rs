//! Formulas against the same formulas in plain f64, gradients against differences.

use half::bf16;
use proptest::prelude::*;

use super::{Number, Pointwise, forward, gradients};
use crate::math::{Float, Real};
use crate::{isa, pool};

/// A little of everything.
struct All;

impl Pointwise<3> for All {
    #[inline(always)]
    fn call<S: Number>(&self, [x, y, z]: [S; 3]) -> S {
        let positive = y * y + 0.5;
        let a = (x * 0.5).exp() / positive - x.tanh() * z.sigmoid();
        let b = positive.log() + positive.sqrt() * x.erf() - (z * 0.25).expm1() / 3.0;
        x.if_less(y, a - 1.0, -b) + positive.log1p() + x.max(z) * y.min(z)
    }
}

fn plain([x, y, z]: [f64; 3]) -> f64 {
    let positive = y * y + 0.5;
    let sigmoid = 1.0 / (1.0 + (-z).exp());
    let a = (x * 0.5).exp() / positive - x.tanh() * sigmoid;
    let b = positive.ln() + positive.sqrt() * crate::math::erf64(x) - (z * 0.25).exp_m1() / 3.0;
    (if x < y { a - 1.0 } else { -b }) + positive.ln_1p() + x.max(z) * y.min(z)
}

fn slope(x: [f64; 3], j: usize) -> f64 {
    let h = 1e-6;
    let moved = |h: f64| {
        let mut x = x;
        x[j] += h;
        plain(x)
    };
    (moved(h) - moved(-h)) / (2.0 * h)
}

fn run<T: Float>(x: &[Vec<T>; 3], g: &[T]) -> [Vec<T>; 4] {
    let mut out = [(); 4].map(|()| vec![T::narrow(T::Wide::ZERO); g.len()]);
    let inputs = [&x[0][..], &x[1], &x[2]];
    let [y, dx, dy, dz] = &mut out;
    forward(&All, inputs, y);
    gradients(&All, inputs, g, [dx, dy, dz]);
    out
}

fn cast<T: Float>(x: &[f64]) -> Vec<T> {
    x.iter().map(|x| T::narrow(T::Wide::from_f64(*x))).collect()
}

fn check<T: Float>(n: usize, seed: u32, tolerance: f64) {
    let draw = |i: usize| {
        f64::from((i as u32 ^ seed).wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 22) - 2.0
    };
    let column = |k: usize| cast::<T>(&(0..n).map(|i| draw(4 * i + k)).collect::<Vec<_>>());
    let (x, g) = ([column(0), column(1), column(2)], column(3));
    for &level in isa::available() {
        let run = |threads| isa::with_level(level, || pool::with_threads(threads, || run(&x, &g)));
        let [y, grads @ ..] = run(1);
        for i in 0..n {
            let at = [0, 1, 2].map(|k: usize| x[k][i].widen().to_f64());
            let near = |got: T, want: f64| {
                let got = got.widen().to_f64();
                assert!(
                    (got - want).abs() < tolerance * (4.0 + want.abs()),
                    "{got} {want} at {at:?}"
                );
            };
            near(y[i], plain(at));
            // Not across a step of the choices.
            if (at[0] - at[1]).abs().min((at[0] - at[2]).abs()).min((at[1] - at[2]).abs()) > 1e-5 {
                for (j, grad) in grads.iter().enumerate() {
                    near(grad[i], g[i].widen().to_f64() * slope(at, j));
                }
            }
        }
        let bytes = |x: [Vec<T>; 4]| x.map(|x| bytemuck::cast_slice::<T, u8>(&x).to_vec());
        assert!(bytes(run(3)) == bytes(run(1)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn loops_agree_with_the_plain_formula(n in 0usize..200, seed: u32) {
        check::<f64>(n, seed, 1e-8);
        check::<f32>(n, seed, 1e-5);
        check::<bf16>(n, seed, 2e-2);
    }
}

#[test]
fn long_inputs_are_split_among_threads() {
    check::<f32>(100_000, 7, 1e-5);
}

#[test]
fn nan_and_infinity_pass_through() {
    struct Relu;
    impl Pointwise<1> for Relu {
        #[inline(always)]
        fn call<S: Number>(&self, [x]: [S; 1]) -> S {
            x.max(S::constant(0.0))
        }
    }
    let x = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0];
    let (mut y, mut dx) = ([0.0; 4], [0.0; 4]);
    forward(&Relu, [&x], &mut y);
    gradients(&Relu, [&x], &[1.0; 4], [&mut dx]);
    assert!(y[0].is_nan() && y[1..] == [f32::INFINITY, 0.0, 0.0]);
    assert_eq!(dx, [1.0, 1.0, 0.0, 1.0]);
}
