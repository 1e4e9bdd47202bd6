//! `exp2`, `log2` and `log10`: other bases than e.

use std::f64::consts::{LN_2, LN_10};

use crate::{Result, Var};

impl Var {
    /// 2ˣ.
    ///
    /// The derivative is y ln 2.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.exp2`
    pub fn exp2(&self) -> Result<Self> {
        let value = self.value().exp2()?;
        Ok(self.map_output("exp2", value, move |grad, y| grad.mul(&y.mul_scalar(LN_2)?)))
    }

    /// The logarithm to base 2.
    ///
    /// The derivative is 1 / (x ln 2).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.log2`
    pub fn log2(&self) -> Result<Self> {
        let value = self.value().log2()?;
        let x = self.clone();
        Ok(self.map("log2", value, move |grad| grad.div(&x.mul_scalar(LN_2)?)))
    }

    /// The logarithm to base 10.
    ///
    /// The derivative is 1 / (x ln 10).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.log10`
    pub fn log10(&self) -> Result<Self> {
        let value = self.value().log10()?;
        let x = self.clone();
        Ok(self.map("log10", value, move |grad| grad.div(&x.mul_scalar(LN_10)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::exp2, &[(10.0, 1024.0), (-1.0, 0.5)]);
        check_values(Var::log2, &[(8.0, 3.0)]);
        check_values(Var::log10, &[(1000.0, 3.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::exp2, &[0.5, -2.0]);
        check_derivatives(Var::log2, &[0.5, 4.0]);
        check_derivatives(Var::log10, &[0.5, 4.0]);
    }
}
