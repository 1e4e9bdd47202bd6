//! `norm`.

use gradus_core::Dims;
use gradus_tensor::Tensor;

use super::reduced::Reduced;
use crate::{Result, Var};

impl Var {
    /// The p-norm over `dims`, which are dropped: (Σ |x|ᵖ)^(1/p); p may be infinite.
    ///
    /// The derivative is sign x · (|x| / y)ᵖ⁻¹. It is 0 where the norm is 0, and for p < 1 at
    /// elements that are 0. For p = ∞ the elements that are the largest share it.
    ///
    /// # Errors
    /// If the dtype is no float, or a dimension is out of range or given twice.
    ///
    /// # PyTorch
    /// `torch.linalg.vector_norm`
    pub fn norm(&self, p: f64, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("norm", self, dims)?;
        let value = self.value().norm(p, reduced.dims())?;
        let x = self.clone();
        Ok(self.map_output("norm", value, move |grad, y| {
            let slope = if p.is_infinite() {
                shares(x.value(), y.value(), &reduced)?.into()
            } else {
                slope(&x, y, p, &reduced)?
            };
            reduced.expand(grad)?.mul(&slope)
        }))
    }

    /// As [`Var::norm`], with extents of 1 in place of `dims`.
    ///
    /// # Errors
    /// As [`Var::norm`].
    pub fn norm_keepdim(&self, p: f64, dims: impl Into<Dims>) -> Result<Self> {
        let reduced = Reduced::new("norm", self, dims)?;
        reduced.keep(self.norm(p, reduced.dims())?)
    }
}

/// sign x · (|x| / y)ᵖ⁻¹ for a finite p.
fn slope(x: &Var, y: &Var, p: f64, reduced: &Reduced) -> Result<Var> {
    if p == 0.0 {
        return Ok(x.zeros_like()); // a count of elements
    }
    // All elements are 0 where y is 0: 0/1 stands for 0/0.
    let y = reduced.expand(&y.masked_fill(&y.value().eq_scalar(0.0)?, 1.0)?)?;
    let ratio = x.div(&y)?;
    if p == 2.0 {
        return Ok(ratio);
    }
    let sign: Var = x.value().sign()?.into();
    if p == 1.0 {
        return Ok(sign);
    }
    // A power below 1 is infinitely steep at 0: there 1 stands for |x|, and sign x is 0.
    let size = ratio.abs()?.masked_fill(&x.value().eq_scalar(0.0)?, 1.0)?;
    sign.mul(&size.powf(p - 1.0)?)
}

/// The sign of the elements whose size is the norm, over how many there are.
fn shares(x: &Tensor, y: &Tensor, reduced: &Reduced) -> Result<Tensor> {
    let y = reduced.expand(&y.into())?;
    let winners = x.abs()?.eq(y.value())?.to_dtype(x.dtype())?;
    let count = winners.sum_keepdim(reduced.dims())?;
    Ok(x.sign()?.mul(&winners)?.div(&count)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    const ORDERS: [f64; 7] = [0.5, 1.0, 1.5, 2.0, 3.0, f64::INFINITY, f64::NEG_INFINITY];

    #[test]
    fn derivatives_agree_with_differences() {
        // Near 0 a power below 2 bends too sharply for differences.
        let x = normal([2, 3, 4], 1);
        let x = [x.add(&x.sign().unwrap().mul_scalar(0.5).unwrap()).unwrap()];
        for p in ORDERS {
            check_op(|x| x[0].norm(p, [0, -1]), &x);
            check_op(|x| x[0].norm_keepdim(p, 1), &x);
        }
    }

    #[test]
    fn the_gradient_of_nothing_is_zero() {
        for p in ORDERS {
            let x = Var::leaf(Tensor::from([0.0f64, 0.0]));
            let grads = x.norm(p, ..).unwrap().backward().unwrap();
            assert_eq!(grads.get(&x).unwrap().to_vec::<f64>().unwrap(), [0.0; 2], "p = {p}");
        }
    }
}
