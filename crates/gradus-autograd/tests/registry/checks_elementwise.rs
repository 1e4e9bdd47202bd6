//! The checks of activations, special functions and functions of two floats.

use gradus_autograd::Var;
use gradus_tensor::DType;

use crate::case::{Case, Check, Outcome, binary, check, kinked, unary};
use crate::checks::{along_full, uneven};

pub(crate) const CHECKS: &[(&str, Check)] = &[
    ("exp2", |c| unary(c, -2.0..2.0, Var::exp2)),
    ("log2", |c| unary(c, 0.3..3.0, Var::log2)),
    ("log10", |c| unary(c, 0.3..3.0, Var::log10)),
    ("asin", |c| unary(c, -0.8..0.8, Var::asin)),
    ("acos", |c| unary(c, -0.8..0.8, Var::acos)),
    ("atan", |c| unary(c, -3.0..3.0, Var::atan)),
    ("sinh", |c| unary(c, -2.0..2.0, Var::sinh)),
    ("cosh", |c| unary(c, -2.0..2.0, Var::cosh)),
    ("asinh", |c| unary(c, -3.0..3.0, Var::asinh)),
    ("acosh", |c| unary(c, 1.3..4.0, Var::acosh)),
    ("atanh", |c| unary(c, -0.8..0.8, Var::atanh)),
    ("trunc", |c| unary(c, 1.1..1.9, Var::trunc)),
    ("frac", |c| unary(c, -1.9..-1.1, Var::frac)),
    ("erfc", |c| unary(c, -2.0..3.0, Var::erfc)),
    ("lgamma", |c| unary(c, 0.5..4.0, Var::lgamma)),
    ("digamma", |c| unary(c, -0.7..-0.3, Var::digamma)),
    ("polygamma", |c| unary(c, 0.8..4.0, |x| x.polygamma(c.n))),
    ("sinc", |c| unary(c, -2.0..2.0, Var::sinc)),
    ("spherical_bessel", |c| unary(c, -4.0..4.0, |x| x.spherical_bessel(c.n))),
    ("logit", |c| unary(c, 0.2..0.8, Var::logit)),
    ("hardsigmoid", |c| unary(c, -2.9..2.9, Var::hardsigmoid)),
    ("hardswish", |c| unary(c, -2.9..2.9, Var::hardswish)),
    ("hardtanh", |c| kinked(c, |x| x.hardtanh(-2.9, 0.1))),
    ("relu6", |c| kinked(c, Var::relu6)),
    ("mish", |c| unary(c, -4.0..4.0, Var::mish)),
    ("selu", |c| kinked(c, Var::selu)),
    ("celu", |c| kinked(c, |x| x.celu(0.7))),
    ("softsign", |c| kinked(c, Var::softsign)),
    ("softshrink", |c| kinked(c, |x| x.softshrink(0.1))),
    ("hardshrink", |c| kinked(c, |x| x.hardshrink(0.1))),
    ("tanhshrink", |c| unary(c, -2.0..2.0, Var::tanhshrink)),
    ("threshold", |c| kinked(c, |x| x.threshold(0.1, -1.0))),
    ("log_sigmoid", |c| unary(c, -4.0..4.0, Var::log_sigmoid)),
    ("rrelu", |c| kinked(c, |x| x.rrelu(0.1, 0.3))),
    ("prelu", prelu),
    ("glu", |c| {
        along_full(c, |x, dim| {
            let even = x.dims()[dim] / 2 * 2;
            x.narrow(dim, 0, even)?.glu(dim)
        })
    }),
    ("fmod", fmod),
    ("hypot", |c| binary(c, Var::hypot)),
    ("logaddexp", |c| binary(c, Var::logaddexp)),
    ("xlogy", |c| {
        let [a, b] = c.pair();
        check(&[c.normal(0, &a), c.uniform(1, 0.4..2.0, &b)], |x| x[0].xlogy(&x[1]))
    }),
    ("lerp", |c| uneven(c, |a, b| a.lerp(b, &a.mul_scalar(0.3)?))),
];

/// One weight, or one per channel.
fn prelu(c: &Case) -> Outcome {
    let shape = c.shape_of_rank(2);
    let weights = if c.n.is_multiple_of(2) { 1 } else { shape[1] };
    check(&[c.away_from_zero(0, &shape), c.normal(1, &[weights])], |x| x[0].prelu(&x[1]))
}

/// a = ±(whole numbers + 0.2 ..= 0.6), b near 1: never at a step.
fn fmod(c: &Case) -> Outcome {
    let [a, b] = c.pair();
    let whole = c.ids(2, 3, &a).to_dtype(DType::F64).unwrap();
    let a = c.uniform(0, 0.2..0.6, &a).add(&whole).unwrap().neg().unwrap();
    check(&[a, c.uniform(1, 0.95..1.05, &b)], |x| x[0].fmod(&x[1]))
}
