//! `cross_entropy`.

use gradus_tensor::Tensor;

use crate::{Result, Var};

impl Var {
    /// −log softmax(x)\[target\] over the last dimension, one loss per row: no reduction.
    ///
    /// The gradient is softmax(x) − onehot(target). Equals [`Var::log_softmax`], [`Var::gather`]
    /// and [`Var::neg`], without keeping the logarithms.
    ///
    /// # Shapes
    /// logits `[..., C]`, targets (i64) `[...]` → `[...]`
    ///
    /// # Errors
    /// If the dtype is no float, `targets` is not i64 or has another shape, or a target is out of
    /// range.
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let logits = Var::leaf(Tensor::from([[0.0f64, 0.0], [1000.0, 0.0]]));
    /// let losses = logits.cross_entropy(&Tensor::from([0i64, 1]))?;
    /// assert_eq!(losses.value().to_vec::<f64>()?, [std::f64::consts::LN_2, 1000.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn cross_entropy(&self, targets: &Tensor) -> Result<Self> {
        let targets = self.as_column(targets)?;
        let logs = self.value().log_softmax(-1)?;
        let value = logs.gather(-1, &targets)?.squeeze(-1)?.neg()?;
        let x = self.clone();
        Ok(self.map("cross_entropy", value, move |grad| {
            let grad = grad.unsqueeze(-1)?;
            x.softmax(-1)?.mul(&grad)?.scatter_add(-1, &targets, &grad.neg()?)
        }))
    }

    /// The targets with a last dimension of 1.
    fn as_column(&self, targets: &Tensor) -> Result<Tensor> {
        let rows = self.dims().split_last().map(|(_, rows)| rows);
        if rows != Some(targets.dims()) {
            let (lhs, rhs) = (self.shape().clone(), targets.shape().clone());
            let error = gradus_core::Error::ShapeMismatch { op: "cross_entropy", lhs, rhs };
            return Err(error.into());
        }
        Ok(targets.unsqueeze(-1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let targets = Tensor::from([2i64, 0, 2]);
        check_op(|x| x[0].cross_entropy(&targets), &[normal([3, 4], 1)]);
        let targets = Tensor::from([[2i64, 0], [1, 3]]);
        check_op(|x| x[0].cross_entropy(&targets), &[normal([2, 2, 4], 1)]);
    }

    #[test]
    fn targets_must_fit() {
        let x = Var::from(normal([3, 4], 1));
        assert!(x.cross_entropy(&Tensor::from([0i64, 1, 4])).is_err());
        assert_eq!(
            x.cross_entropy(&Tensor::from([0i64, 1])).unwrap_err().to_string(),
            "cross_entropy: shapes [3, 4] and [2] do not fit together"
        );
    }
}
