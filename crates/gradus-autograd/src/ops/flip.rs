//! `flip`.

use gradus_core::Dims;

use crate::{Result, Var};

impl Var {
    /// The order reversed along dimensions.
    ///
    /// The gradient is flipped back.
    ///
    /// # Errors
    /// If a dimension is out of range or given twice.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.flip`
    pub fn flip(&self, dims: impl Into<Dims>) -> Result<Self> {
        let dims = dims.into().resolve("flip", self.rank())?;
        let value = self.value().flip(dims.as_slice())?;
        Ok(self.map("flip", value, move |grad| grad.flip(dims.as_slice())))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].flip([0, -1]), &[normal([2, 3, 2], 1)]);
        check_op(|x| x[0].flip(..), &[normal([2, 3], 1)]);
    }
}
