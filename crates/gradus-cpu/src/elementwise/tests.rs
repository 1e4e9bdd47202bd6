//! Formulas at every level, laws of NaN, integers, threads.

use gradus_core::{BinaryOp, CompareOp, UnaryOp};
use half::bf16;
use proptest::prelude::*;

use super::{
    binary, binary_scalar, cast, compare, compare_scalar, map, masked_fill, scalar_binary, select,
    unary, unary_int, zip,
};
use crate::math::erf64;
use crate::{Error, isa, pool};

fn exact(op: UnaryOp, x: f64) -> f64 {
    match op {
        UnaryOp::Neg => -x,
        UnaryOp::Abs => x.abs(),
        UnaryOp::Sign => {
            if x == 0.0 {
                0.0
            } else {
                x.signum()
            }
        }
        UnaryOp::Square => x * x,
        UnaryOp::Sqrt => x.sqrt(),
        UnaryOp::Rsqrt => 1.0 / x.sqrt(),
        UnaryOp::Reciprocal => 1.0 / x,
        UnaryOp::Exp => x.exp(),
        UnaryOp::Expm1 => x.exp_m1(),
        UnaryOp::Log => x.ln(),
        UnaryOp::Log1p => x.ln_1p(),
        UnaryOp::Sin => x.sin(),
        UnaryOp::Cos => x.cos(),
        UnaryOp::Tan => x.tan(),
        UnaryOp::Tanh => x.tanh(),
        UnaryOp::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        UnaryOp::Erf => erf64(x),
        UnaryOp::Relu => {
            if x > 0.0 {
                x
            } else {
                0.0
            }
        }
        UnaryOp::Gelu => 0.5 * x * (1.0 + erf64(x / 2.0f64.sqrt())),
        UnaryOp::GeluTanh => {
            0.5 * x
                * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh())
        }
        UnaryOp::Silu => x / (1.0 + (-x).exp()),
        UnaryOp::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        UnaryOp::Floor => x.floor(),
        UnaryOp::Ceil => x.ceil(),
        UnaryOp::Round => x.round_ties_even(),
    }
}

/// Rounding of the inputs of a cancellation is not the function's error, hence the absolute part.
fn close(got: f64, want: f64, relative: f64) -> bool {
    (got.is_nan() && want.is_nan())
        || got == want
        || (got - want).abs() <= relative * want.abs() + relative
}

#[test]
fn unary_ops_follow_their_formula_at_every_level() {
    let x: Vec<f64> = (-200..200).map(|i| f64::from(i) * 0.0625).chain([1e7, -3e8]).collect();
    let narrow: Vec<f32> = x.iter().map(|x| *x as f32).collect();
    let half: Vec<bf16> = x.iter().map(|x| bf16::from_f64(*x)).collect();
    for &level in isa::available() {
        isa::with_level(level, || {
            for &op in UnaryOp::ALL {
                let mut out = vec![0.0; x.len()];
                unary(op, &x, &mut out);
                let mut out32 = vec![0.0; x.len()];
                unary(op, &narrow, &mut out32);
                let mut out16 = vec![bf16::ZERO; x.len()];
                unary(op, &half, &mut out16);
                for (i, &x) in x.iter().enumerate() {
                    let want = exact(op, x);
                    assert!(close(out[i], want, 1e-14), "{op:?}({x}) = {}, not {want}", out[i]);
                    let got = f64::from(out32[i]);
                    assert!(close(got, want, 5e-7), "{op:?}({x}) = {got}, not {want}");
                    let want = exact(op, half[i].to_f64());
                    let got = out16[i].to_f64();
                    assert!(close(got, want, 4e-3), "bf16 {op:?}({x}) = {got}, not {want}");
                }
            }
        });
    }
}

#[test]
fn nan_stays_nan_in_every_float_op() {
    for &op in UnaryOp::ALL {
        let mut out = [0.0f32; 2];
        unary(op, &[f32::NAN, -f32::NAN], &mut out);
        assert!(out[0].is_nan() && out[1].is_nan(), "{op:?}");
    }
    for op in [BinaryOp::Maximum, BinaryOp::Minimum, BinaryOp::Remainder, BinaryOp::Add] {
        let mut out = [0.0f64; 2];
        binary(op, &[f64::NAN, 1.0], &[1.0, f64::NAN], &mut out).unwrap();
        assert!(out[0].is_nan() && out[1].is_nan(), "{op:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_element_has_the_same_bits_at_any_place(
        x in proptest::collection::vec(any::<f32>(), 1..200), cut in any::<prop::sample::Index>(),
    ) {
        let cut = cut.index(x.len());
        for &op in UnaryOp::ALL {
            let (mut whole, mut parts) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            unary(op, &x, &mut whole);
            let (head, tail) = parts.split_at_mut(cut);
            unary(op, &x[..cut], head);
            unary(op, &x[cut..], tail);
            for (w, p) in whole.iter().zip(&parts) {
                prop_assert!(w.to_bits() == p.to_bits() || (w.is_nan() && p.is_nan()), "{:?}", op);
            }
        }
    }

    #[test]
    fn binary_ops_follow_their_formula(
        a in proptest::collection::vec(-50.0f32..50.0, 1..80), b in -9.0f32..9.0,
    ) {
        for &op in BinaryOp::ALL {
            let f = |x: f32, y: f32| match op {
                BinaryOp::Add => x + y,
                BinaryOp::Sub => x - y,
                BinaryOp::Mul => x * y,
                BinaryOp::Div => x / y,
                BinaryOp::Pow => x.powf(y),
                BinaryOp::Maximum => x.max(y),
                BinaryOp::Minimum => x.min(y),
                BinaryOp::Remainder => { let r = x % y; if r * y < 0.0 { r + y } else { r } }
                BinaryOp::Atan2 => x.atan2(y),
            };
            let bs: Vec<f32> = a.iter().rev().map(|x| x + b).collect();
            let n = a.len();
            let (mut both, mut right, mut left) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
            binary(op, &a, &bs, &mut both).unwrap();
            binary_scalar(op, &a, b, &mut right).unwrap();
            scalar_binary(op, b, &a, &mut left).unwrap();
            for i in 0..n {
                for (got, want) in
                    [(both[i], f(a[i], bs[i])), (right[i], f(a[i], b)), (left[i], f(b, a[i]))]
                {
                    // Near a tie two powers may round to neighbours.
                    let near = op == BinaryOp::Pow && got.to_bits().abs_diff(want.to_bits()) < 2;
                    let same = got == want || (got.is_nan() && want.is_nan());
                    prop_assert!(near || same, "{:?}: {} instead of {}", op, got, want);
                }
            }
        }
    }

    #[test]
    fn integer_quotient_and_remainder_have_the_right_signs(a: i64, b: i64) {
        let (mut q, mut r) = ([0], [0]);
        let fault = if b == 0 { Err(Error::DivisionByZero) } else { Ok(()) };
        prop_assert_eq!(binary(BinaryOp::Div, &[a], &[b], &mut q), fault);
        prop_assert_eq!(binary(BinaryOp::Remainder, &[a], &[b], &mut r), fault);
        if b != 0 {
            prop_assert_eq!(i128::from(q[0]), i128::from(a).wrapping_div(b.into()) as i64 as i128);
            prop_assert!(r[0] == 0 || (r[0] < 0) == (b < 0));
            prop_assert!(r[0].unsigned_abs() < b.unsigned_abs());
            prop_assert_eq!((i128::from(a) - i128::from(r[0])) % i128::from(b), 0);
        }
    }

    #[test]
    fn bf16_casts_are_the_nearest_value(x: i64, y in any::<f64>()) {
        // The two neighbours of the result must not be nearer.
        let check = |value: f64, got: bf16, exact: &dyn Fn(bf16) -> f64| {
            let step = |d: i32| bf16::from_bits((i32::from(got.to_bits()) + d) as u16);
            let own = exact(got).abs();
            value.is_nan() || got.is_infinite() || (own <= exact(step(1)).abs() && (got.to_f64() == 0.0 || own <= exact(step(-1)).abs()))
        };
        let mut out = [bf16::ZERO];
        cast(&[x], &mut out);
        let distance = |b: bf16| (i128::from(x) - b.to_f64() as i128) as f64;
        prop_assert!(check(x as f64, out[0], &distance), "{} -> {}", x, out[0]);
        cast(&[y], &mut out);
        prop_assert!(check(y, out[0], &|b| y - b.to_f64()), "{} -> {}", y, out[0]);
    }
}

#[test]
fn integers_wrap_and_refuse_what_has_no_meaning() {
    let mut out = [0i64; 2];
    binary(BinaryOp::Add, &[i64::MAX, 1], &[1, 1], &mut out).unwrap();
    assert_eq!(out, [i64::MIN, 2]);
    binary(BinaryOp::Div, &[i64::MIN, -7], &[-1, 2], &mut out).unwrap();
    assert_eq!(out, [i64::MIN, -3]);
    binary_scalar(BinaryOp::Pow, &[-3, 2], 3, &mut out).unwrap();
    assert_eq!(out, [-27, 8]);
    assert_eq!(binary_scalar(BinaryOp::Pow, &[2, 2], -1, &mut out), Err(Error::NegativeExponent));
    assert_eq!(binary(BinaryOp::Atan2, &[1, 1], &[1, 1], &mut out), Err(Error::Unsupported));
    assert_eq!(unary_int(UnaryOp::Exp, &[1, 2], &mut out), Err(Error::Unsupported));
    unary_int(UnaryOp::Sign, &[-5, 0], &mut out).unwrap();
    assert_eq!(out, [-1, 0]);
    let mut bytes = [0u8; 2];
    unary_int(UnaryOp::Neg, &[1, 0], &mut bytes).unwrap();
    assert_eq!(bytes, [255, 0]);
    binary(BinaryOp::Remainder, &[7, 9], &[4, 5], &mut bytes).unwrap();
    assert_eq!(bytes, [3, 4]);
    // Nothing is divided, so nothing is wrong.
    assert_eq!(binary_scalar::<i64>(BinaryOp::Div, &[], 0, &mut []), Ok(()));
}

#[test]
fn large_slices_have_the_same_bits_on_any_number_of_threads() {
    let x: Vec<f32> = (0..300_001).map(|i| (i as f32 * 0.001).fract() * 8.0 - 4.0).collect();
    let run = |threads| {
        pool::with_threads(threads, || {
            let (mut a, mut b, mut c) = (x.clone(), x.clone(), x.clone());
            unary(UnaryOp::Gelu, &x, &mut a);
            binary(BinaryOp::Mul, &x, &a, &mut b).unwrap();
            zip(&a, &b, &mut c, 0.3, |a, b| a * 0.9 + b);
            let mut d = x.clone();
            map(&c, &mut d, 0.3, |x| x * x);
            let mut mask = vec![false; x.len()];
            compare(CompareOp::Lt, &d, &c, &mut mask);
            select(&mask, &a, &d, &mut c);
            compare_scalar(CompareOp::Ge, &c, 0.5, &mut mask);
            masked_fill(&mask, 7.0, &c, &mut d);
            d
        })
    };
    let one = run(1);
    for threads in [2, 3, 8] {
        assert!(run(threads).iter().zip(&one).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

#[test]
fn comparisons_with_nan_are_false_except_inequality() {
    for &op in CompareOp::ALL {
        let mut out = [false; 2];
        compare(op, &[f32::NAN, 1.0], &[f32::NAN, f32::NAN], &mut out);
        assert_eq!(out, [op == CompareOp::Ne; 2], "{op:?}");
    }
    let mut out = [false; 2];
    compare(CompareOp::Lt, &[false, true], &[true, true], &mut out);
    assert_eq!(out, [true, false]);
}

#[test]
fn casts_saturate_and_truncate() {
    let mut ints = [0i64; 4];
    cast(&[1.9f64, -1.9, 1e300, f64::NAN], &mut ints);
    assert_eq!(ints, [1, -1, i64::MAX, 0]);
    let mut bytes = [0u8; 2];
    cast(&[257i64, -1], &mut bytes);
    assert_eq!(bytes, [1, 255]);
    let mut truth = [false; 3];
    cast(&[0.0f32, f32::NAN, -0.0], &mut truth);
    assert_eq!(truth, [false, true, false]);
}
