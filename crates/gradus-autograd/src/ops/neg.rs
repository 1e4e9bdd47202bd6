//! `neg`.

use crate::{Result, Var};

impl Var {
    /// The negative, −x.
    ///
    /// The derivative is −1.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.neg`
    pub fn neg(&self) -> Result<Self> {
        let value = self.value().neg()?;
        Ok(self.map("neg", value, Self::neg))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::neg, &[(1.5, -1.5), (0.0, 0.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::neg, &[0.5, -2.0, 0.0]);
    }
}
