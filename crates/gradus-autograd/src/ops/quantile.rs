//! `kthvalue`, `median` and `quantile`: elements by rank.

use gradus_core::Dim;
use gradus_tensor::{Order, Tensor};

use super::indexing::Zeros;
use crate::{Result, Var};

impl Var {
    /// The `k`-th smallest element along `dim`, counted from 1, and where it stands.
    ///
    /// The gradient goes back to where the element stood.
    ///
    /// # Errors
    /// If the dimension is out of range or has fewer than `k` elements, or `k` is 0.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.kthvalue`
    pub fn kthvalue(&self, k: usize, dim: impl Into<Dim>) -> Result<(Self, Tensor)> {
        let dim = dim.into().resolve("kthvalue", self.rank())?;
        let (values, ids) = self.value().kthvalue(k, dim)?;
        Ok((self.one_of("kthvalue", dim, &values, &ids)?, ids))
    }

    /// The middle element along `dim`, the lower of two, and where it stands; NaN wins.
    ///
    /// The gradient goes back to where the element stood.
    ///
    /// # Errors
    /// If the dimension is out of range or empty.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.median` with `dim`
    pub fn median(&self, dim: impl Into<Dim>) -> Result<(Self, Tensor)> {
        let dim = dim.into().resolve("median", self.rank())?;
        let (values, ids) = self.value().median(dim)?;
        Ok((self.one_of("median", dim, &values, &ids)?, ids))
    }

    /// The value below which a share `q` of `dim` lies, between two elements by a straight line.
    ///
    /// The gradient goes to the two elements by their shares.
    ///
    /// # Errors
    /// If the dtype is no float, the dimension is out of range or empty, or `q` is not in 0..=1.
    ///
    /// # PyTorch
    /// `torch.quantile` with one `q`
    pub fn quantile(&self, q: f64, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("quantile", self.rank())?;
        let value = self.value().quantile(q, dim)?;
        let (x, zeros) = (self.value().clone(), Zeros::like(self));
        Ok(self.map("quantile", value, move |grad| {
            let order = x.argsort(dim, Order::Ascending)?;
            let place = q * (x.dims()[dim] - 1) as f64;
            let share = place - place.floor();
            let at = |place: f64| order.narrow(dim, place as usize, 1);
            let grad = grad.unsqueeze(dim)?;
            let low =
                zeros.make()?.scatter_add(dim, &at(place)?, &grad.mul_scalar(1.0 - share)?)?;
            low.scatter_add(dim, &at(place.ceil())?, &grad.mul_scalar(share)?)
        }))
    }

    /// An op whose result is one element of a dimension, which is dropped.
    fn one_of(&self, name: &'static str, dim: usize, value: &Tensor, id: &Tensor) -> Result<Self> {
        let (value, id) = (value.unsqueeze(dim)?, id.unsqueeze(dim)?);
        self.picked(name, dim, value, &id).squeeze(dim)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([3, 4, 2], 1)];
        for dim in [0, 1, 2] {
            check_op(|x| Ok(x[0].kthvalue(2, dim)?.0), &x);
            check_op(|x| Ok(x[0].median(dim)?.0), &x);
            check_op(|x| x[0].quantile(0.3, dim), &x);
            check_op(|x| x[0].quantile(1.0, dim), &x);
        }
    }
}
