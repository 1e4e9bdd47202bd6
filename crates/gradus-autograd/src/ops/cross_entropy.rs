//! `cross_entropy`.

use gradus_tensor::{ClassLosses, Classes, Tensor};

use crate::{Result, Var, is_grad_enabled};

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
    /// # PyTorch
    /// `torch.nn.functional.cross_entropy`
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
        self.cross_entropy_with(Classes { targets: targets.clone(), smoothing: 0.0, ignore: None })
    }

    /// As [`Var::cross_entropy`], with smoothed targets and targets that do not count.
    ///
    /// With q(c) = (1 − ε)·[c = target] + ε/C the loss is −Σ q(c) log softmax(x)(c), and the gradient
    /// softmax(x) − q.
    ///
    /// # Errors
    /// As [`Var::cross_entropy`].
    pub fn cross_entropy_with(&self, classes: Classes) -> Result<Self> {
        let ClassLosses { losses, lse } = self.value().cross_entropy(&classes)?;
        let x = self.clone();
        Ok(self.map("cross_entropy", losses, move |grad| {
            if is_grad_enabled() {
                return composite(&x, &classes, grad);
            }
            Ok(Self::constant(x.value().cross_entropy_grad(&classes, &lse, grad.value())?))
        }))
    }
}

/// The gradient by ops that can be differentiated.
fn composite(x: &Var, classes: &Classes, grad: &Var) -> Result<Var> {
    let (mut targets, mut grad) = (classes.targets.clone(), grad.clone());
    if let Some(ignore) = classes.ignore {
        let hidden = targets.eq(&Tensor::scalar(ignore))?;
        targets = targets.masked_fill(&hidden, 0.0)?;
        grad = grad.masked_fill(&hidden, 0.0)?;
    }
    let (targets, grad) = (targets.unsqueeze(-1)?, grad.unsqueeze(-1)?);
    let count = x.size(-1)? as f64;
    let dense = x.softmax(-1)?.add_scalar(-classes.smoothing / count)?.mul(&grad)?;
    dense.scatter_add(-1, &targets, &grad.mul_scalar(classes.smoothing - 1.0)?)
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
    fn smoothed_and_ignored_targets_have_derivatives_too() {
        let targets = Tensor::from([2i64, -1, 0]);
        let classes = Classes { targets, smoothing: 0.3, ignore: Some(-1) };
        check_op(|x| x[0].cross_entropy_with(classes.clone()), &[normal([3, 4], 1)]);
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
