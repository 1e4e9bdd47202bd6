//! Convolution against seven nested loops.

use proptest::prelude::*;

use super::{Conv2d, forward, grad_input, grad_weight};
use crate::{Window, pool};

/// Calls `f(output, input, weight)` for every product of the convolution.
fn products(conv: &Conv2d, mut f: impl FnMut(usize, usize, usize)) {
    let Conv2d { batch, c_in, size: [h, w], c_out, groups, window } = *conv;
    let ([oh, ow], [kh, kw]) = (window.out_size([h, w]).unwrap(), window.kernel);
    let (gi, go) = (c_in / groups, c_out / groups);
    for b in 0..batch {
        for o in 0..c_out {
            for (y, x) in (0..oh).flat_map(|y| (0..ow).map(move |x| (y, x))) {
                for c in 0..gi {
                    for (i, j) in (0..kh).flat_map(|i| (0..kw).map(move |j| (i, j))) {
                        let iy = (y * window.stride[0] + i * window.dilation[0]) as isize
                            - window.padding[0] as isize;
                        let ix = (x * window.stride[1] + j * window.dilation[1]) as isize
                            - window.padding[1] as isize;
                        if iy < 0 || ix < 0 || iy >= h as isize || ix >= w as isize {
                            continue;
                        }
                        let channel = b * c_in + o / go * gi + c;
                        f(
                            ((b * c_out + o) * oh + y) * ow + x,
                            (channel * h + iy as usize) * w + ix as usize,
                            ((o * gi + c) * kh + i) * kw + j,
                        );
                    }
                }
            }
        }
    }
}

fn fill(len: usize, seed: usize) -> Vec<f64> {
    (0..len).map(|i| ((i * 37 + seed * 11) % 41) as f64 / 8.0 - 2.5).collect()
}

fn check(conv: &Conv2d) {
    let [oh, ow] = conv.window.out_size(conv.size).unwrap();
    let x = fill(conv.batch * conv.c_in * conv.size[0] * conv.size[1], 1);
    let w = fill(
        conv.c_out * conv.c_in / conv.groups * conv.window.kernel[0] * conv.window.kernel[1],
        2,
    );
    let g = fill(conv.batch * conv.c_out * oh * ow, 3);
    let (mut y, mut gx, mut gw) = (vec![0.0; g.len()], vec![0.0; x.len()], vec![0.0; w.len()]);
    products(conv, |o, i, k| {
        y[o] += x[i] * w[k];
        gx[i] += g[o] * w[k];
        gw[k] += g[o] * x[i];
    });
    for threads in [1, 2, 3] {
        pool::with_threads(threads, || {
            let nan = f64::NAN;
            let (mut y2, mut gx2, mut gw2) =
                (vec![nan; g.len()], vec![nan; x.len()], vec![nan; w.len()]);
            forward(conv, &x, &w, &mut y2);
            grad_input(conv, &g, &w, &mut gx2);
            grad_weight(conv, &x, &g, &mut gw2);
            // All values are multiples of 1/64 of moderate size, so every order gives these sums.
            assert_eq!(y2, y, "{conv:?}");
            assert_eq!(gx2, gx, "{conv:?}");
            assert_eq!(gw2, gw, "{conv:?}");
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn forward_and_gradients_agree_with_loops(
        batch in 0usize..4, gi in 1usize..4, go in 1usize..4, groups in 1usize..3,
        size in [1usize..9, 1usize..9], kernel in [1usize..4, 1usize..4],
        stride in [1usize..3, 1usize..3], padding in [0usize..3, 0usize..3],
        dilation in [1usize..3, 1usize..3],
    ) {
        let window = Window { kernel, stride, padding, dilation };
        let conv =
            Conv2d { batch, c_in: gi * groups, size, c_out: go * groups, groups, window };
        prop_assume!(window.out_size(size).is_some());
        check(&conv);
    }
}

#[test]
fn many_rows_are_unfolded_in_blocks() {
    let window = Window { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] };
    check(&Conv2d { batch: 2, c_in: 24, size: [40, 40], c_out: 5, groups: 1, window });
}

#[test]
fn weight_gradient_has_the_same_bits_on_any_number_of_threads() {
    let window = Window { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] };
    let conv = Conv2d { batch: 33, c_in: 4, size: [12, 12], c_out: 8, groups: 1, window };
    let x: Vec<f32> = fill(33 * 4 * 144, 1).iter().map(|x| (*x * 0.1) as f32).collect();
    let g: Vec<f32> = fill(33 * 8 * 144, 2).iter().map(|x| (*x * 0.3) as f32).collect();
    let run = |threads| {
        let mut out = vec![0.0; 8 * 4 * 9];
        pool::with_threads(threads, || grad_weight(&conv, &x, &g, &mut out));
        out
    };
    let one = run(1);
    for threads in [2, 3, 8] {
        assert!(run(threads).iter().zip(&one).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}
