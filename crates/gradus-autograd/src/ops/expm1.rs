//! `expm1`.

use crate::{Result, Var};

impl Var {
    /// eˣ − 1, precise near zero.
    ///
    /// The derivative is eˣ.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.expm1`
    pub fn expm1(&self) -> Result<Self> {
        let value = self.value().expm1()?;
        Ok(self.map_output("expm1", value, |grad, y| grad.mul(&y.add_scalar(1.0)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(
            Var::expm1,
            &[(0.0, 0.0), (1e-10, 1.00000000005e-10), (1.0, 1.718281828459045)],
        );
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::expm1, &[0.5, -2.0, 0.0]);
    }
}
