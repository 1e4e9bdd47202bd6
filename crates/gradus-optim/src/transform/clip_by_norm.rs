//! Each parameter's update no longer than a limit.

use super::{Transformation, Updates, clip_factor, global_norm};
use crate::Result;
use crate::error::require;

/// Scales every update down to a norm of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipByNorm {
    limit: f64,
}

/// Multiplies each update on its own by min(1, limit / (norm + 10⁻⁶)), with its Euclidean norm in
/// `f64`: one layer's burst does not hold the others back, but the direction of the whole changes.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `limit` is not finite and above zero.
pub fn clip_by_norm(limit: f64) -> Result<ClipByNorm> {
    let valid = limit.is_finite() && limit > 0.0;
    require(valid, "clip_by_norm", "limit", "finite and above zero", limit)?;
    Ok(ClipByNorm { limit })
}

impl Transformation for ClipByNorm {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        updates.map(|item| {
            let factor = clip_factor(self.limit, global_norm([&item.update].into_iter())?);
            Ok(if factor == 1.0 { item.update.clone() } else { item.update.mul_scalar(factor)? })
        })
    }
}
