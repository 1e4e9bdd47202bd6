//! `masked_select`, `masked_scatter` and `take_along_dim`.

use gradus_core::Dim;
use gradus_tensor::Tensor;

use crate::{Result, Var};

impl Var {
    /// The elements where the mask holds, in row-major order, with broadcasting.
    ///
    /// The gradient goes back to where the elements stood.
    ///
    /// # Errors
    /// If `mask` is not `bool` or the shapes cannot be broadcast together.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.masked_select`
    pub fn masked_select(&self, mask: &Tensor) -> Result<Self> {
        let mask = mask.clone();
        self.rearranged("masked_select", move |x| x.masked_select(&mask))
    }

    /// `self` with the first elements of `src`, in row-major order, where the mask holds.
    ///
    /// The gradient of `self` is zero there; that of `src` is selected by the mask.
    ///
    /// # Errors
    /// If `mask` is not `bool` or does not broadcast to `self`, the dtypes differ, or `src` has too few
    /// elements.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.Tensor.masked_scatter`
    pub fn masked_scatter(&self, mask: &Tensor, src: &Self) -> Result<Self> {
        let value = self.value().masked_scatter(mask, src.value())?;
        let (mask, shape) = (mask.expand(self.shape())?, src.shape().clone());
        Ok(Self::from_op_of_inputs("masked_scatter", &[self, src], value, move |grad| {
            let chosen = grad.masked_select(&mask)?;
            let rest = shape.len() - chosen.len();
            let dsrc = chosen.pad(&[(0, rest)], 0.0)?.reshape(&shape)?;
            Ok(vec![Some(grad.masked_fill(&mask, 0.0)?), Some(dsrc)])
        }))
    }

    /// [`Var::gather`], with `self` and `ids` broadcast away from the dimension.
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
    /// `torch.take_along_dim`
    pub fn take_along_dim(&self, ids: &Tensor, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("take_along_dim", self.rank())?;
        let ids = ids.clone();
        self.rearranged("take_along_dim", move |x| x.take_along_dim(&ids, dim))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let mask = Tensor::from([[true, false, true], [false, false, true]]);
        check_op(|x| x[0].masked_select(&mask), &[normal([2, 3], 1)]);
        check_op(|x| x[0].masked_select(&mask), &[normal([3], 1)]);
        check_op(|x| x[0].masked_scatter(&mask, &x[1]), &[normal([2, 3], 1), normal([2, 2], 2)]);
        let ids = Tensor::from([[[2i64], [0]], [[1], [1]]]);
        check_op(|x| x[0].take_along_dim(&ids, 1), &[normal([1, 3, 2], 1)]);
    }
}
