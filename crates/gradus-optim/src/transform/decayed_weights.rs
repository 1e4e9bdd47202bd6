//! A pull towards zero.

use super::{Transformation, Updates};
use crate::error::require_size;
use crate::{Part, Result};

/// Adds a multiple of every parameter to its update.
#[derive(Debug, Clone, PartialEq)]
pub struct Decay {
    weight_decay: f64,
}

/// Adds `weight_decay · value` to every update.
///
/// In front of the moments this is L2 regularisation; behind them it is decoupled weight decay.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if `weight_decay` is negative or not finite.
///
/// # Reference
/// Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization".
pub fn add_decayed_weights(weight_decay: f64) -> Result<Decay> {
    require_size("add_decayed_weights", "weight_decay", weight_decay)?;
    Ok(Decay { weight_decay })
}

impl Transformation for Decay {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        if self.weight_decay == 0.0 {
            return Ok(());
        }
        updates.map(|item| Ok(item.update.add(&item.value.mul_scalar(self.weight_decay)?)?))
    }

    fn part(&mut self) -> Part<'_> {
        Part::Decay(self.weight_decay)
    }
}
