//! Against PyTorch, and what PyTorch does not promise.

use gradus_autograd::{Module, Param, Var};
use gradus_tensor::{DType, Tensor};

use super::*;
use crate::{Error, Result};

fn golden(name: &str) -> Vec<f64> {
    let values = include_str!("../../tests/golden/values.txt");
    let line = values.lines().find(|line| line.split(' ').next() == Some(name)).unwrap();
    line.split(' ').skip(1).map(|value| value.parse().unwrap()).collect()
}

/// Rosenbrock's function in as many dimensions as there are.
#[expect(clippy::ptr_arg, reason = "the closure of a step takes the model as it is")]
fn rosenbrock(model: &Vec<Param>) -> Result<Var> {
    let w = model[0].var();
    let n = w.len() - 1;
    let (x, y) = (w.narrow(0, 0, n)?, w.narrow(0, 1, n)?);
    let valley = y.sub(&x.square()?)?.square()?.mul_scalar(100.0)?;
    Ok(valley.add(&x.sub_scalar(1.0)?.square()?)?.sum(..)?)
}

fn model(start: &[f64]) -> Vec<Param> {
    vec![Param::new(Tensor::from(start.to_vec()))]
}

fn check(name: &str, start: &[f64], settings: &Lbfgs) {
    let mut optimizer = settings.init().unwrap();
    let mut model = model(start);
    for (call, expected) in golden(name).chunks(5).enumerate() {
        let info = optimizer.step(&mut model, rosenbrock).unwrap();
        let w = model[0].value().to_vec::<f64>().unwrap();
        for (got, expected) in [info.loss].iter().chain(&w).zip(expected) {
            let error = (got - expected).abs();
            assert!(error < 1e-7 * expected.abs().max(1.0), "{name}, call {call}: {w:?}");
        }
    }
}

#[test]
fn steps_are_those_of_pytorch() {
    let start = [-1.2, 1.0, 0.8, 1.5];
    let wolfe = Lbfgs { max_iter: 4, ..Lbfgs::default() };
    check("LBFGS_WOLFE", &start, &wolfe);
    check("LBFGS_SHORT", &start, &Lbfgs { history_size: 2, ..wolfe });
    let line_search = LineSearch::Fixed;
    let plain = Lbfgs { lr: 0.1, max_iter: 3, line_search, ..Lbfgs::default() };
    check("LBFGS_PLAIN", &[0.9, 0.8, 0.7, 0.5], &plain);
}

#[test]
fn a_quadratic_of_many_scales_is_solved() {
    for dtype in [DType::F32, DType::F64] {
        let curve = Tensor::from([1.0f64, 10.0, 100.0, 1000.0]).to_dtype(dtype).unwrap();
        let mut model = (Param::new(curve.ones_like()), Param::new(curve.narrow(0, 0, 0).unwrap()));
        let loss = |model: &(Param, Param)| -> Result<Var> {
            let error = model.0.var().sub_scalar(3.0)?.square()?;
            Ok(error.mul(&Var::constant(curve.clone()))?.sum(..)?)
        };
        let mut optimizer = Lbfgs { max_iter: 50, ..Lbfgs::default() }.init().unwrap();
        let info = optimizer.step(&mut model, loss).unwrap();
        assert!(info.final_loss < 1e-6 * info.loss && info.evaluations < 50, "{info:?}");
        let (end, solution) = (model.0.value(), curve.full_like(3.0));
        assert!(end.allclose(&solution, 1e-3, 0.0).unwrap(), "{end}");
    }
}

#[test]
fn a_step_too_far_into_infinity_is_taken_back() {
    // −ln(1 − w²) − w is infinite at 1 and not a number beyond; it is lowest at √2 − 1.
    let loss = |model: &Vec<Param>| -> Result<Var> {
        let w = model[0].var();
        let barrier = w.square()?.neg()?.add_scalar(1.0)?.log()?;
        Ok(barrier.neg()?.sub(&w)?.sum(..)?)
    };
    let mut model = model(&[0.0]);
    let mut optimizer = Lbfgs { lr: 50.0, ..Lbfgs::default() }.init().unwrap();
    optimizer.step(&mut model, loss).unwrap();
    let end = model[0].value().select(0, 0).unwrap().item().unwrap();
    assert!((end - (2f64.sqrt() - 1.0)).abs() < 1e-5, "{end}");
}

#[test]
fn going_on_from_saved_state_is_the_same_bits() {
    let start = [-1.2, 1.0, 0.8, 1.5];
    let settings = Lbfgs { max_iter: 3, ..Lbfgs::default() };
    let (mut whole, mut parts) = (settings.init().unwrap(), settings.init().unwrap());
    let (mut a, mut b) = (model(&start), model(&start));
    for _ in 0..5 {
        whole.step(&mut a, rosenbrock).unwrap();
        parts.step(&mut b, rosenbrock).unwrap();
        assert!(a[0].value().equal(b[0].value()));
        let mut next = settings.init().unwrap();
        next.load_state_dict(&parts.state_dict()).unwrap();
        assert_eq!(next.iterations(), whole.iterations());
        parts = next;
    }
    let (a, b) = (whole.state_dict(), parts.state_dict());
    assert!(a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| a.equal(b)));
}

#[test]
fn the_state_of_something_else_is_refused() {
    let mut optimizer = Lbfgs::default().init().unwrap();
    let mut small = model(&[0.5, 0.5]);
    optimizer.step(&mut small, rosenbrock).unwrap();
    let adam = crate::Adam::default().init().unwrap();
    let error = optimizer.load_state_dict(&adam.state_dict()).unwrap_err();
    assert!(matches!(error, Error::OtherOptimizer { .. }));
    let mut adam = crate::Adam::default().init().unwrap();
    assert!(adam.load_state_dict(&optimizer.state_dict()).is_err());
    let mut partial = optimizer.state_dict();
    assert!(partial.remove("old_stps_0.0").is_some());
    assert!(matches!(optimizer.load_state_dict(&partial), Err(Error::MissingState { .. })));
    let error = optimizer.step(&mut model(&[1.0, 2.0, 3.0]), rosenbrock).unwrap_err();
    assert!(matches!(error, Error::Shape { .. }), "{error}");
}

#[test]
fn an_error_in_the_middle_changes_nothing() {
    let mut optimizer = Lbfgs::default().init().unwrap();
    let mut model = model(&[-1.2, 1.0]);
    let mut calls = 0;
    let result = optimizer.step(&mut model, |model| {
        calls += 1;
        if calls == 4 { Err(Error::NonFiniteLoss { loss: f64::NAN }) } else { rosenbrock(model) }
    });
    assert!(result.is_err());
    assert_eq!(model[0].value().to_vec::<f64>().unwrap(), [-1.2, 1.0]);
    assert_eq!(optimizer.iterations(), 0);
}

#[test]
fn frozen_parameters_stay_and_losses_must_be_finite() {
    let mut model = vec![Param::new(Tensor::from([2.0f64])), Param::new(Tensor::from([2.0f64]))];
    model[1].freeze();
    let loss = |model: &Vec<Param>| -> Result<Var> {
        Ok(model[0].var().mul(&model[1].var())?.square()?.sum(..)?)
    };
    let mut optimizer = Lbfgs::default().init().unwrap();
    optimizer.step(&mut model, loss).unwrap();
    assert!(model[0].value().item().unwrap().abs() < 1e-6);
    assert_eq!(model[1].value().item().unwrap(), 2.0);
    let infinite = |model: &Vec<Param>| -> Result<Var> {
        Ok(model[0].var().mul_scalar(f64::INFINITY)?.sum(..)?)
    };
    let error = Lbfgs::default().init().unwrap().step(&mut model, infinite).unwrap_err();
    assert!(matches!(error, Error::NonFiniteLoss { .. } | Error::NonFiniteGradient { .. }));
    assert!(Lbfgs { history_size: 0, ..Lbfgs::default() }.init().is_err());
    assert!(Lbfgs { lr: f64::NAN, ..Lbfgs::default() }.init().is_err());
    assert_eq!(model.num_parameters(), 2);
}
