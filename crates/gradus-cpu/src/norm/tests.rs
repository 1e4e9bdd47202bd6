//! Normalization against naive loops in f64, at every level and for any number of threads.

use half::bf16;
use proptest::prelude::*;

use super::{Affine, Gradients, Norm, Normalization, Saved, normalize, normalize_grad};
use crate::math::{Float, Real};
use crate::{isa, pool};

fn numbers(len: usize, seed: u32) -> Vec<f64> {
    let draw = |i: u32| (i ^ seed).wrapping_mul(2_654_435_761).wrapping_add(seed) >> 8;
    (0..len as u32).map(|i| f64::from(draw(i)) / f64::from(1 << 22) - 2.0).collect()
}

/// Output, dx, dweight, dbias by the formulas of the module.
fn naive(norm: Norm, n: usize, eps: f64, [x, g, w, b]: [&[f64]; 4]) -> [Vec<f64>; 4] {
    let (mut y, mut dx) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    let (mut dw, mut db) = (vec![0.0; n], vec![0.0; n]);
    for r in 0..x.len() / n {
        let (x, g) = (&x[r * n..][..n], &g[r * n..][..n]);
        let mean = if norm == Norm::Layer { x.iter().sum::<f64>() / n as f64 } else { 0.0 };
        let var = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
        let rstd = 1.0 / (var + eps).sqrt();
        let h: Vec<f64> = x.iter().map(|x| (x - mean) * rstd).collect();
        let d: Vec<f64> = g.iter().zip(w).map(|(g, w)| g * w).collect();
        let level = if norm == Norm::Layer { d.iter().sum::<f64>() / n as f64 } else { 0.0 };
        let along = d.iter().zip(&h).map(|(d, h)| d * h).sum::<f64>() / n as f64;
        for j in 0..n {
            y[r * n + j] = h[j] * w[j] + b[j];
            dx[r * n + j] = rstd * (d[j] - level - h[j] * along);
            dw[j] += g[j] * h[j];
            db[j] += g[j];
        }
    }
    [y, dx, dw, db]
}

/// The same by the kernels.
fn fused<T: Float>(norm: Norm, n: usize, eps: f64, [x, g, w, b]: [&[T]; 4]) -> [Vec<T>; 4] {
    let zeros = |len: usize| vec![T::narrow(T::Wide::ZERO); len];
    let (mut y, mut dx, mut dw, mut db) = (zeros(x.len()), zeros(x.len()), zeros(n), zeros(n));
    let mut stats = vec![T::Wide::ZERO; 2 * x.len().checked_div(n).unwrap_or(0)];
    let affine = Affine { weight: Some(w), bias: Some(b) };
    let rule = Normalization { norm, n, eps };
    normalize(rule, x, affine, &mut y, &mut stats);
    let saved = Saved { x, stats: &stats, weight: Some(w) };
    let out = Gradients { dx: &mut dx, dweight: Some(&mut dw), dbias: Some(&mut db) };
    normalize_grad(rule, saved, g, out);
    [y, dx, dw, db]
}

fn cast<T: Float>(x: &[f64]) -> Vec<T> {
    x.iter().map(|x| T::narrow(T::Wide::from_f64(*x))).collect()
}

fn check<T: Float>(norm: Norm, rows: usize, n: usize, seed: u32, tolerance: f64) {
    let inputs = [rows * n, rows * n, n, n];
    let exact: Vec<Vec<f64>> =
        inputs.iter().zip(1..).map(|(len, i)| numbers(*len, seed ^ (i * 0x0123_4567))).collect();
    let given: Vec<Vec<T>> = exact.iter().map(|x| cast(x)).collect();
    let exact: Vec<Vec<f64>> =
        given.iter().map(|x| x.iter().map(|x| x.widen().to_f64()).collect()).collect();
    let want = naive(norm, n, 0.1, [&exact[0], &exact[1], &exact[2], &exact[3]]);
    for &level in isa::available() {
        let run = |threads| {
            let inputs = [&given[0][..], &given[1], &given[2], &given[3]];
            isa::with_level(level, || pool::with_threads(threads, || fused(norm, n, 0.1, inputs)))
        };
        let got = run(1);
        for (got, want) in got.iter().zip(&want) {
            for (got, want) in got.iter().zip(want) {
                let got = got.widen().to_f64();
                assert!(
                    (got - want).abs() <= tolerance * (1.0 + want.abs()) * (rows as f64).sqrt(),
                    "{got} {want}"
                );
            }
        }
        for threads in [2, 3] {
            assert!(bytes(&run(threads)) == bytes(&got), "{threads} threads");
        }
    }
}

fn bytes<T: Float>(x: &[Vec<T>; 4]) -> Vec<u8> {
    x.iter().flat_map(|x| bytemuck::cast_slice(x).to_vec()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn kernels_agree_with_the_formulas(rows in 1usize..70, n in 1usize..200, seed: u32) {
        for norm in [Norm::Layer, Norm::Rms] {
            check::<f32>(norm, rows, n, seed, 3e-6);
            check::<f64>(norm, rows, n, seed, 1e-14);
            check::<bf16>(norm, rows, n, seed, 2e-2);
        }
    }
}

#[test]
fn many_rows_have_the_same_bits_on_any_number_of_threads() {
    check::<f32>(Norm::Layer, 3000, 40, 5, 3e-6);
}

#[test]
fn without_weights_the_factor_is_one() {
    let x = numbers(300, 3);
    let (ones, zeros) = (vec![1.0; 100], vec![0.0; 100]);
    for &level in isa::available() {
        isa::with_level(level, || {
            let [y, dx, ..] = fused(Norm::Layer, 100, 1e-5, [&x, &x, &ones, &zeros]);
            let (mut plain, mut stats, mut d) = (vec![0.0; 300], vec![0.0; 6], vec![0.0; 300]);
            for (weight, bias) in [(None, None), (Some(&ones[..]), None), (None, Some(&zeros[..]))]
            {
                let affine = Affine { weight, bias };
                let rule = Normalization { norm: Norm::Layer, n: 100, eps: 1e-5 };
                normalize(rule, &x, affine, &mut plain, &mut stats);
                let saved = Saved { x: &x, stats: &stats, weight };
                let out = Gradients { dx: &mut d, dweight: None, dbias: None };
                normalize_grad(rule, saved, &x, out);
                assert!(plain == y && d == dx);
            }
        });
    }
}

#[test]
fn nothing_and_nan_pass_through() {
    let [y, dx, dw, _] = fused::<f32>(Norm::Layer, 3, 1e-5, [&[], &[], &[1.0; 3], &[0.0; 3]]);
    assert!(y.is_empty() && dx.is_empty() && dw == [0.0; 3]);
    let [y, ..] = fused::<f32>(Norm::Rms, 0, 1e-5, [&[], &[], &[], &[]]);
    assert!(y.is_empty());
    let x = [1.0, f32::NAN, 3.0, 4.0];
    let [y, dx, dw, _] = fused(Norm::Layer, 2, 1e-5, [&x, &x, &[1.0; 2], &[0.0; 2]]);
    assert!(y[0].is_nan() && dx[1].is_nan() && dw[0].is_nan() && !y[2].is_nan());
    let x = [1.0, f32::INFINITY];
    let [y, ..] = fused(Norm::Rms, 2, 1e-5, [&x, &x, &[1.0; 2], &[0.0; 2]]);
    assert!(y[0] == 0.0 && y[1].is_nan());
}
