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

/// Class targets that fit their scores.
pub(super) struct Classes {
    /// The classes in one row: `[N]`.
    pub(super) ids: Tensor,
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
        let count = match ignore {
            None => ids.len(),
            Some(ignore) => ids.to_vec::<i64>()?.iter().filter(|&&id| id != ignore).count(),
        };
        Ok(Self { ids, count })
    }
}
