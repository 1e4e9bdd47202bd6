//! `cumsum`.

use gradus_core::Dim;

use crate::{Result, Var};

impl Var {
    /// The running sum along `dim`.
    ///
    /// The gradient is the running sum from the other end.
    ///
    /// # Errors
    /// If the dimension is out of range.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.cumsum`
    pub fn cumsum(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("cumsum", self.rank())?;
        let value = self.value().cumsum(dim)?;
        Ok(self.map("cumsum", value, move |grad| grad.flip(dim)?.cumsum(dim)?.flip(dim)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].cumsum(1), &[normal([2, 3, 2], 1)]);
        check_op(|x| x[0].cumsum(-1), &[normal([2, 3, 2], 2)]);
    }
}
