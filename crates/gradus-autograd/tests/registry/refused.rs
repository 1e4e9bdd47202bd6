//! The ops without a derivative: their results carry no gradient, or they refuse by name.

use gradus_autograd::Var;
use gradus_tensor::{Order, Taps, Tensor};

/// Asserts that an op of this name refuses.
type Refuses = fn(&str);

pub(crate) const REFUSED: &[(&str, Refuses)] = &[
    ("eq", |_| not_a_float(x().eq(&x()))),
    ("ne", |_| not_a_float(x().ne(&x()))),
    ("lt", |_| not_a_float(x().lt(&x()))),
    ("le", |_| not_a_float(x().le(&x()))),
    ("gt", |_| not_a_float(x().gt(&x()))),
    ("ge", |_| not_a_float(x().ge(&x()))),
    ("is_nan", |_| not_a_float(x().is_nan())),
    ("is_finite", |_| not_a_float(x().is_finite())),
    ("argmax", |_| not_a_float(x().argmax(-1))),
    ("argmin", |_| not_a_float(x().argmin(-1))),
    ("argmax_taps", |_| {
        let taps = Taps::new(2, [vec![(0, 1.0), (1, 1.0)]]).unwrap();
        not_a_float(Ok(x().value().argmax_taps(0, &taps).unwrap()));
    }),
    ("argsort", |_| not_a_float(Ok(x().value().argsort(-1, Order::Ascending).unwrap()))),
    ("logical_not", |name| refuses_floats(name, x().value().logical_not())),
    ("logical_and", |name| refuses_floats(name, x().value().logical_and(x().value()))),
    ("logical_or", |name| refuses_floats(name, x().value().logical_or(x().value()))),
    ("logical_xor", |name| refuses_floats(name, x().value().logical_xor(x().value()))),
    ("any", |name| refuses_floats(name, x().value().any(..))),
    ("all", |name| refuses_floats(name, x().value().all(..))),
];

fn x() -> Var {
    Var::leaf(Tensor::from([[1.0f64, 2.0], [3.0, 4.0]]))
}

#[track_caller]
fn not_a_float(result: gradus_autograd::Result<Tensor>) {
    assert!(!result.unwrap().dtype().is_float());
}

#[track_caller]
fn refuses_floats(name: &str, result: gradus_tensor::Result<Tensor>) {
    let message = result.unwrap_err().to_string();
    assert!(message.starts_with(&format!("{name}: ")), "{message}");
}
