//! `abs`.

use crate::{Result, Var};

impl Var {
    /// The absolute value, |x|.
    ///
    /// The derivative is sign x, and 0 at 0.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.abs`
    pub fn abs(&self) -> Result<Self> {
        let value = self.value().abs()?;
        let x = self.value().clone();
        Ok(self.map("abs", value, move |grad| grad.mul(&x.sign()?.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values, slope};

    #[test]
    fn values_are_known() {
        check_values(Var::abs, &[(-1.5, 1.5), (0.0, 0.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::abs, &[0.5, -2.0]);
    }

    #[test]
    fn the_gradient_at_zero_is_zero() {
        assert_eq!(slope(Var::abs, 0.0), 0.0);
    }
}
