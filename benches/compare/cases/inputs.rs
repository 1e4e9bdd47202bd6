//! Inputs from fixed seeds.

use anyhow::Result;
use gradus::core::{DType, Key, Shape};
use gradus::tensor::Tensor;

/// Standard normal numbers.
pub(crate) fn normal(shape: impl Into<Shape>, dtype: DType, seed: u64) -> Result<Tensor> {
    Ok(Tensor::randn(shape, DType::F32, Key::new(seed))?.to_dtype(dtype)?)
}

/// Ids below `high`.
pub(crate) fn ids(high: i64, shape: impl Into<Shape>, seed: u64) -> Result<Tensor> {
    Ok(Tensor::randint(0, high, shape, Key::new(seed))?)
}
