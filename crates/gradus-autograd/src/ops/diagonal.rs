//! `diagonal`, `diag_embed`, `diag` and `trace`.

use gradus_core::Dim;

use crate::{Result, Var};

impl Var {
    /// Diagonal `offset` of the matrices of two dimensions, which becomes the last dimension.
    ///
    /// The gradient is zero off the diagonal.
    ///
    /// # Errors
    /// If a dimension is out of range, or both are the same.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.diagonal`
    pub fn diagonal(
        &self,
        offset: i64,
        dim1: impl Into<Dim>,
        dim2: impl Into<Dim>,
    ) -> Result<Self> {
        let dim1 = dim1.into().resolve("diagonal", self.rank())?;
        let dim2 = dim2.into().resolve("diagonal", self.rank())?;
        self.rearranged("diagonal", move |x| x.diagonal(offset, dim1, dim2))
    }

    /// Matrices with the last dimension on diagonal `offset` and zeros elsewhere, as `dim1` and `dim2`
    /// of the result.
    ///
    /// The gradient is the diagonal of that of the matrices.
    ///
    /// # Errors
    /// If there is no dimension, a new one is out of range, or both are the same.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.diag_embed`
    pub fn diag_embed(
        &self,
        offset: i64,
        dim1: impl Into<Dim>,
        dim2: impl Into<Dim>,
    ) -> Result<Self> {
        let dim1 = dim1.into().resolve("diag_embed", self.rank() + 1)?;
        let dim2 = dim2.into().resolve("diag_embed", self.rank() + 1)?;
        let value = self.value().diag_embed(offset, dim1, dim2)?;
        Ok(self.map("diag_embed", value, move |grad| grad.diagonal(offset, dim1, dim2)))
    }

    /// Diagonal `k` of a matrix, or the matrix that has a vector on diagonal `k`.
    ///
    /// # Errors
    /// Unless there are one or two dimensions.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.diag`
    pub fn diag(&self, k: i64) -> Result<Self> {
        match self.rank() {
            1 => self.diag_embed(k, 0, 1),
            2 => self.diagonal(k, 0, 1),
            _ => Ok(self.value().diag(k)?.into()), // which is an error
        }
    }

    /// The sum of the main diagonal of the last two dimensions.
    ///
    /// The derivative is 1 on the diagonal.
    ///
    /// # Errors
    /// If there are fewer than two dimensions.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.trace`, which takes one matrix
    pub fn trace(&self) -> Result<Self> {
        if self.rank() < 2 {
            return Ok(self.value().trace()?.into()); // which is an error
        }
        self.diagonal(0, -2, -1)?.sum(-1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 3, 4], 1)];
        for offset in [-1, 0, 2, 9] {
            check_op(|x| x[0].diagonal(offset, 2, 0), &x);
            check_op(|x| x[0].diag_embed(offset.min(2), 0, -1), &x);
        }
        check_op(|x| x[0].trace(), &x);
        check_op(|x| x[0].diag(1), &[normal(3, 2)]);
        check_op(|x| x[0].diag(-1), &[normal([3, 2], 2)]);
    }

    #[test]
    fn other_ranks_are_errors() {
        assert!(Var::from(normal((), 1)).diag(0).is_err());
        assert!(Var::from(normal([1, 1, 1], 1)).diag(0).is_err());
        assert!(Var::from(normal(1, 1)).trace().is_err());
    }
}
