//! `cumprod`, `logcumsumexp`, `cummax` and `cummin`: running forms along a dimension.

use gradus_core::{DType, Dim};
use gradus_tensor::Tensor;

use crate::{Result, Var, is_grad_enabled};

impl Var {
    /// The running product along `dim`.
    ///
    /// The derivative by an element is the product of the others up to each later place: y/x, or, if an
    /// element is zero, each of these products, which needs n times the memory.
    ///
    /// # Errors
    /// If the dimension is out of range.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.cumprod`
    pub fn cumprod(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("cumprod", self.rank())?;
        let value = self.value().cumprod(dim)?;
        let x = self.clone();
        Ok(self.map_output("cumprod", value, move |grad, y| {
            if x.value().eq_scalar(0.0)?.any(..)?.item()? == 0.0 {
                return from_the_end(&grad.mul(y)?, dim)?.div(&x);
            }
            // For element k (before last) and place j (last): x_j, but 1 at k, and nothing before k.
            let n = x.dims()[dim];
            let line = x.transpose(dim, x.rank() - 1)?;
            let square = [line.dims(), &[n]].concat();
            let factors = line.unsqueeze(line.rank() - 1)?.expand(square)?;
            let factors = factors.masked_fill(&Tensor::eye(n, DType::Bool)?, 1.0)?;
            let later = Tensor::ones([n, n], DType::Bool)?.tril(-1)?;
            let slopes = factors.cumprod(-1)?.masked_fill(&later, 0.0)?;
            let grad = grad.transpose(dim, grad.rank() - 1)?;
            let dx = grad.unsqueeze(grad.rank() - 1)?.mul(&slopes)?.sum(-1)?;
            dx.transpose(dim, dx.rank() - 1)
        }))
    }

    /// ln of the running sum of eˣ along `dim`, without overflow.
    ///
    /// The derivative of place j by element k up to it is e^(xₖ − yⱼ). Each is worked out, which needs n
    /// times the memory.
    ///
    /// # Errors
    /// If the dtype is no float or the dimension is out of range.
    ///
    /// # PyTorch
    /// `torch.logcumsumexp`
    pub fn logcumsumexp(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("logcumsumexp", self.rank())?;
        let value = self.value().logcumsumexp(dim)?;
        let x = self.clone();
        Ok(self.map_output("logcumsumexp", value, move |grad, y| {
            let last = x.rank() - 1;
            let n = x.dims()[dim];
            // −∞ − −∞ would be NaN.
            let y = y.masked_fill(&y.value().eq_scalar(f64::NEG_INFINITY)?, 0.0)?;
            let of = |x: &Self, new: usize| x.transpose(dim, last)?.unsqueeze(new);
            let later = Tensor::ones([n, n], DType::Bool)?.tril(-1)?;
            // (…, k, j), where j before k counts for nothing.
            let powers = of(&x, last + 1)?.sub(&of(&y, last)?)?;
            let slopes = powers.masked_fill(&later, f64::NEG_INFINITY)?.exp()?;
            of(grad, last)?.mul(&slopes)?.sum(-1)?.transpose(dim, last)
        }))
    }

    /// The largest element so far along `dim`, and where it stands, as `Tensor::cummax`.
    ///
    /// The gradient goes to the elements that stood out.
    ///
    /// # Errors
    /// If the dtype is no number or the dimension is out of range.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.cummax`
    pub fn cummax(&self, dim: impl Into<Dim>) -> Result<(Self, Tensor)> {
        let dim = dim.into().resolve("cummax", self.rank())?;
        let (values, ids) = self.value().cummax(dim)?;
        Ok((self.picked("cummax", dim, values, &ids), ids))
    }

    /// The smallest element so far along `dim`, and where it stands, as `Tensor::cummin`.
    ///
    /// The gradient goes to the elements that stood out.
    ///
    /// # Errors
    /// If the dtype is no number or the dimension is out of range.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.cummin`
    pub fn cummin(&self, dim: impl Into<Dim>) -> Result<(Self, Tensor)> {
        let dim = dim.into().resolve("cummin", self.rank())?;
        let (values, ids) = self.value().cummin(dim)?;
        Ok((self.picked("cummin", dim, values, &ids), ids))
    }
}

/// The running sum from the other end.
fn from_the_end(x: &Var, dim: usize) -> Result<Var> {
    if !is_grad_enabled() {
        return Ok(x.value().flip(dim)?.cumsum(dim)?.flip(dim)?.into());
    }
    x.flip(dim)?.cumsum(dim)?.flip(dim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 3, 2], 1)];
        for dim in [0, 1, 2] {
            check_op(|x| x[0].cumprod(dim), &x);
            check_op(|x| x[0].logcumsumexp(dim), &x);
            check_op(|x| Ok(x[0].cummax(dim)?.0), &x);
            check_op(|x| Ok(x[0].cummin(dim)?.0), &x);
        }
    }

    #[test]
    fn zeros_are_no_obstacle() {
        let x = Tensor::from([[2.0f64, 0.0, 3.0, 0.0], [0.5, 1.5, 2.5, 0.0]]);
        check_op(|x| x[0].cumprod(1), std::slice::from_ref(&x));
        check_op(|x| x[0].cumprod(0), &[x]);
    }

    #[test]
    fn absent_elements_are_no_obstacle() {
        let x = Var::leaf(Tensor::from([f64::NEG_INFINITY, 0.0, 1000.0]));
        let y = x.logcumsumexp(0).unwrap();
        let grads = y.backward_with(&y.value().ones_like()).unwrap();
        assert_eq!(grads.get(&x).unwrap().to_vec::<f64>().unwrap(), [0.0, 1.0, 1.0]);
    }
}
