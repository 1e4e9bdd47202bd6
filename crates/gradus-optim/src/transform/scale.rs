//! A constant factor.

use super::{Transformation, Updates};
use crate::Result;
use crate::error::require;

/// Multiplies every update by a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    factor: f64,
}

/// Multiplies every update by `factor`.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `factor` is not finite.
pub fn scale(factor: f64) -> Result<Scale> {
    require(factor.is_finite(), "scale", "factor", "finite", factor)?;
    Ok(Scale { factor })
}

impl Transformation for Scale {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        updates.map(|item| Ok(item.update.mul_scalar(self.factor)?))
    }
}
