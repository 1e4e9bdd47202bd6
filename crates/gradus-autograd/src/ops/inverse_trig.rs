//! `asin`, `acos` and `atan`.

use crate::{Result, Var};

impl Var {
    /// The angle in −π/2..=π/2 whose sine is x; NaN outside −1..=1.
    ///
    /// The derivative is 1/√(1 − x²).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.asin`
    pub fn asin(&self) -> Result<Self> {
        let value = self.value().asin()?;
        let x = self.clone();
        Ok(self.map("asin", value, move |grad| grad.mul(&one_minus_square(&x)?.rsqrt()?)))
    }

    /// The angle in 0..=π whose cosine is x; NaN outside −1..=1.
    ///
    /// The derivative is −1/√(1 − x²).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.acos`
    pub fn acos(&self) -> Result<Self> {
        let value = self.value().acos()?;
        let x = self.clone();
        Ok(self.map("acos", value, move |grad| grad.mul(&one_minus_square(&x)?.rsqrt()?)?.neg()))
    }

    /// The angle in −π/2..=π/2 whose tangent is x.
    ///
    /// The derivative is 1/(1 + x²).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.atan`
    pub fn atan(&self) -> Result<Self> {
        let value = self.value().atan()?;
        let x = self.clone();
        Ok(self.map("atan", value, move |grad| grad.div(&x.square()?.add_scalar(1.0)?)))
    }
}

/// 1 − x², exact near ±1.
pub(super) fn one_minus_square(x: &Var) -> Result<Var> {
    x.neg()?.add_scalar(1.0)?.mul(&x.add_scalar(1.0)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::asin, &[(0.0, 0.0), (1.0, std::f64::consts::FRAC_PI_2)]);
        check_values(Var::acos, &[(1.0, 0.0)]);
        check_values(Var::atan, &[(1.0, std::f64::consts::FRAC_PI_4)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::asin, &[0.5, -0.9]);
        check_derivatives(Var::acos, &[0.5, -0.9]);
        check_derivatives(Var::atan, &[0.5, -4.0]);
    }
}
