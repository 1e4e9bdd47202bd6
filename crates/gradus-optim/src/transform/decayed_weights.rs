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
/// In front of the moments this is L2 regularisation; behind them it is decoupled weight decay. A
/// [`Group`](crate::Group) may change `weight_decay` for its parameters.
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
        updates.map(|item| {
            let decay = self.weight_decay * item.decay_factor;
            // A decay of zero is no decay: 0 · ∞ is not 0.
            match decay == 0.0 {
                true => Ok(item.update.clone()),
                false => Ok(item.update.add(&item.value.mul_scalar(decay)?)?),
            }
        })
    }

    fn signature(&self) -> String {
        "add_decayed_weights".to_owned()
    }

    fn part(&mut self) -> Part<'_> {
        Part::Decay(self.weight_decay)
    }
}
