//! `reciprocal`.

use crate::{Result, Var};

impl Var {
    /// One over x.
    ///
    /// The derivative is −1/x².
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.reciprocal`
    pub fn reciprocal(&self) -> Result<Self> {
        let value = self.value().reciprocal()?;
        Ok(self.map_output("reciprocal", value, |grad, y| grad.mul(&y.square()?.neg()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::reciprocal, &[(4.0, 0.25), (-0.5, -2.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::reciprocal, &[0.5, -2.0]);
    }
}
