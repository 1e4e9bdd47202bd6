//! `sinh`, `cosh` and their inverses, and that of `tanh`.

use super::inverse_trig::one_minus_square;
use crate::{Result, Var};

impl Var {
    /// (eˣ − e⁻ˣ)/2.
    ///
    /// The derivative is cosh x.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.sinh`
    pub fn sinh(&self) -> Result<Self> {
        let value = self.value().sinh()?;
        let x = self.clone();
        Ok(self.map("sinh", value, move |grad| grad.mul(&x.cosh()?)))
    }

    /// (eˣ + e⁻ˣ)/2.
    ///
    /// The derivative is sinh x.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.cosh`
    pub fn cosh(&self) -> Result<Self> {
        let value = self.value().cosh()?;
        let x = self.clone();
        Ok(self.map("cosh", value, move |grad| grad.mul(&x.sinh()?)))
    }

    /// The inverse of sinh.
    ///
    /// The derivative is 1/√(x² + 1).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.asinh`
    pub fn asinh(&self) -> Result<Self> {
        let value = self.value().asinh()?;
        let x = self.clone();
        Ok(self.map("asinh", value, move |grad| grad.mul(&x.square()?.add_scalar(1.0)?.rsqrt()?)))
    }

    /// The inverse of cosh that is not negative; NaN below 1.
    ///
    /// The derivative is 1/√(x² − 1).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.acosh`
    pub fn acosh(&self) -> Result<Self> {
        let value = self.value().acosh()?;
        let x = self.clone();
        Ok(self.map("acosh", value, move |grad| grad.mul(&one_minus_square(&x)?.neg()?.rsqrt()?)))
    }

    /// The inverse of tanh; NaN outside −1..=1.
    ///
    /// The derivative is 1/(1 − x²).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.atanh`
    pub fn atanh(&self) -> Result<Self> {
        let value = self.value().atanh()?;
        let x = self.clone();
        Ok(self.map("atanh", value, move |grad| grad.div(&one_minus_square(&x)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::sinh, &[(0.0, 0.0)]);
        check_values(Var::cosh, &[(0.0, 1.0)]);
        check_values(Var::asinh, &[(0.0, 0.0)]);
        check_values(Var::acosh, &[(1.0, 0.0)]);
        check_values(Var::atanh, &[(0.0, 0.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::sinh, &[0.5, -2.0]);
        check_derivatives(Var::cosh, &[0.5, -2.0]);
        check_derivatives(Var::asinh, &[0.5, -2.0]);
        check_derivatives(Var::acosh, &[1.5, 4.0]);
        check_derivatives(Var::atanh, &[0.5, -0.9]);
    }
}
