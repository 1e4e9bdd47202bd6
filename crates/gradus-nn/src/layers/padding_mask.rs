//! Rows of different lengths in one batch.

use gradus_core::DType;
use gradus_tensor::Tensor;

use crate::Result;
use crate::error::require;

/// Which positions of rows of different lengths hold something: true before the end of a row, as a mask
/// that broadcasts to `[B, H, T, S]`, for [`MultiHeadAttention::forward_masked`](crate::MultiHeadAttention::forward_masked).
///
/// # Shapes
/// - `[B, 1, 1, S]` of `bool`
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if a row is longer than `steps`.
///
/// # Examples
/// ```
/// use gradus_nn::padding_mask;
/// let mask = padding_mask(&[1, 3], 3)?;
/// assert_eq!(mask.to_vec::<bool>()?, [true, false, false, true, true, true]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn padding_mask(lengths: &[usize], steps: usize) -> Result<Tensor> {
    let valid = lengths.iter().all(|&length| length <= steps);
    require(valid, "padding_mask", "lengths", "at most the number of steps", lengths)?;
    let places = Tensor::arange(0.0, steps as f64, 1.0, DType::I64)?;
    let ends = lengths.iter().map(|&length| length as i64).collect::<Vec<i64>>();
    let ends = Tensor::from_vec(ends, [lengths.len(), 1, 1, 1])?;
    Ok(places.lt(&ends)?)
}
