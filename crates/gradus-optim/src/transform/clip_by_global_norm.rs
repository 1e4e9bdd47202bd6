//! The whole gradient kept within a ball.

use gradus_tensor::Tensor;
use gradus_tensor::optim::sum_of_squares;

use super::{Transformation, Updates};
use crate::error::require;
use crate::{Part, Result};

/// Shortens the updates of all parameters together.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipByGlobalNorm {
    limit: f64,
}

/// Multiplies all updates by min(1, limit / (norm + 10⁻⁶)), where the norm is that of all of them
/// as one vector; as PyTorch's `clip_grad_norm_`.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `limit` is not finite and above zero.
///
/// # Reference
/// Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks".
pub fn clip_by_global_norm(limit: f64) -> Result<ClipByGlobalNorm> {
    let valid = limit.is_finite() && limit > 0.0;
    require(valid, "clip_by_global_norm", "limit", "finite and above zero", limit)?;
    Ok(ClipByGlobalNorm { limit })
}

impl Transformation for ClipByGlobalNorm {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let norm = global_norm(updates.items.iter().map(|item| &item.update))?;
        let factor = clip_factor(self.limit, norm);
        if factor == 1.0 {
            return Ok(());
        }
        updates.map(|item| Ok(item.update.mul_scalar(factor)?))
    }

    fn part(&mut self) -> Part<'_> {
        Part::ClipByGlobalNorm(self.limit)
    }
}

/// What the updates are multiplied by.
pub(crate) fn clip_factor(limit: f64, norm: f64) -> f64 {
    (limit / (norm + 1e-6)).min(1.0)
}

/// The Euclidean norm of all tensors as one vector, in f64.
pub(crate) fn global_norm<'a>(tensors: impl Iterator<Item = &'a Tensor>) -> Result<f64> {
    let mut squares = 0.0;
    for tensor in tensors {
        squares += sum_of_squares(tensor)?;
    }
    Ok(squares.sqrt())
}
