//! `max` and `min` along dimensions.

use gradus_core::Dims;
use gradus_tensor::Tensor;

use super::reduced::Reduced;
use crate::{Result, Var};

impl Var {
    /// The largest element over `dims`, which are dropped; NaN wins.
    ///
    /// The gradient is shared equally by all elements that are the largest.
    ///
    /// # Errors
    /// If there is no element to choose from, or a dimension is out of range or given twice.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.amax`
    pub fn max(&self, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("max", self, dims)?;
        let value = self.value().max(reduced.dims())?;
        self.extremum("max", value, reduced)
    }

    /// As [`Var::max`], with extents of 1 in place of `dims`.
    ///
    /// # Errors
    /// As [`Var::max`].
    pub fn max_keepdim(&self, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("max", self, dims)?;
        reduced.keep(self.max(reduced.dims())?)
    }

    /// The smallest element over `dims`, which are dropped; NaN wins.
    ///
    /// The gradient is shared equally by all elements that are the smallest.
    ///
    /// # Errors
    /// If there is no element to choose from, or a dimension is out of range or given twice.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.amin`
    pub fn min(&self, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("min", self, dims)?;
        let value = self.value().min(reduced.dims())?;
        self.extremum("min", value, reduced)
    }

    /// As [`Var::min`], with extents of 1 in place of `dims`.
    ///
    /// # Errors
    /// As [`Var::min`].
    pub fn min_keepdim(&self, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("min", self, dims)?;
        reduced.keep(self.min(reduced.dims())?)
    }

    fn extremum(&self, name: &'static str, value: Tensor, reduced: Reduced) -> Result<Self> {
        let x = self.value().clone();
        Ok(self.map_output(name, value, move |grad, y| {
            let y = reduced.expand(&y.detach())?;
            // If a NaN won, the winners are the NaN.
            let winners = x.eq(y.value())?.logical_or(&x.is_nan()?)?;
            let share = winners.to_dtype(x.dtype())?;
            let count = share.sum_keepdim(reduced.dims())?;
            reduced.expand(grad)?.mul(&share.div(&count)?.into())
        }))
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::testing::{check_op, normal};

    fn gradient(x: Tensor) -> Vec<f64> {
        let x = Var::leaf(x);
        let grads = x.max(..).unwrap().backward().unwrap();
        grads.get(&x).unwrap().to_vec().unwrap()
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 3, 4], 1)];
        check_op(|x| x[0].max([0, -1]), &x);
        check_op(|x| x[0].max_keepdim(1), &x);
        check_op(|x| x[0].min(..), &x);
        check_op(|x| x[0].min_keepdim(-1), &x);
    }

    #[test]
    fn ties_share_the_gradient() {
        assert_eq!(gradient(Tensor::from([1.0f64, 3.0, 3.0, 2.0])), [0.0, 0.5, 0.5, 0.0]);
    }

    #[test]
    fn a_nan_takes_the_gradient() {
        assert_eq!(gradient(Tensor::from([1.0f64, f64::NAN, 3.0])), [0.0, 1.0, 0.0]);
    }
}
