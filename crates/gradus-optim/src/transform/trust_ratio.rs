//! Updates in proportion to the weights.

use super::clip_by_global_norm::global_norm;
use super::{Transformation, Updates};
use crate::Result;
use crate::error::{require, require_size};

/// Scales every update by the ratio of its parameter's norm to its own.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustRatio {
    coefficient: f64,
    eps: f64,
}

/// Multiplies every update u of a parameter w by `coefficient` · ‖w‖ / (‖u‖ + eps), and by 1 if one
/// of the norms is zero. As optax's `scale_by_trust_ratio`; norms are summed in `f64`.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `coefficient` is not finite and above zero, or `eps` is negative
/// or not finite.
///
/// # Reference
/// You et al. 2020, "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", with φ
/// the identity.
pub fn scale_by_trust_ratio(coefficient: f64, eps: f64) -> Result<TrustRatio> {
    let valid = coefficient.is_finite() && coefficient > 0.0;
    require(valid, "scale_by_trust_ratio", "coefficient", "finite and above zero", coefficient)?;
    require_size("scale_by_trust_ratio", "eps", eps)?;
    Ok(TrustRatio { coefficient, eps })
}

impl Transformation for TrustRatio {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        updates.map(|item| {
            let weight = global_norm([&item.value].into_iter())?;
            let update = global_norm([&item.update].into_iter())?;
            if weight == 0.0 || update == 0.0 {
                return Ok(item.update.clone());
            }
            // In two steps: the ratio of a weight to a tiny update would be infinite in `f32`.
            let direction = item.update.div_scalar(update + self.eps)?;
            Ok(direction.mul_scalar(self.coefficient * weight)?)
        })
    }

    fn signature(&self) -> String {
        "scale_by_trust_ratio".to_owned()
    }
}
