//! Pooling against plain loops.

use proptest::prelude::*;

use super::{Divisor, Pool2d, avg_pool2d, avg_pool2d_grad, max_pool2d, max_pool2d_grad};
use crate::{Window, pool};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pools_and_their_gradients_agree_with_loops(
        planes in 0usize..4, size in [2usize..9, 2usize..9], kernel in [1usize..4, 1usize..4],
        stride in [1usize..4, 1usize..4], pad in any::<bool>(), dilation in [1usize..3, 1usize..3],
        threads in 1usize..4,
    ) {
        let padding = if pad { [kernel[0] / 2, kernel[1] / 2] } else { [0, 0] };
        let window = Window { kernel, stride, padding, dilation };
        prop_assume!(window.out_size(size).is_some());
        let [oh, ow] = window.out_size(size).unwrap();
        let dims = Pool2d { planes, size, window };
        let x: Vec<f64> = (0..planes * size[0] * size[1]).map(|i| ((i * 29) % 17) as f64).collect();
        let g: Vec<f64> = (0..planes * oh * ow).map(|i| (i % 7) as f64 - 3.0).collect();
        let (mut values, mut means) = (vec![f64::MIN; g.len()], vec![0.0; g.len()]);
        let mut places = vec![-1; g.len()];
        let (mut max_grad, mut mean_grad) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        for o in 0..g.len() {
            let (p, y, z) = (o / (oh * ow), o / ow % oh, o % ow);
            let mut inside = Vec::new();
            for (i, j) in (0..kernel[0]).flat_map(|i| (0..kernel[1]).map(move |j| (i, j))) {
                let row = (y * stride[0] + i * dilation[0]) as isize - padding[0] as isize;
                let col = (z * stride[1] + j * dilation[1]) as isize - padding[1] as isize;
                if (0..size[0] as isize).contains(&row) && (0..size[1] as isize).contains(&col) {
                    inside.push(row as usize * size[1] + col as usize);
                }
            }
            let base = p * size[0] * size[1];
            for &at in &inside {
                if x[base + at] > values[o] {
                    (values[o], places[o]) = (x[base + at], at as i64);
                }
                means[o] += x[base + at];
                mean_grad[base + at] += g[o] / inside.len() as f64;
            }
            means[o] /= inside.len() as f64;
            max_grad[base + places[o] as usize] += g[o];
        }
        pool::with_threads(threads, || {
            let (mut v, mut at) = (vec![0.0; g.len()], vec![0; g.len()]);
            max_pool2d(&dims, &x, &mut v, &mut at);
            assert_eq!((&v, &at), (&values, &places));
            let mut grad = vec![9.0; x.len()];
            max_pool2d_grad(planes, &g, &at, &mut grad).unwrap();
            assert_eq!(grad, max_grad);
            avg_pool2d(&dims, Divisor::Inside, &x, &mut v);
            assert!(v.iter().zip(&means).all(|(a, b)| (a - b).abs() < 1e-12));
            avg_pool2d_grad(&dims, Divisor::Inside, &g, &mut grad);
            assert!(grad.iter().zip(&mean_grad).all(|(a, b)| (a - b).abs() < 1e-12));
        });
    }
}

#[test]
fn padding_counts_only_when_asked() {
    let window = Window { kernel: [1, 2], stride: [1, 2], padding: [0, 1], dilation: [1, 1] };
    let dims = Pool2d { planes: 1, size: [1, 2], window };
    let mut out = [0.0f32; 2];
    avg_pool2d(&dims, Divisor::Taps, &[2.0, 4.0], &mut out);
    assert_eq!(out, [1.0, 2.0]);
    avg_pool2d(&dims, Divisor::Inside, &[2.0, 4.0], &mut out);
    assert_eq!(out, [2.0, 4.0]);
}

#[test]
fn nan_and_minus_infinity_have_places() {
    let window = Window { kernel: [1, 2], stride: [1, 2], padding: [0, 0], dilation: [1, 1] };
    let dims = Pool2d { planes: 1, size: [1, 4], window };
    let (mut v, mut at) = ([0.0f32; 2], [9; 2]);
    max_pool2d(&dims, &[f32::NAN, 5.0, f32::NEG_INFINITY, f32::NEG_INFINITY], &mut v, &mut at);
    assert!(v[0].is_nan() && v[1] == f32::NEG_INFINITY);
    assert_eq!(at, [0, 2]);
}
