//! Convolution against nested loops, at every level.

use proptest::prelude::*;

use super::{Conv2d, forward, grad_input, grad_weight};
use crate::gemm::KC;
use crate::{Window, isa, pool};

/// Calls `f(output, input, weight)` for every product, in the K order of the output. The input is
/// `None` where the tap is in the padding.
fn products(conv: &Conv2d, mut f: impl FnMut(usize, Option<usize>, usize)) {
    let Conv2d { batch, c_in, size: [h, w], c_out, groups, window } = *conv;
    let ([oh, ow], [kh, kw]) = (window.out_size([h, w]).unwrap(), window.kernel);
    let (gi, go) = (c_in / groups, c_out / groups);
    for b in 0..batch {
        for o in 0..c_out {
            for (y, x) in (0..oh).flat_map(|y| (0..ow).map(move |x| (y, x))) {
                for c in 0..gi {
                    for (i, j) in (0..kh).flat_map(|i| (0..kw).map(move |j| (i, j))) {
                        let channel = b * c_in + o / go * gi + c;
                        let place = window.place(0, y, i, h).zip(window.place(1, x, j, w));
                        f(
                            ((b * c_out + o) * oh + y) * ow + x,
                            place.map(|(y, x)| (channel * h + y) * w + x),
                            ((o * gi + c) * kh + i) * kw + j,
                        );
                    }
                }
            }
        }
    }
}

/// As `products`, for the taps of an input that would read an output beyond the plane. They meet
/// zeros.
fn misses(conv: &Conv2d, mut f: impl FnMut(usize, usize)) {
    let Conv2d { batch, c_in, size: [h, w], c_out, groups, window } = *conv;
    let (out, [kh, kw]) = (window.out_size([h, w]).unwrap(), window.kernel);
    let (gi, go) = (c_in / groups, c_out / groups);
    let reads = |d: usize, place: usize, tap: usize| {
        let from =
            (place + window.padding[d]).cast_signed() - (tap * window.dilation[d]).cast_signed();
        let stride = window.stride[d].cast_signed();
        (from % stride == 0)
            .then(|| (0..out[d].cast_signed()).contains(&(from / stride)) && from >= 0)
    };
    for (b, c) in (0..batch).flat_map(|b| (0..c_in).map(move |c| (b, c))) {
        for (y, x) in (0..h).flat_map(|y| (0..w).map(move |x| (y, x))) {
            for (i, j) in (0..kh).flat_map(|i| (0..kw).map(move |j| (i, j))) {
                let Some((down, across)) = reads(0, y, i).zip(reads(1, x, j)) else { continue };
                if down && across {
                    continue;
                }
                for o in c / gi * go..(c / gi + 1) * go {
                    let weight = ((o * gi + c % gi) * kh + i) * kw + j;
                    f(((b * c_in + c) * h + y) * w + x, weight);
                }
            }
        }
    }
}

fn fill(len: usize, seed: usize) -> Vec<f64> {
    (0..len).map(|i| ((i * 37 + seed * 11) % 41) as f64 / 8.0 - 2.5).collect()
}

/// Lengths of input, weight and output.
fn lengths(conv: &Conv2d) -> [usize; 3] {
    let ([oh, ow], [kh, kw]) = (conv.window.out_size(conv.size).unwrap(), conv.window.kernel);
    let input = conv.batch * conv.c_in * conv.size[0] * conv.size[1];
    [input, conv.c_out * conv.c_in / conv.groups * kh * kw, conv.batch * conv.c_out * oh * ow]
}

/// Equal, where every NaN equals every other.
fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
}

/// All three passes on values that are exact in every order, with some of `odd` among them.
fn check(conv: &Conv2d, odd: Option<f64>) {
    let [x_len, w_len, y_len] = lengths(conv);
    let (mut x, mut w, mut g) = (fill(x_len, 1), fill(w_len, 2), fill(y_len, 3));
    for data in [&mut x, &mut w, &mut g] {
        let at = data.len() / 2;
        if let Some((odd, x)) = odd.zip(data.get_mut(at)) {
            *x = odd;
        }
    }
    let bias = fill(conv.c_out.max(conv.c_in), 4);
    let (mut y, mut gx, mut gw) = (vec![0.0; y_len], vec![0.0; x_len], vec![0.0; w_len]);
    products(conv, |o, i, k| {
        y[o] += i.map_or(0.0, |i| x[i]) * w[k];
        gw[k] += g[o] * i.map_or(0.0, |i| x[i]);
        if let Some(i) = i {
            gx[i] += g[o] * w[k];
        }
    });
    misses(conv, |i, k| gx[i] += 0.0 * w[k]);
    let plane = y_len / (conv.batch * conv.c_out).max(1);
    let with_bias = y.iter().enumerate().map(|(o, y)| y + bias[o / plane.max(1) % conv.c_out]);
    let with_bias: Vec<f64> = with_bias.collect();
    for level in isa::available() {
        let threads = 1 + conv.size[0] % 3;
        isa::with_level(*level, || {
            pool::with_threads(threads, || {
                let nan = f64::NAN;
                let (mut y2, mut gx2, mut gw2) =
                    (vec![nan; y_len], vec![nan; x_len], vec![nan; w_len]);
                forward(conv, &x, &w, None, &mut y2);
                grad_input(conv, &g, &w, None, &mut gx2);
                grad_weight(conv, &x, &g, &mut gw2);
                assert!(same(&y2, &y), "{conv:?} {level:?}: {y2:?} instead of {y:?}");
                assert!(same(&gx2, &gx), "{conv:?} {level:?}: {gx2:?} instead of {gx:?}");
                assert!(same(&gw2, &gw), "{conv:?} {level:?}: {gw2:?} instead of {gw:?}");
                forward(conv, &x, &w, Some(&bias[..conv.c_out]), &mut y2);
                assert!(same(&y2, &with_bias), "{conv:?} {level:?} with bias");
            });
        });
    }
}

fn convolutions() -> impl Strategy<Value = Conv2d> {
    let channels = (0usize..4, 1usize..4, 1usize..12, 1usize..3);
    let pair = |from: usize, to: usize| [from..to, from..to];
    let windows = (pair(1, 4), pair(1, 4), pair(0, 4), pair(1, 4));
    (channels, [1usize..9, 1usize..40], windows).prop_filter_map(
        "the window must fit",
        |((batch, gi, go, groups), size, (kernel, stride, padding, dilation))| {
            let window = Window { kernel, stride, padding, dilation };
            let conv =
                Conv2d { batch, c_in: gi * groups, size, c_out: go * groups, groups, window };
            window.out_size(size).map(|_| conv)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn all_passes_agree_with_loops(conv in convolutions(), odd in 0usize..6) {
        check(&conv, [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].get(odd).copied());
    }
}

/// Those of `winograd`, whose arithmetic is exact too on few bits.
fn winograd() -> impl Strategy<Value = Conv2d> {
    let channels = (1usize..3, 16usize..40, 16usize..40, 1usize..3);
    (channels, [12usize..30, 12usize..50], [0usize..4, 0usize..4]).prop_map(
        |((batch, gi, go, groups), size, padding)| {
            let window = Window { kernel: [3, 3], stride: [1, 1], padding, dilation: [1, 1] };
            Conv2d { batch, c_in: gi * groups, size, c_out: go * groups, groups, window }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn tiles_agree_with_loops(conv in winograd(), odd in 0usize..6) {
        check(&conv, [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].get(odd).copied());
    }
}

#[test]
fn tiles_of_wide_and_of_high_images_agree_with_loops() {
    let window = Window { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] };
    for size in [[1, 720], [3, 401], [300, 1], [50, 4]] {
        check(&Conv2d { batch: 1, c_in: 16, size, c_out: 16, groups: 1, window }, None);
    }
}

/// The root of the mean of the squared errors of f32 against f64, for all three passes.
fn errors(conv: &Conv2d) -> [f64; 3] {
    // SplitMix64, to 24 bits.
    let random = |i: u64| {
        let z = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 40) as f32
    };
    let noise = |len: usize, seed: u64| -> Vec<f32> {
        (0..len as u64).map(|i| random(i + (seed << 32)) / (1 << 23) as f32 - 1.0).collect()
    };
    let [x_len, w_len, y_len] = lengths(conv);
    let inputs = [noise(x_len, 1), noise(w_len, 2), noise(y_len, 3)];
    let [x, w, g] = &inputs;
    let exact = inputs.each_ref().map(|v| v.iter().map(|x| f64::from(*x)).collect::<Vec<_>>());
    let [mut y, mut gx, mut gw] = [y_len, x_len, w_len].map(|len| vec![0.0f32; len]);
    let [mut y2, mut gx2, mut gw2] = [y_len, x_len, w_len].map(|len| vec![0.0f64; len]);
    forward(conv, x, w, None, &mut y);
    grad_input(conv, g, w, None, &mut gx);
    grad_weight(conv, x, g, &mut gw);
    forward(conv, &exact[0], &exact[1], None, &mut y2);
    grad_input(conv, &exact[2], &exact[1], None, &mut gx2);
    grad_weight(conv, &exact[0], &exact[2], &mut gw2);
    [(y, y2), (gx, gx2), (gw, gw2)].map(|(a, b)| {
        let squares = a.iter().zip(&b).map(|(a, b)| (f64::from(*a) - b).powi(2));
        (squares.sum::<f64>() / b.len() as f64).sqrt()
    })
}

#[test]
fn tiles_are_as_exact_as_direct_sums() {
    let window = Window { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] };
    let tiles = Conv2d { batch: 2, c_in: 32, size: [24, 24], c_out: 32, groups: 1, window };
    // The same number of terms, but dilated windows have no tiles.
    let window = Window { padding: [2, 2], dilation: [2, 2], ..window };
    let direct = Conv2d { window, ..tiles };
    for (tiles, direct) in errors(&tiles).into_iter().zip(errors(&direct)) {
        assert!(tiles > 0.0 && tiles < 2.0 * direct, "{tiles:e} against {direct:e}");
    }
}

#[test]
fn deep_kernels_long_rows_and_strips_agree_with_loops() {
    let same = Window { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] };
    let conv =
        |c_in, size, c_out, groups, window| Conv2d { batch: 2, c_in, size, c_out, groups, window };
    check(&conv(40, [9, 11], 17, 1, same), None);
    check(&conv(60, [60, 60], 3, 1, same), None);
    check(&conv(24, [12, 10], 24, 24, same), None);
    let line = Window { kernel: [1, 5], stride: [1, 2], padding: [0, 3], dilation: [1, 2] };
    check(&conv(2, [1, 1500], 9, 1, line), None);
    check(&conv(2, [1, 700], 2, 2, line), None);
    let point = Window { kernel: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1] };
    check(&conv(300, [5, 7], 10, 1, point), None);
    check(&conv(0, [5, 7], 4, 1, same), None);
    check(&conv(3, [5, 7], 0, 1, same), None);
    let wide = Window { padding: [2, 1], ..same };
    check(&conv(3, [0, 7], 4, 1, wide), None);
}

/// Few values, none of them exact.
fn rough(len: usize, seed: usize) -> Vec<f32> {
    fill(len, seed).iter().map(|x| (x * 0.37) as f32).collect()
}

#[test]
fn outputs_are_chains_in_the_order_of_k() {
    let window = Window { kernel: [3, 2], stride: [2, 1], padding: [1, 1], dilation: [1, 2] };
    let conv = Conv2d { batch: 2, c_in: 94, size: [9, 20], c_out: 10, groups: 2, window };
    let [x_len, w_len, y_len] = lengths(&conv);
    let (x, w) = (rough(x_len, 1), rough(w_len, 2));
    for level in isa::available() {
        let mut terms = vec![Vec::new(); y_len];
        products(&conv, |o, i, k| terms[o].push((i.map_or(0.0, |i| x[i]), w[k])));
        let chain = |terms: &[(f32, f32)]| {
            terms.iter().fold(0.0, |sum, (x, w)| match level {
                isa::Level::Generic => x * w + sum,
                _ => x.mul_add(*w, sum),
            })
        };
        let expected: Vec<f32> =
            terms.iter().map(|t| t.chunks(KC).map(chain).reduce(|a, b| a + b).unwrap()).collect();
        let mut y = vec![f32::NAN; y_len];
        isa::with_level(*level, || forward(&conv, &x, &w, None, &mut y));
        assert!(y.iter().zip(&expected).all(|(a, b)| a.to_bits() == b.to_bits()), "{level:?}");
    }
}

#[test]
fn an_image_alone_has_the_bits_that_it_has_in_a_batch() {
    let window = Window { kernel: [3, 3], stride: [1, 2], padding: [1, 1], dilation: [1, 1] };
    let strided = Conv2d { batch: 5, c_in: 6, size: [13, 12], c_out: 9, groups: 1, window };
    alone_and_in_company(&strided, 0);
    let window = Window { stride: [1, 1], ..window };
    let tiles = Conv2d { c_in: 20, c_out: 33, size: [13, 30], window, ..strided };
    alone_and_in_company(&tiles, 0);
    alone_and_in_company(&tiles, 1);
}

/// The first `infinite` images have an infinity each.
fn alone_and_in_company(conv: &Conv2d, infinite: usize) {
    let alone = Conv2d { batch: 1, ..*conv };
    let ([x_len, w_len, y_len], [x_one, _, y_one]) = (lengths(conv), lengths(&alone));
    let (mut x, w, mut g) = (rough(x_len, 1), rough(w_len, 2), rough(y_len, 3));
    for image in 0..infinite {
        (x[image * x_one], g[image * y_one]) = (f32::INFINITY, f32::INFINITY);
    }
    let (mut y, mut dx) = (vec![0.0; y_len], vec![0.0; x_len]);
    forward(conv, &x, &w, None, &mut y);
    grad_input(conv, &g, &w, None, &mut dx);
    for image in 0..5 {
        let (mut y1, mut dx1) = (vec![0.0; y_one], vec![0.0; x_one]);
        forward(&alone, &x[image * x_one..][..x_one], &w, None, &mut y1);
        grad_input(&alone, &g[image * y_one..][..y_one], &w, None, &mut dx1);
        let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y1), bits(&y[image * y_one..][..y_one]));
        assert_eq!(bits(&dx1), bits(&dx[image * x_one..][..x_one]));
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let window = Window { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] };
    for (batch, c_in, c_out, groups) in [(33, 4, 8, 1), (2, 32, 40, 1), (9, 6, 6, 6)] {
        let conv = Conv2d { batch, c_in, size: [24, 20], c_out, groups, window };
        let [x_len, w_len, y_len] = lengths(&conv);
        let (x, w, g) = (rough(x_len, 1), rough(w_len, 2), rough(y_len, 3));
        let run = |threads| {
            let (mut y, mut dx, mut dw) = (vec![0.0; y_len], vec![0.0; x_len], vec![0.0; w_len]);
            pool::with_threads(threads, || {
                forward(&conv, &x, &w, None, &mut y);
                grad_input(&conv, &g, &w, None, &mut dx);
                grad_weight(&conv, &x, &g, &mut dw);
            });
            [y, dx, dw].concat()
        };
        let one = run(1);
        for threads in [2, 3, 8] {
            assert!(run(threads).iter().zip(&one).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }
}
