//! One value everywhere.

use gradus_core::{DType, Shape};
use gradus_tensor::Tensor;

use crate::Result;

/// One value everywhere.
///
/// # Errors
/// If the shape has too many elements.
pub fn constant(shape: impl Into<Shape>, value: f64) -> Result<Tensor> {
    Ok(Tensor::full(shape, value, DType::F32)?)
}
