//! Losses and layers give what PyTorch's give, and so do their gradients.
//!
//! Inputs and weights are `numbers(shape, seed)` here and in `make.py`, which made the values.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod activations;
mod layers;
mod losses;
mod more_layers;
mod more_losses;
mod recurrent;
mod windows;

use gradus_core::{DType, Shape};
use gradus_nn::{Module, Tensor, Var, cast};

/// Rounding of thirteen printed digits, and of sums in another order.
const TOLERANCE: f64 = 1e-10;

fn golden(name: &str) -> Vec<f64> {
    let line = include_str!("values.txt").lines().find(|line| line.split(' ').next() == Some(name));
    let values = line.unwrap_or_else(|| panic!("no {name}")).split(' ').skip(1);
    values.map(|value| value.parse().unwrap()).collect()
}

/// Numbers in −1..1 that both languages compute exactly alike.
fn numbers(shape: impl Into<Shape>, seed: usize) -> Tensor {
    let shape = shape.into();
    let value = |i: usize| ((i * 7919 + seed * 104_729) % 1009) as f64 / 504.5 - 1.0;
    Tensor::from_vec((0..shape.len()).map(value).collect(), shape).unwrap()
}

/// Sets parameters to numbers, in the order of their sorted names, and the dtype to f64.
fn filled<M: Module>(mut model: M) -> M {
    cast(&mut model, DType::F64).unwrap();
    let mut parameters = model.named_parameters_mut();
    parameters.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (i, (_, param)) in parameters.into_iter().enumerate() {
        let value = numbers(param.shape(), 10 + i);
        param.set_value(value).unwrap();
    }
    model
}

fn check(name: &str, got: &Tensor) {
    let expected = Tensor::from_vec(golden(name), got.shape()).unwrap();
    let close = got.allclose(&expected, TOLERANCE, TOLERANCE).unwrap();
    assert!(close, "{name}: got {got}, expected {expected}");
}

/// Checks an output, and the gradient of Σ output · numbers by the input.
fn check_layer(name: &str, x: &Var, y: &Var) {
    check(name, y.value());
    let weight = Var::from(numbers(y.shape(), 99));
    let grads = y.mul(&weight).unwrap().sum(..).unwrap().backward().unwrap();
    check(&format!("{name}_GRAD"), grads.get(x).unwrap());
}
