//! `exp`.

use crate::{Result, Var};

impl Var {
    /// The exponential, eˣ.
    ///
    /// The derivative is eˣ.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.exp`
    pub fn exp(&self) -> Result<Self> {
        let value = self.value().exp()?;
        Ok(self.map_output("exp", value, Self::mul))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::exp, &[(0.0, 1.0), (1.0, std::f64::consts::E), (f64::NEG_INFINITY, 0.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::exp, &[0.5, -2.0, 0.0]);
    }
}
