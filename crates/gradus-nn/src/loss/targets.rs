//! What the losses ask of their targets.

use gradus_autograd::Var;
use gradus_core::{DType, Shape};
use gradus_tensor::Tensor;

use crate::error::require;
use crate::{Error, Result};

/// Checks that predictions and targets have the same shape.
pub(super) fn same_shape(loss: &'static str, x: &Var, target: &Var) -> Result<()> {
    if x.dims() == target.dims() {
        return Ok(());
    }
    let expected = format!("{} like the predictions", x.shape());
    Err(Error::InputShape { layer: loss, expected, got: target.shape().clone() })
}

/// Checks that no element is outside `0..=1`.
pub(super) fn from_zero_to_one(loss: &'static str, field: &'static str, x: &Tensor) -> Result<()> {
    let outside = x.lt_scalar(0.0)?.logical_or(&x.gt_scalar(1.0)?)?;
    let valid = outside.any(..)?.item()? == 0.0;
    require(valid, loss, field, "in 0.0..=1.0", "a number outside")
}

/// Where labels of 1 and −1 are 1.
pub(super) fn signs(loss: &'static str, target: &Tensor, shape: &Shape) -> Result<Tensor> {
    if target.shape() != shape {
        let expected = format!("{shape} like the predictions");
        return Err(Error::InputShape { layer: loss, expected, got: target.shape().clone() });
    }
    let positive = target.eq_scalar(1.0)?;
    let valid = positive.logical_or(&target.eq_scalar(-1.0)?)?;
    let valid = valid.all(..)?.item()? != 0.0;
    require(valid, loss, "target", "1 or -1", "another number")?;
    Ok(positive)
}

/// Labels of 1 and −1 as numbers of the dtype of `x`.
pub(super) fn signed(loss: &'static str, target: &Tensor, x: &Var) -> Result<Var> {
    signs(loss, target, x.shape())?;
    Ok(target.to_dtype(x.dtype())?.into())
}

/// Checks that there is a factor for each class.
pub(super) fn class_weights(loss: &'static str, weight: &Tensor, classes: usize) -> Result<()> {
    if weight.dims() == [classes] {
        return Ok(());
    }
    let expected = format!("a weight of shape [{classes}]");
    Err(Error::InputShape { layer: loss, expected, got: weight.shape().clone() })
}

/// The factor of each target's class, in the shape of the targets, which are checked.
pub(super) fn weights_of(
    loss: &'static str,
    weight: &Tensor,
    scores: &Var,
    targets: &Tensor,
) -> Result<Tensor> {
    let factors = Classes::new(loss, scores, targets, None)?.factors(loss, weight, scores)?;
    Ok(factors.reshape(targets.shape())?)
}

/// Class targets that fit their scores.
pub(super) struct Classes {
    /// The classes in one row: `[N]`.
    pub(super) ids: Tensor,
    /// How many targets count.
    pub(super) count: usize,
    ignore: Option<i64>,
}

impl Classes {
    /// Checks `targets` against scores `[..., C]`.
    pub(super) fn new(
        loss: &'static str,
        scores: &Var,
        targets: &Tensor,
        ignore: Option<i64>,
    ) -> Result<Self> {
        let rank = scores.rank();
        if rank == 0 || scores.dims()[..rank - 1] != *targets.dims() {
            let expected = format!("that of the predictions {} without C", scores.shape());
            return Err(Error::InputShape { layer: loss, expected, got: targets.shape().clone() });
        }
        if targets.dtype() != DType::I64 {
            return Err(gradus_core::Error::UnsupportedDType {
                op: loss,
                expected: "i64",
                got: targets.dtype(),
            }
            .into());
        }
        let ids = targets.reshape([targets.len()])?;
        let count = match ignore {
            None => ids.len(),
            Some(ignore) => ids.to_vec::<i64>()?.iter().filter(|&&id| id != ignore).count(),
        };
        Ok(Self { ids, count, ignore })
    }

    /// Where a target does not count: `[N]`; `None` if all do.
    pub(super) fn hidden(&self) -> Result<Option<Tensor>> {
        let Some(ignore) = self.ignore else { return Ok(None) };
        Ok(Some(self.ids.eq(&Tensor::scalar(ignore))?))
    }

    /// The factor of each target's class, 0 where it does not count: `[N]`.
    pub(super) fn factors(
        &self,
        loss: &'static str,
        weight: &Tensor,
        scores: &Var,
    ) -> Result<Tensor> {
        class_weights(loss, weight, scores.size(-1)?)?;
        Ok(match self.hidden()? {
            None => weight.index_select(0, &self.ids)?,
            Some(hidden) => {
                let ids = self.ids.masked_fill(&hidden, 0.0)?;
                weight.index_select(0, &ids)?.masked_fill(&hidden, 0.0)?
            }
        })
    }
}
