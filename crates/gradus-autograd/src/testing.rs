//! Checks that the tests of all ops share.

use gradus_core::{DType, Key, Shape};
use gradus_tensor::Tensor;

use crate::{Result, Var, gradcheck, gradgradcheck};

/// Values of an elementwise op at points, to a few units in the last place of `f64`.
#[track_caller]
pub(crate) fn check_values(f: impl Fn(&Var) -> Result<Var>, points: &[(f64, f64)]) {
    for &(x, expected) in points {
        let got = f(&Var::constant(Tensor::scalar(x))).unwrap().item().unwrap();
        let agrees = got == expected
            || (got - expected).abs() <= 1e-14 * expected.abs()
            || (got.is_nan() && expected.is_nan());
        assert!(agrees, "at {x}: expected {expected}, got {got}");
    }
}

/// First and second derivative of an elementwise op at points.
#[track_caller]
pub(crate) fn check_derivatives(f: impl Fn(&Var) -> Result<Var>, points: &[f64]) {
    check_op(|x| f(&x[0]), &[Tensor::from_slice(points, points.len()).unwrap()]);
}

/// First and second derivative of any op.
#[track_caller]
pub(crate) fn check_op(f: impl Fn(&[Var]) -> Result<Var>, inputs: &[Tensor]) {
    if let Err(error) = gradcheck(&f, inputs) {
        panic!("first order: {error}");
    }
    if let Err(error) = gradgradcheck(&f, inputs) {
        panic!("second order: {error}");
    }
}

/// The derivative at one point.
pub(crate) fn slope(f: impl Fn(&Var) -> Result<Var>, x: f64) -> f64 {
    let x = Var::leaf(Tensor::scalar(x));
    let grads = f(&x).unwrap().backward().unwrap();
    grads.get(&x).unwrap().item().unwrap()
}

/// Normal values in `f64`; another `seed` gives others.
pub(crate) fn normal(shape: impl Into<Shape>, seed: u64) -> Tensor {
    Tensor::normal(0.0, 1.0, shape, DType::F64, Key::new(seed)).unwrap()
}

/// The elements of a variable.
pub(crate) fn elements(x: &Var) -> Vec<f64> {
    x.value().to_vec().unwrap()
}
