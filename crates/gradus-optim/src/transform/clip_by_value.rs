//! Each element kept within bounds.

use super::{Transformation, Updates};
use crate::Result;
use crate::error::require;

/// Clamps every element of every update.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipByValue {
    limit: f64,
}

/// Clamps every element to `-limit..=limit`.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `limit` is not finite and above zero.
pub fn clip_by_value(limit: f64) -> Result<ClipByValue> {
    let valid = limit.is_finite() && limit > 0.0;
    require(valid, "clip_by_value", "limit", "finite and above zero", limit)?;
    Ok(ClipByValue { limit })
}

impl Transformation for ClipByValue {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        updates.map(|item| Ok(item.update.clamp(-self.limit, self.limit)?))
    }
}
