//! `scatter`, `index_copy` and `index_add`: elements written at indices.

use gradus_core::{DType, Dim};
use gradus_tensor::Tensor;

use crate::{Result, Var};

impl Var {
    /// `self` with `src` written along `dim` at `ids` (i64), as `Tensor::scatter`; where an index
    /// repeats, the last source stays.
    ///
    /// The gradient of `self` is zero where it was overwritten, that of `src` at sources that were.
    /// (PyTorch gives it to every source.)
    ///
    /// # Errors
    /// If an index or the dimension is out of range, or the shapes or dtypes do not fit.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.scatter`
    pub fn scatter(&self, dim: impl Into<Dim>, ids: &Tensor, src: &Self) -> Result<Self> {
        let dim = dim.into().resolve("scatter", self.rank())?;
        let value = self.value().scatter(dim, ids, src.value())?;
        self.overwritten("scatter", value, dim, ids, src)
    }

    /// `self` with the slices of `src` in place of those at `ids` (i64, 1-D) of `dim`; where an index
    /// repeats, the last stays.
    ///
    /// The gradient is that of [`Var::scatter`].
    ///
    /// # Errors
    /// If an index or the dimension is out of range, or the shapes or dtypes do not fit.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.index_copy`
    pub fn index_copy(&self, dim: impl Into<Dim>, ids: &Tensor, src: &Self) -> Result<Self> {
        let dim = dim.into().resolve("index_copy", self.rank())?;
        let value = self.value().index_copy(dim, ids, src.value())?;
        let mut extents = vec![1; self.rank()];
        extents[dim] = ids.len();
        let ids = ids.reshape(extents)?.expand(src.shape())?;
        self.overwritten("index_copy", value, dim, &ids, src)
    }

    /// `self` with the slices of `src` added to those at `ids` (i64, 1-D) of `dim`.
    ///
    /// The derivative by `self` is 1; the gradient of `src` is selected at the indices.
    ///
    /// # Errors
    /// If an index or the dimension is out of range, or the shapes or dtypes do not fit.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.index_add`
    pub fn index_add(&self, dim: impl Into<Dim>, ids: &Tensor, src: &Self) -> Result<Self> {
        let dim = dim.into().resolve("index_add", self.rank())?;
        let value = self.value().index_add(dim, ids, src.value())?;
        let (ids, for_src) = (ids.clone(), src.requires_grad());
        Ok(Self::from_op_of_inputs("index_add", &[self, src], value, move |grad| {
            let dsrc = for_src.then(|| grad.index_select(dim, &ids)).transpose()?;
            Ok(vec![Some(grad.clone()), dsrc])
        }))
    }

    /// An op that writes each source at its index.
    fn overwritten(
        &self,
        name: &'static str,
        value: Tensor,
        dim: usize,
        ids: &Tensor,
        src: &Self,
    ) -> Result<Self> {
        let (shape, ids) = (self.shape().clone(), ids.clone());
        Ok(Self::from_op_of_inputs(name, &[self, src], value, move |grad| {
            let touched = touched(&shape, dim, &ids)?;
            // A source stays if the number at its place is its own.
            let numbers = Tensor::from_vec((0..ids.len() as i64).collect::<Vec<_>>(), ids.shape())?;
            let written = Tensor::zeros(&shape, DType::I64)?.scatter(dim, &ids, &numbers)?;
            let lost = written.gather(dim, &ids)?.ne(&numbers)?;
            let dsrc = grad.gather(dim, &ids)?.masked_fill(&lost, 0.0)?;
            Ok(vec![Some(grad.masked_fill(&touched, 0.0)?), Some(dsrc)])
        }))
    }
}

/// Where the indices lead.
pub(super) fn touched(
    shape: &gradus_core::Shape,
    dim: usize,
    ids: &Tensor,
) -> gradus_tensor::Result<Tensor> {
    let marks = Tensor::ones(ids.shape(), DType::Bool)?;
    Tensor::zeros(shape, DType::Bool)?.scatter(dim, ids, &marks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let ids = Tensor::from([[0i64, 2], [2, 2]]);
        let inputs = [normal([3, 2], 1), normal([2, 2], 2)];
        check_op(|x| x[0].scatter(0, &ids, &x[1]), &inputs);
        let ids = Tensor::from([1i64, 1]);
        check_op(|x| x[0].index_copy(0, &ids, &x[1]), &inputs);
        check_op(|x| x[0].index_add(0, &ids, &x[1]), &inputs);
    }

    #[test]
    fn a_source_that_was_overwritten_has_no_gradient() {
        let x = Var::leaf(Tensor::from([0.0f64, 0.0]));
        let src = Var::leaf(Tensor::from([1.0f64, 2.0]));
        let y = x.scatter(0, &Tensor::from([1i64, 1]), &src).unwrap().sum(..).unwrap();
        let grads = y.backward().unwrap();
        assert_eq!(grads.get(&src).unwrap().to_vec::<f64>().unwrap(), [0.0, 1.0]);
        assert_eq!(grads.get(&x).unwrap().to_vec::<f64>().unwrap(), [1.0, 0.0]);
    }
}
