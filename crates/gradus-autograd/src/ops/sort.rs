//! `sort` and `topk`: elements by rank, with their indices.

use gradus_core::Dim;
use gradus_tensor::{Order, Tensor};

use super::indexing::Zeros;
use crate::{Result, Var};

impl Var {
    /// The elements along `dim` in order, and the indices where they stood, as `Tensor::sort`.
    ///
    /// The gradient goes back to where the elements stood.
    ///
    /// # Errors
    /// If the dimension is out of range.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.sort`
    pub fn sort(&self, dim: impl Into<Dim>, order: Order) -> Result<(Self, Tensor)> {
        let dim = dim.into().resolve("sort", self.rank())?;
        let (values, ids) = self.value().sort(dim, order)?;
        Ok((self.picked("sort", dim, values, &ids), ids))
    }

    /// The `k` largest elements along `dim`, largest first, and their indices.
    ///
    /// The gradient goes back to where the elements stood.
    ///
    /// # Errors
    /// If the dimension is out of range or has fewer than `k` elements.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.topk`
    pub fn topk(&self, k: usize, dim: impl Into<Dim>) -> Result<(Self, Tensor)> {
        let dim = dim.into().resolve("topk", self.rank())?;
        let (values, ids) = self.value().topk(k, dim)?;
        Ok((self.picked("topk", dim, values, &ids), ids))
    }

    /// An op whose results are elements of a dimension: the gradient goes back to where they stood.
    pub(super) fn picked(
        &self,
        name: &'static str,
        dim: usize,
        values: Tensor,
        ids: &Tensor,
    ) -> Self {
        let (ids, zeros) = (ids.clone(), Zeros::like(self));
        self.map(name, values, move |grad| zeros.make()?.scatter_add(dim, &ids, grad))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 4, 2], 1)];
        check_op(|x| Ok(x[0].sort(1, Order::Ascending)?.0), &x);
        check_op(|x| Ok(x[0].sort(-1, Order::Descending)?.0), &x);
        check_op(|x| Ok(x[0].topk(3, 1)?.0), &x);
    }
}
