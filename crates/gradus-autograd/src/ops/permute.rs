//! `permute`, `transpose` and `t`: dimensions in another order.

use gradus_core::Dim;

use crate::{Result, Var};

impl Var {
    /// Dimensions in the order `dims`.
    ///
    /// The gradient is permuted back.
    ///
    /// # Errors
    /// If `dims` is not a permutation of the dimensions.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.permute`
    pub fn permute<D: Copy + Into<Dim>>(&self, dims: &[D]) -> Result<Self> {
        let value = self.value().permute(dims)?;
        let mut inverse = vec![0; dims.len()];
        for (to, &from) in dims.iter().enumerate() {
            inverse[from.into().resolve("permute", self.rank())?] = to;
        }
        Ok(self.map("permute", value, move |grad| grad.permute(&inverse)))
    }

    /// Two dimensions swapped.
    ///
    /// # Errors
    /// If a dimension is out of range.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.transpose`
    pub fn transpose(&self, a: impl Into<Dim>, b: impl Into<Dim>) -> Result<Self> {
        let a = a.into().resolve("transpose", self.rank())?;
        let b = b.into().resolve("transpose", self.rank())?;
        let value = self.value().transpose(a, b)?;
        Ok(self.map("transpose", value, move |grad| grad.transpose(a, b)))
    }

    /// The last two dimensions swapped: the transpose of a matrix or of each matrix of a batch.
    ///
    /// # Errors
    /// If there are fewer than two dimensions.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.Tensor.mT`
    pub fn t(&self) -> Result<Self> {
        Ok(self.map("t", self.value().t()?, Self::t))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 4, 3], 1)];
        check_op(|x| x[0].permute(&[2, 0, 1]), &x);
        check_op(|x| x[0].permute(&[-1, 0, -2]), &x);
        check_op(|x| x[0].transpose(0, -1), &x);
        check_op(|x| x[0].t(), &x);
    }
}
