//! `softmax` and `log_softmax`.

use gradus_core::Dim;

use crate::{Result, Var, is_grad_enabled};

impl Var {
    /// eˣ / Σ eˣ along `dim`, without overflow; NaN where all elements are −∞.
    ///
    /// The gradient is y (g − Σ g y).
    ///
    /// # Errors
    /// If the dtype is no float or the dimension is out of range.
    ///
    /// # PyTorch
    /// `torch.softmax`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::from([[0.0f64, 0.0], [1000.0, 0.0]]));
    /// assert_eq!(x.softmax(-1)?.value().to_vec::<f64>()?, [0.5, 0.5, 1.0, 0.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn softmax(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("softmax", self.rank())?;
        Ok(self.map_output("softmax", self.value().softmax(dim)?, move |grad, y| {
            if !is_grad_enabled() {
                return Ok(Self::constant(y.value().softmax_grad(grad.value(), dim)?));
            }
            let weighted = grad.mul(y)?;
            weighted.sub(&y.mul(&weighted.sum_keepdim(dim)?)?)
        }))
    }

    /// x − ln Σ eˣ along `dim`, without overflow: the logarithm of [`Var::softmax`].
    ///
    /// The gradient is g − eʸ Σ g.
    ///
    /// # Errors
    /// If the dtype is no float or the dimension is out of range.
    ///
    /// # PyTorch
    /// `torch.log_softmax`
    pub fn log_softmax(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("log_softmax", self.rank())?;
        Ok(self.map_output("log_softmax", self.value().log_softmax(dim)?, move |grad, y| {
            if !is_grad_enabled() {
                return Ok(Self::constant(y.value().log_softmax_grad(grad.value(), dim)?));
            }
            grad.sub(&y.exp()?.mul(&grad.sum_keepdim(dim)?)?)
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 3, 2], 1)];
        check_op(|x| x[0].softmax(1), &x);
        check_op(|x| x[0].softmax(-1), &x);
        check_op(|x| x[0].log_softmax(0), &x);
        check_op(|x| x[0].log_softmax(-1), &x);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn rows_sum_to_one_and_shifts_do_not_matter(
            seed: u64, rows in 1..4usize, n in 1..6usize, shift in -50.0..50.0f64
        ) {
            let x = Var::from(normal([rows, n], seed));
            let y = x.softmax(-1).unwrap();
            for sum in elements(&y.sum(-1).unwrap()) {
                prop_assert!((sum - 1.0).abs() < 1e-12);
            }
            let shifted = x.add_scalar(shift).unwrap().softmax(-1).unwrap();
            prop_assert!(y.value().allclose(shifted.value(), 1e-10, 1e-12).unwrap());
            let logs = x.log_softmax(-1).unwrap().exp().unwrap();
            prop_assert!(y.value().allclose(logs.value(), 1e-10, 1e-12).unwrap());
        }
    }
}
