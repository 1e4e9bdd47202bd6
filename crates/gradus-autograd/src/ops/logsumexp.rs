//! `logsumexp`.

use gradus_core::Dims;

use super::reduced::Reduced;
use crate::{Result, Var};

impl Var {
    /// ln Σ eˣ over `dims`, which are dropped, without overflow; −∞ over nothing.
    ///
    /// The derivative is the softmax, e^(x − y), and 0 where y is −∞.
    ///
    /// # Errors
    /// If the dtype is no float, or a dimension is out of range or given twice.
    ///
    /// # PyTorch
    /// `torch.logsumexp`
    pub fn logsumexp(&self, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("logsumexp", self, dims)?;
        let value = self.value().logsumexp(reduced.dims())?;
        let x = self.clone();
        Ok(self.map_output("logsumexp", value, move |grad, y| {
            // −∞ − −∞ would be NaN.
            let y = y.masked_fill(&y.value().eq_scalar(f64::NEG_INFINITY)?, 0.0)?;
            let softmax = x.sub(&reduced.expand(&y)?)?.exp()?;
            reduced.expand(grad)?.mul(&softmax)
        }))
    }

    /// As [`Var::logsumexp`], with extents of 1 in place of `dims`.
    ///
    /// # Errors
    /// As [`Var::logsumexp`].
    pub fn logsumexp_keepdim(&self, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("logsumexp", self, dims)?;
        reduced.keep(self.logsumexp(reduced.dims())?)
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 3, 4], 1)];
        check_op(|x| x[0].logsumexp([0, -1]), &x);
        check_op(|x| x[0].logsumexp_keepdim(1), &x);
    }

    #[test]
    fn large_and_absent_elements_are_no_obstacle() {
        // ln 2 would be rounded at 1000 + ln 2, so the largest element stands alone.
        let x = Var::leaf(Tensor::from([[1000.0f64, 0.0], [f64::NEG_INFINITY; 2]]));
        let y = x.logsumexp(-1).unwrap();
        assert_eq!(elements(&y), [1000.0, f64::NEG_INFINITY]);
        let grads = y.backward_with(&y.value().ones_like()).unwrap();
        assert_eq!(grads.get(&x).unwrap().to_vec::<f64>().unwrap(), [1.0, 0.0, 0.0, 0.0]);
    }
}
