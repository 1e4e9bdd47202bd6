//! What the losses ask of their targets.

use gradus_autograd::Var;
use gradus_core::DType;
use gradus_tensor::Tensor;

use crate::{Error, Result};

/// Checks that predictions and targets have the same shape.
pub(super) fn same_shape(loss: &'static str, x: &Var, target: &Var) -> Result<()> {
    if x.dims() == target.dims() {
        return Ok(());
    }
    let expected = format!("{} like the predictions", x.shape());
    Err(Error::InputShape { layer: loss, expected, got: target.shape().clone() })
}

/// Class targets, with the ignored ones set apart.
pub(super) struct Classes {
    /// The classes in one row, 0 where ignored: `[N]`.
    pub(super) ids: Tensor,
    /// Where a target is ignored, `[N]`; none if all count.
    pub(super) ignored: Option<Tensor>,
    /// How many targets count.
    pub(super) count: usize,
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
        let Some(ignore) = ignore else {
            return Ok(Self { count: ids.len(), ids, ignored: None });
        };
        let values = ids.to_vec::<i64>()?;
        let count = values.iter().filter(|&&id| id != ignore).count();
        let mask: Vec<bool> = values.iter().map(|&id| id == ignore).collect();
        let ids: Vec<i64> = values.iter().map(|&id| if id == ignore { 0 } else { id }).collect();
        let len = ids.len();
        let ignored = if count == len { None } else { Some(Tensor::from_vec(mask, [len])?) };
        Ok(Self { ids: Tensor::from_vec(ids, [len])?, ignored, count })
    }

    /// Zeroes the losses `[N]` of ignored targets.
    pub(super) fn mask(&self, losses: Var) -> Result<Var> {
        match &self.ignored {
            None => Ok(losses),
            Some(ignored) => Ok(losses.masked_fill(ignored, 0.0)?),
        }
    }
}
