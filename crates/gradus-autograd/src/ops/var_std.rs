//! `var` and `std`.

use gradus_core::Dims;

use super::reduced::Reduced;
use crate::{Result, Var};

impl Var {
    /// The variance over `dims`, which are dropped: Σ (x − mean)² / (n − correction).
    ///
    /// `correction` 1 gives the unbiased estimate, 0 the mean square. The derivative is
    /// 2 (x − mean) / (n − correction).
    ///
    /// # Errors
    /// If the dtype is no float, or a dimension is out of range or given twice.
    ///
    /// # PyTorch
    /// `torch.var`, whose correction is 1 unless given
    pub fn var(&self, dims: impl Into<Dims>, correction: f64) -> Result<Self> {
        let reduced = Reduced::new("var", self, dims)?;
        let value = self.value().var(reduced.dims(), correction)?;
        let x = self.clone();
        Ok(self.map("var", value, move |grad| {
            let centred = x.sub(&x.mean_keepdim(reduced.dims())?)?;
            let scale = 2.0 / degrees_of_freedom(&reduced, correction);
            reduced.expand(&grad.mul_scalar(scale)?)?.mul(&centred)
        }))
    }

    /// As [`Var::var`], with extents of 1 in place of `dims`.
    ///
    /// # Errors
    /// As [`Var::var`].
    pub fn var_keepdim(&self, dims: impl Into<Dims>, correction: f64) -> Result<Self> {
        let reduced = Reduced::new("var", self, dims)?;
        reduced.keep(self.var(reduced.dims(), correction)?)
    }

    /// The standard deviation over `dims`, which are dropped: the root of [`Var::var`].
    ///
    /// The derivative is (x − mean) / (y (n − correction)), and 0 where y is 0.
    ///
    /// # Errors
    /// As [`Var::var`].
    ///
    /// # PyTorch
    /// `torch.std`, whose correction is 1 unless given
    pub fn std(&self, dims: impl Into<Dims>, correction: f64) -> Result<Self> {
        let reduced = Reduced::new("std", self, dims)?;
        let value = self.value().std(reduced.dims(), correction)?;
        let x = self.clone();
        Ok(self.map_output("std", value, move |grad, y| {
            let centred = x.sub(&x.mean_keepdim(reduced.dims())?)?;
            // All elements are equal where y is 0: 0/1 stands for 0/0.
            let y = y.masked_fill(&y.value().eq_scalar(0.0)?, 1.0)?;
            let scale = 1.0 / degrees_of_freedom(&reduced, correction);
            reduced.expand(&grad.div(&y)?.mul_scalar(scale)?)?.mul(&centred)
        }))
    }

    /// As [`Var::std`], with extents of 1 in place of `dims`.
    ///
    /// # Errors
    /// As [`Var::std`].
    pub fn std_keepdim(&self, dims: impl Into<Dims>, correction: f64) -> Result<Self> {
        let reduced = Reduced::new("std", self, dims)?;
        reduced.keep(self.std(reduced.dims(), correction)?)
    }
}

/// n − correction; without a positive one there is no variance, and no derivative.
fn degrees_of_freedom(reduced: &Reduced, correction: f64) -> f64 {
    let degrees = reduced.count() as f64 - correction;
    if degrees > 0.0 { degrees } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 3, 4], 1)];
        check_op(|x| x[0].var([0, -1], 1.0), &x);
        check_op(|x| x[0].var_keepdim(1, 0.0), &x);
        check_op(|x| x[0].std(.., 0.5), &x);
        check_op(|x| x[0].std_keepdim(-1, 1.0), &x);
    }

    #[test]
    fn equal_elements_have_no_gradient() {
        let x = Var::leaf(Tensor::from([2.0f64, 2.0, 2.0]));
        let grads = x.std(.., 1.0).unwrap().backward().unwrap();
        assert_eq!(grads.get(&x).unwrap().to_vec::<f64>().unwrap(), [0.0; 3]);
    }
}
