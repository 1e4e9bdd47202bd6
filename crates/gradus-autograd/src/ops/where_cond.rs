//! `where_cond` and `masked_fill`: a choice per element.

use gradus_tensor::Tensor;

use crate::{Result, Var};

impl Var {
    /// `a` where the condition holds, else `b`, with broadcasting.
    ///
    /// The gradient of the side that was not chosen is set to zero, not multiplied by it, so an
    /// infinite or NaN gradient of the *result* does not leak. A derivative of a side that is
    /// itself infinite still meets that zero: 0 · ∞ is NaN. Where a side may be at such a point,
    /// as in `where(x > 0, sqrt(x), 0)` at 0, replace its *argument* with [`Var::masked_fill`]
    /// first.
    ///
    /// # Errors
    /// If `cond` is not `bool`, the dtypes of `a` and `b` differ, or the shapes cannot be
    /// broadcast together.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.where`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::from([0.0f32, 4.0]));
    /// let zero = x.value().le_scalar(0.0)?;
    /// let root = x.masked_fill(&zero, 1.0)?.sqrt()?; // never at 0
    /// let y = Var::where_cond(&zero, &x.zeros_like(), &root)?.sum(..)?;
    /// let grads = y.backward()?;
    /// assert_eq!(grads.get(&x).map(|g| g.to_vec::<f32>()), Some(Ok(vec![0.0, 0.25])));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn where_cond(cond: &Tensor, a: &Self, b: &Self) -> Result<Self> {
        let value = Tensor::where_cond(cond, a.value(), b.value())?;
        let (for_a, for_b) = (a.wanted_shape(), b.wanted_shape());
        let cond = cond.clone();
        Ok(Self::from_op_of_inputs("where_cond", &[a, b], value, move |grad| {
            let da = || grad.masked_fill(&cond.logical_not()?, 0.0);
            let db = || grad.masked_fill(&cond, 0.0);
            Ok(vec![
                for_a.as_ref().map(|shape| da()?.sum_to(shape)).transpose()?,
                for_b.as_ref().map(|shape| db()?.sum_to(shape)).transpose()?,
            ])
        }))
    }

    /// A constant where the mask holds, with broadcasting.
    ///
    /// The gradient is zero there, whatever it was.
    ///
    /// # Errors
    /// If `mask` is not `bool` or the shapes cannot be broadcast together.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.masked_fill`
    pub fn masked_fill(&self, mask: &Tensor, value: f64) -> Result<Self> {
        let filled = self.value().masked_fill(mask, value)?;
        let (mask, shape) = (mask.clone(), self.shape().clone());
        Ok(self
            .map("masked_fill", filled, move |grad| grad.masked_fill(&mask, 0.0)?.sum_to(&shape)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    fn mask() -> Tensor {
        normal([2, 3], 9).gt_scalar(0.0).unwrap()
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 3], 1), normal([4, 1, 3], 2)];
        check_op(|x| Var::where_cond(&mask(), &x[0], &x[1]), &x);
        check_op(|x| x[0].masked_fill(&mask(), 7.0), &[normal([4, 2, 3], 1)]);
    }

    #[test]
    fn an_infinite_gradient_does_not_leak_through_the_mask() {
        let x = Var::leaf(Tensor::from([0.0f64, 4.0]));
        let y = x.masked_fill(&x.value().le_scalar(0.0).unwrap(), 0.0).unwrap().sqrt().unwrap();
        let grads = y.sum(..).unwrap().backward().unwrap();
        assert_eq!(grads.get(&x).unwrap().to_vec::<f64>().unwrap(), [0.0, 0.25]);
    }
}
