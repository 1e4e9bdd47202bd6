//! `sum` and `mean`.

use gradus_core::Dims;

use super::reduced::Reduced;
use crate::{Result, Var};

impl Var {
    /// The sum over `dims`, which are dropped.
    ///
    /// The derivative is 1: the gradient is repeated.
    ///
    /// # Errors
    /// If a dimension is out of range or given twice.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.sum`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]));
    /// assert_eq!(x.sum(-1)?.value().to_vec::<f32>()?, [3.0, 7.0]);
    /// assert_eq!(x.sum(..)?.item()?, 10.0);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn sum(&self, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("sum", self, dims)?;
        let value = self.value().sum(reduced.dims())?;
        Ok(self.map("sum", value, move |grad| reduced.expand(grad)))
    }

    /// As [`Var::sum`], with extents of 1 in place of `dims`.
    ///
    /// # Errors
    /// As [`Var::sum`].
    pub fn sum_keepdim(&self, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("sum", self, dims)?;
        reduced.keep(self.sum(reduced.dims())?)
    }

    /// The mean over `dims`, which are dropped; NaN over no element.
    ///
    /// The derivative is 1/n for n elements per mean.
    ///
    /// # Errors
    /// If the dtype is no float, or a dimension is out of range or given twice.
    ///
    /// # PyTorch
    /// `torch.mean`
    pub fn mean(&self, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("mean", self, dims)?;
        let value = self.value().mean(reduced.dims())?;
        Ok(self.map("mean", value, move |grad| {
            reduced.expand(&grad.div_scalar(reduced.count() as f64)?)
        }))
    }

    /// As [`Var::mean`], with extents of 1 in place of `dims`.
    ///
    /// # Errors
    /// As [`Var::mean`].
    pub fn mean_keepdim(&self, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("mean", self, dims)?;
        reduced.keep(self.mean(reduced.dims())?)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 3, 4], 1)];
        check_op(|x| x[0].sum([0, -1]), &x);
        check_op(|x| x[0].sum_keepdim(1), &x);
        check_op(|x| x[0].mean(..), &x);
        check_op(|x| x[0].mean_keepdim([1, 2]), &x);
    }

    #[test]
    fn a_number_is_its_own_sum() {
        let x = crate::Var::leaf(gradus_tensor::Tensor::scalar(3.0f64));
        assert_eq!(elements(&x.sum(..).unwrap()), [3.0]);
        assert_eq!(elements(&x.mean_keepdim(..).unwrap()), [3.0]);
    }
}
