//! Logits as numbers.

use gradus_tensor::{DType, Tensor};

use crate::error::Result;

/// All elements in f64, row-major; exact for every float dtype.
pub(crate) fn read_logits(logits: &Tensor) -> Result<Vec<f64>> {
    Ok(logits.to_dtype(DType::F64)?.to_vec()?)
}
