//! From one loss per element to one number.

use gradus_autograd::Var;

use crate::{Error, Result};

/// What becomes of the losses of the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reduction {
    /// Their mean.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// Nothing: one loss per element.
    None,
}

impl Reduction {
    /// Reduces losses that all count; a mean over nothing is an error rather than NaN.
    pub(super) fn apply(self, loss: &'static str, losses: &Var) -> Result<Var> {
        self.apply_counted(loss, losses, losses.len())
    }

    /// Reduces losses of which `count` count; the others are zero already.
    pub(super) fn apply_counted(
        self,
        loss: &'static str,
        losses: &Var,
        count: usize,
    ) -> Result<Var> {
        self.apply_weighted(loss, losses, count as f64)
    }

    /// Reduces losses that are multiplied by their weights already; `total` is the weights' sum.
    pub(super) fn apply_weighted(
        self,
        loss: &'static str,
        losses: &Var,
        total: f64,
    ) -> Result<Var> {
        match self {
            Self::None => Ok(losses.clone()),
            Self::Sum => Ok(losses.sum(..)?),
            Self::Mean if total == 0.0 => Err(Error::NoTarget { loss }),
            Self::Mean => Ok(losses.sum(..)?.div_scalar(total)?),
        }
    }
}
