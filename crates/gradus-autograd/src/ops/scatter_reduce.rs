//! `scatter_reduce`: elements put together at indices.

use gradus_core::Dim;
use gradus_tensor::{IncludeSelf, ScatterReduce, Tensor};

use super::scatter::touched;
use crate::{Error, Result, Var, is_grad_enabled};

const OP: &str = "scatter_reduce";

impl Var {
    /// `self` with `src` put together along `dim` at `ids` (i64), as `Tensor::scatter_reduce`.
    ///
    /// The largest and the smallest share the gradient on ties. A product has a first derivative
    /// everywhere, and further ones where no factor is zero.
    ///
    /// # Errors
    /// If an index or the dimension is out of range, or the shapes or dtypes do not fit. The derivative:
    /// [`Error::NotDifferentiable`] if that of a product with a factor zero is to be differentiated
    /// again.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.scatter_reduce`
    pub fn scatter_reduce(
        &self,
        dim: impl Into<Dim>,
        ids: &Tensor,
        src: &Self,
        reduce: ScatterReduce,
        include: IncludeSelf,
    ) -> Result<Self> {
        let dim = dim.into().resolve(OP, self.rank())?;
        let value = self.value().scatter_reduce(dim, ids, src.value(), reduce, include)?;
        let touched = touched(self.shape(), dim, ids)?;
        let replaced = match include {
            IncludeSelf::Yes => touched.zeros_like(),
            IncludeSelf::No => touched,
        };
        let meeting =
            Meeting { x: self.clone(), src: src.clone(), dim, ids: ids.clone(), replaced };
        Ok(Self::from_op(OP, &[self, src], value, move |grad, y| {
            let (dx, dsrc) = match reduce {
                ScatterReduce::Sum => meeting.spread(grad)?,
                ScatterReduce::Mean => meeting.spread(&grad.div(&meeting.counts()?.into())?)?,
                ScatterReduce::Prod => meeting.of_product(grad, y)?,
                ScatterReduce::Amax | ScatterReduce::Amin => meeting.of_winners(grad, y.value())?,
            };
            Ok(vec![Some(dx), Some(dsrc)])
        }))
    }
}

/// What meets where.
struct Meeting {
    x: Var,
    src: Var,
    dim: usize,
    ids: Tensor,
    /// Where the element that stood there takes no part.
    replaced: Tensor,
}

impl Meeting {
    /// A gradient for each of those that meet.
    fn spread(&self, grad: &Var) -> Result<(Var, Var)> {
        Ok((grad.masked_fill(&self.replaced, 0.0)?, grad.gather(self.dim, &self.ids)?))
    }

    /// The sum of numbers of those that meet.
    fn total(&self, x: &Tensor, src: &Tensor) -> Result<Tensor> {
        Ok(x.masked_fill(&self.replaced, 0.0)?.scatter_add(self.dim, &self.ids, src)?)
    }

    /// How many meet; 1 where nobody does.
    fn counts(&self) -> Result<Tensor> {
        self.total(&self.x.value().ones_like(), &self.src.value().ones_like())
    }

    /// To those that equal the result, in equal shares.
    fn of_winners(&self, grad: &Var, y: &Tensor) -> Result<(Var, Var)> {
        let wins = |x: &Tensor, y: &Tensor| -> Result<Tensor> {
            // If a NaN won, the winners are the NaN.
            let nan = x.is_nan()?.logical_and(&y.is_nan()?)?;
            Ok(x.eq(y)?.logical_or(&nan)?.to_dtype(x.dtype())?)
        };
        let x = wins(self.x.value(), y)?;
        let src = wins(self.src.value(), &y.gather(self.dim, &self.ids)?)?;
        let (dx, dsrc) = self.spread(&grad.div(&self.total(&x, &src)?.into())?)?;
        Ok((dx.mul(&x.into())?, dsrc.mul(&src.into())?))
    }

    /// The product of the others.
    fn of_product(&self, grad: &Var, y: &Var) -> Result<(Var, Var)> {
        let zero = |x: &Var| x.value().eq_scalar(0.0);
        let (x0, src0) = (zero(&self.x)?, zero(&self.src)?);
        // What is replaced is no factor: any number but zero will do for it.
        let x = self.x.masked_fill(&self.replaced, 1.0)?;
        let x0 = x0.masked_fill(&self.replaced, 0.0)?;
        let any = |x: &Tensor| -> Result<bool> { Ok(x.any(..)?.item()? != 0.0) };
        if !any(&x0)? && !any(&src0)? {
            let (dx, dsrc) = self.spread(&grad.mul(y)?)?;
            return Ok((dx.div(&x)?, dsrc.div(&self.src)?));
        }
        if is_grad_enabled() {
            return Err(Error::NotDifferentiable { op: OP });
        }
        // The product of what is not zero, and how many are.
        let dtype = y.dtype();
        let (full_x, full_src) =
            (x.value().masked_fill(&x0, 1.0)?, self.src.value().masked_fill(&src0, 1.0)?);
        let (prod, yes) = (ScatterReduce::Prod, IncludeSelf::Yes);
        let rest = full_x.scatter_reduce(self.dim, &self.ids, &full_src, prod, yes)?;
        let zeros = self.total(&x0.to_dtype(dtype)?, &src0.to_dtype(dtype)?)?;
        let others = |rest: Tensor, zeros: Tensor, own: &Tensor, is_zero: &Tensor| -> Result<Var> {
            let others = zeros.sub(&is_zero.to_dtype(dtype)?)?.gt_scalar(0.0)?;
            Ok(rest.div(own)?.masked_fill(&others, 0.0)?.into())
        };
        let (dx, dsrc) = self.spread(grad)?;
        let at = |x: &Tensor| x.gather(self.dim, &self.ids);
        let (rest_src, zeros_src) = (at(&rest)?, at(&zeros)?);
        Ok((
            dx.mul(&others(rest, zeros, &full_x, &x0)?)?,
            dsrc.mul(&others(rest_src, zeros_src, &full_src, &src0)?)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck;
    use crate::testing::{check_op, normal};

    const ALL: [ScatterReduce; 5] = [
        ScatterReduce::Sum,
        ScatterReduce::Prod,
        ScatterReduce::Mean,
        ScatterReduce::Amax,
        ScatterReduce::Amin,
    ];

    #[test]
    fn derivatives_agree_with_differences() {
        let ids = Tensor::from([[0i64, 2], [2, 2], [2, 0]]);
        let inputs = [normal([4, 2], 1), normal([3, 2], 2)];
        for include in [IncludeSelf::Yes, IncludeSelf::No] {
            for reduce in ALL {
                check_op(|x| x[0].scatter_reduce(0, &ids, &x[1], reduce, include), &inputs);
            }
        }
    }

    #[test]
    fn a_product_with_zeros_has_a_first_derivative() {
        let ids = Tensor::from([0i64, 0, 1, 1, 2]);
        let x = Tensor::from([0.0f64, 2.0, 0.0, 0.0]);
        let src = Tensor::from([3.0f64, 2.0, 0.0, 5.0, 0.0]);
        for include in [IncludeSelf::Yes, IncludeSelf::No] {
            let f = |x: &[Var]| x[0].scatter_reduce(0, &ids, &x[1], ScatterReduce::Prod, include);
            gradcheck(f, &[x.clone(), src.clone()]).unwrap();
        }
    }
}
