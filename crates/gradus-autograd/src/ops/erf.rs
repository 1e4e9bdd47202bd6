//! `erf`.

use std::f64::consts::FRAC_2_SQRT_PI;

use crate::{Result, Var};

impl Var {
    /// The error function, 2/√π · ∫₀ˣ e^(−t²) dt.
    ///
    /// The derivative is 2/√π · e^(−x²).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.erf`
    pub fn erf(&self) -> Result<Self> {
        let value = self.value().erf()?;
        let x = self.clone();
        Ok(self.map("erf", value, move |grad| {
            grad.mul(&x.square()?.neg()?.exp()?.mul_scalar(FRAC_2_SQRT_PI)?)
        }))
    }

    /// 1 − erf(x), exact also where it is small.
    ///
    /// The derivative is −2/√π · e^(−x²).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.erfc`
    pub fn erfc(&self) -> Result<Self> {
        let value = self.value().erfc()?;
        let x = self.clone();
        Ok(self.map("erfc", value, move |grad| {
            grad.mul(&x.square()?.neg()?.exp()?.mul_scalar(-FRAC_2_SQRT_PI)?)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::erf, &[(0.0, 0.0), (1.0, 0.8427007929497149), (10.0, 1.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::erf, &[0.5, -2.0, 0.0]);
        check_derivatives(Var::erfc, &[0.5, -2.0, 3.0]);
    }
}
