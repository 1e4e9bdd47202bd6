//! Reductions against naive loops, laws, threads.

use half::bf16;
use proptest::prelude::*;

use super::{
    Axis, all, any, argmax, argmin, cumsum, log_softmax, logsumexp, max, min, prod, softmax, sum,
};
use crate::{isa, pool};

/// The elements of each line in output order.
fn lines<T: Copy>(dims: Axis, x: &[T]) -> Vec<Vec<T>> {
    let Axis { outer, axis, inner } = dims;
    let at = |o: usize, a: usize, i: usize| x[(o * axis + a) * inner + i];
    (0..outer)
        .flat_map(|o| (0..inner).map(move |i| (0..axis).map(|a| at(o, a, i)).collect()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn reductions_agree_with_loops(
        outer in 0usize..5, axis in 0usize..150, inner in 0usize..20, seed: u32, threads in 1usize..4,
    ) {
        let dims = Axis { outer, axis, inner };
        let x: Vec<f64> = (0..outer * axis * inner)
            .map(|i| f64::from((i as u32).wrapping_mul(2_654_435_761) ^ seed) / f64::from(1 << 31) - 1.0)
            .map(|v| (v * 8.0).round() / 8.0)
            .collect();
        let lines = lines(dims, &x);
        pool::with_threads(threads, || {
            let mut out = vec![7.0; outer * inner];
            sum(dims, &x, &mut out);
            for (o, l) in out.iter().zip(&lines) {
                // Eighths are added exactly.
                assert_eq!(*o, l.iter().sum::<f64>());
            }
            prod(dims, &x, &mut out);
            for (o, l) in out.iter().zip(&lines) {
                let want: f64 = l.iter().product();
                assert!((o - want).abs() <= 1e-12 * want.abs());
            }
            let mut running = vec![0.0; x.len()];
            cumsum(dims, &x, &mut running);
            for (r, l) in self::lines(dims, &running).iter().zip(&lines) {
                let mut total = 0.0;
                assert!(r.iter().zip(l).all(|(r, x)| { total += x; *r == total }));
            }
            let mut truth = vec![false; outer * inner];
            let positive: Vec<bool> = x.iter().map(|x| *x > 0.9).collect();
            any(dims, &positive, &mut truth);
            assert!(truth.iter().zip(&lines).all(|(t, l)| *t == l.iter().any(|x| *x > 0.9)));
            all(dims, &positive, &mut truth);
            assert!(truth.iter().zip(&lines).all(|(t, l)| *t == l.iter().all(|x| *x > 0.9)));
            if axis > 0 {
                let mut at = vec![0; outer * inner];
                max(dims, &x, &mut out);
                argmax(dims, &x, &mut at);
                for ((o, at), l) in out.iter().zip(&at).zip(&lines) {
                    let want = l.iter().copied().fold(f64::MIN, f64::max);
                    assert_eq!(*o, want);
                    assert_eq!(*at, l.iter().position(|x| *x == want).unwrap() as i64);
                }
                min(dims, &x, &mut out);
                argmin(dims, &x, &mut at);
                for ((o, at), l) in out.iter().zip(&at).zip(&lines) {
                    let want = l.iter().copied().fold(f64::MAX, f64::min);
                    assert_eq!(*o, want);
                    assert_eq!(*at, l.iter().position(|x| *x == want).unwrap() as i64);
                }
            }
        });
    }

    #[test]
    fn softmax_rows_sum_to_one_and_do_not_feel_a_shift(
        rows in 1usize..6, n in 1usize..200, shift in -50.0f64..50.0, seed: u32,
    ) {
        let x: Vec<f64> = (0..rows * n)
            .map(|i| f64::from((i as u32).wrapping_mul(2_654_435_761) ^ seed) / f64::from(1 << 28))
            .collect();
        let moved: Vec<f64> = x.iter().map(|x| x + shift).collect();
        let (mut p, mut q, mut l) = (x.clone(), x.clone(), x.clone());
        let mut lse = vec![0.0; rows];
        softmax(n, &x, &mut p);
        softmax(n, &moved, &mut q);
        log_softmax(n, &x, &mut l);
        logsumexp(n, &x, &mut lse);
        for (r, lse) in lse.iter().enumerate() {
            let row = r * n..(r + 1) * n;
            prop_assert!((p[row.clone()].iter().sum::<f64>() - 1.0).abs() < 1e-12);
            for i in row {
                prop_assert!((p[i] - q[i]).abs() < 1e-12);
                prop_assert!((l[i] - (x[i] - lse)).abs() < 1e-12);
                prop_assert!((l[i].exp() - p[i]).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn long_sums_are_accurate_and_the_same_on_any_number_of_threads() {
    let x: Vec<f32> = (0..3_000_017).map(|i| (i as f32 * 0.618_034).fract() + 0.1).collect();
    let exact: f64 = x.iter().map(|x| f64::from(*x)).sum();
    for &level in isa::available() {
        let run = |threads| {
            let mut out = [0.0];
            isa::with_level(level, || {
                pool::with_threads(threads, || sum(Axis::rows(1, x.len()), &x, &mut out));
            });
            out[0]
        };
        assert!((f64::from(run(1)) / exact - 1.0).abs() < 3e-7);
        for threads in [2, 3, 8] {
            assert_eq!(run(threads).to_bits(), run(1).to_bits());
        }
    }
}

#[test]
fn columns_of_a_tall_matrix_use_the_chunks_too() {
    let dims = Axis { outer: 2, axis: 9001, inner: 3 };
    let x: Vec<f32> = (0..2 * 9001 * 3).map(|i| (i as f32 * 0.37).fract()).collect();
    let mut out = vec![0.0; 6];
    sum(dims, &x, &mut out);
    for (o, l) in out.iter().zip(lines(dims, &x)) {
        let want: f64 = l.iter().map(|x| f64::from(*x)).sum();
        assert!((f64::from(*o) / want - 1.0).abs() < 1e-6, "{o} {want}");
    }
}

#[test]
fn nan_wins_and_is_the_first_of_its_kind() {
    let x = [1.0, f32::NAN, f32::INFINITY, f32::NAN];
    let (mut v, mut i) = ([0.0], [0]);
    let dims = Axis::rows(1, 4);
    max(dims, &x, &mut v);
    assert!(v[0].is_nan());
    min(dims, &x, &mut v);
    assert!(v[0].is_nan());
    argmax(dims, &x, &mut i);
    assert_eq!(i, [1]);
    argmin(dims, &x, &mut i);
    assert_eq!(i, [1]);
    for place in 0..100 {
        let mut x = vec![0.5f32; 100];
        x[place] = f32::NAN;
        max(Axis::rows(1, 100), &x, &mut v);
        assert!(v[0].is_nan(), "{place}");
    }
}

#[test]
fn softmax_of_masked_rows() {
    const INF: f32 = f32::INFINITY;
    let mut out = [0.0; 2];
    softmax(2, &[-INF, -INF], &mut out);
    assert!(out.iter().all(|x| x.is_nan()));
    softmax(2, &[-INF, 3.0], &mut out);
    assert_eq!(out, [0.0, 1.0]);
    log_softmax(2, &[-INF, 3.0], &mut out);
    assert_eq!(out, [-INF, 0.0]);
    let mut lse = [0.0];
    logsumexp(2, &[-INF, -INF], &mut lse);
    assert_eq!(lse, [-INF]);
    logsumexp(2, &[1.0, INF], &mut lse);
    assert_eq!(lse, [INF]);
    logsumexp(2, &[f32::NAN, 1.0], &mut lse);
    assert!(lse[0].is_nan());
    logsumexp(0, &[], &mut lse);
    assert_eq!(lse, [-INF]);
}

#[test]
fn bf16_is_rounded_once() {
    let x = vec![bf16::from_f32(1.0); 1000];
    let mut out = [bf16::ZERO];
    sum(Axis::rows(1, 1000), &x, &mut out);
    assert_eq!(out[0], bf16::from_f32(1000.0));
}
