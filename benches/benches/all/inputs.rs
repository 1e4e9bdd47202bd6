//! Inputs from fixed seeds.

use gradus::core::{DType, Key, Shape};
use gradus::tensor::Tensor;

/// Standard normal `f32` numbers.
pub(crate) fn normal(shape: impl Into<Shape>, seed: u64) -> Tensor {
    Tensor::randn(shape, DType::F32, Key::new(seed)).expect("f32 is a float type")
}

/// Ids below `high`.
pub(crate) fn ids(high: i64, shape: impl Into<Shape>, seed: u64) -> Tensor {
    Tensor::randint(0, high, shape, Key::new(seed)).expect("the range is not empty")
}
