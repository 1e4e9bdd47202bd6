//! `index_select`, `gather`, `scatter_add`: elements by index.

use gradus_core::{Dim, Shape};
use gradus_tensor::Tensor;

use crate::{Result, Var, is_grad_enabled};

impl Var {
    /// The slices of `dim` at `ids` (i64, 1-D), in their order.
    ///
    /// The gradient is added up at the indices.
    ///
    /// # Errors
    /// If an index or the dimension is out of range, or `ids` is not 1-D i64.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.index_select`
    pub fn index_select(&self, dim: impl Into<Dim>, ids: &Tensor) -> Result<Self> {
        let dim = dim.into().resolve("index_select", self.rank())?;
        let value = self.value().index_select(dim, ids)?;
        let mut extents = vec![1; self.rank()];
        extents[dim] = ids.len();
        let (ids, full) = (ids.clone(), ids.reshape(extents)?.expand(value.shape())?);
        let zeros = Zeros::like(self);
        Ok(self.map("index_select", value, move |grad| {
            if !is_grad_enabled() {
                let sums = grad.value().index_sum(dim, &ids, zeros.extent(dim))?;
                return Ok(Self::constant(sums));
            }
            zeros.make()?.scatter_add(dim, &full, grad)
        }))
    }

    /// Along `dim`, the elements at `ids` (i64), as `Tensor::gather`.
    ///
    /// The gradient is added up at the indices.
    ///
    /// # Errors
    /// If an index or the dimension is out of range, or the shapes do not fit.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.gather`
    pub fn gather(&self, dim: impl Into<Dim>, ids: &Tensor) -> Result<Self> {
        let dim = dim.into().resolve("gather", self.rank())?;
        let value = self.value().gather(dim, ids)?;
        let (ids, zeros) = (ids.clone(), Zeros::like(self));
        Ok(self.map("gather", value, move |grad| zeros.make()?.scatter_add(dim, &ids, grad)))
    }

    /// The elements of `src` added along `dim` at `ids` (i64), as `Tensor::scatter_add`.
    ///
    /// The derivative by `self` is 1; the gradient of `src` is gathered at the indices.
    ///
    /// # Errors
    /// If an index or the dimension is out of range, or the shapes or dtypes do not fit.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.scatter_add`
    pub fn scatter_add(&self, dim: impl Into<Dim>, ids: &Tensor, src: &Self) -> Result<Self> {
        let dim = dim.into().resolve("scatter_add", self.rank())?;
        let value = self.value().scatter_add(dim, ids, src.value())?;
        let (ids, for_src) = (ids.clone(), src.requires_grad());
        Ok(Self::from_op_of_inputs("scatter_add", &[self, src], value, move |grad| {
            let dsrc = for_src.then(|| grad.gather(dim, &ids)).transpose()?;
            Ok(vec![Some(grad.clone()), dsrc])
        }))
    }
}

/// How to make zeros like a tensor that need not be kept for it.
pub(super) struct Zeros {
    shape: Shape,
    dtype: gradus_core::DType,
}

impl Zeros {
    pub(super) fn like(x: &Var) -> Self {
        Self { shape: x.shape().clone(), dtype: x.dtype() }
    }

    pub(super) fn make(&self) -> Result<Var> {
        Ok(Var::constant(Tensor::zeros(&self.shape, self.dtype)?))
    }

    pub(super) fn extent(&self, dim: usize) -> usize {
        self.shape[dim]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let rows = Tensor::from([2i64, 0, 2]);
        check_op(|x| x[0].index_select(1, &rows), &[normal([2, 3, 2], 1)]);
        let ids = Tensor::from([[2i64, 0], [1, 1]]);
        check_op(|x| x[0].gather(-1, &ids), &[normal([2, 3], 1)]);
        let inputs = [normal([2, 3], 1), normal([2, 2], 2)];
        check_op(|x| x[0].scatter_add(1, &ids, &x[1]), &inputs);
    }

    #[test]
    fn no_index_is_an_index_list() {
        let none = Tensor::zeros(0, gradus_core::DType::I64).unwrap();
        check_op(|x| x[0].index_select(0, &none), &[normal([2, 3], 1)]);
    }
}
