//! `narrow` and `select`: a part of one dimension.

use gradus_core::Dim;

use crate::{Result, Var};

impl Var {
    /// Elements `start .. start + len` of `dim`.
    ///
    /// The gradient is zero outside the range.
    ///
    /// # Errors
    /// If the dimension is out of range or the range leaves it.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.narrow`
    pub fn narrow(&self, dim: impl Into<Dim>, start: usize, len: usize) -> Result<Self> {
        let dim = dim.into().resolve("narrow", self.rank())?;
        let value = self.value().narrow(dim, start, len)?;
        let mut border = vec![(0, 0); self.rank()];
        border[dim] = (start, self.dims()[dim] - start - len);
        Ok(self.map("narrow", value, move |grad| grad.pad(&border, 0.0)))
    }

    /// One index of `dim`, which is dropped.
    ///
    /// The gradient is zero at the other indices.
    ///
    /// # Errors
    /// If the dimension or the index is out of range.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.select`
    pub fn select(&self, dim: impl Into<Dim>, index: usize) -> Result<Self> {
        let dim = dim.into().resolve("select", self.rank())?;
        let value = self.value().select(dim, index)?;
        let mut border = vec![(0, 0); self.rank()];
        border[dim] = (index, self.dims()[dim] - index - 1);
        Ok(self.map("select", value, move |grad| grad.unsqueeze(dim)?.pad(&border, 0.0)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 5, 3], 1)];
        check_op(|x| x[0].narrow(1, 1, 3), &x);
        check_op(|x| x[0].narrow(-1, 3, 0), &x);
        check_op(|x| x[0].select(1, 4), &x);
        check_op(|x| x[0].select(-1, 0), &x);
    }
}
