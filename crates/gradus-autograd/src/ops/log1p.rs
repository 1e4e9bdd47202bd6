//! `log1p`.

use crate::{Result, Var};

impl Var {
    /// ln(1 + x), precise near zero.
    ///
    /// The derivative is 1/(1 + x).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.log1p`
    pub fn log1p(&self) -> Result<Self> {
        let value = self.value().log1p()?;
        let x = self.clone();
        Ok(self.map("log1p", value, move |grad| grad.div(&x.add_scalar(1.0)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(
            Var::log1p,
            &[(0.0, 0.0), (1e-10, 9.9999999995e-11), (1.0, std::f64::consts::LN_2)],
        );
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::log1p, &[0.5, -0.5, 0.0]);
    }
}
