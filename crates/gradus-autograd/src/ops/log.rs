//! `log`.

use crate::{Result, Var};

impl Var {
    /// The natural logarithm, ln x; NaN below zero.
    ///
    /// The derivative is 1/x.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.log`
    pub fn log(&self) -> Result<Self> {
        let value = self.value().log()?;
        let x = self.clone();
        Ok(self.map("log", value, move |grad| grad.div(&x)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::log, &[(1.0, 0.0), (std::f64::consts::E, 1.0), (0.0, f64::NEG_INFINITY)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::log, &[0.5, 2.0]);
    }
}
