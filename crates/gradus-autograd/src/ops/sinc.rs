//! `sinc`, whose derivatives are spherical Bessel functions.

use std::f64::consts::PI;

use crate::{Result, Var};

impl Var {
    /// sin πx / πx, and 1 at zero.
    ///
    /// The derivative is −π j₁(πx), which has no hole at zero.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.sinc`
    pub fn sinc(&self) -> Result<Self> {
        let value = self.value().sinc()?;
        let x = self.clone();
        Ok(self.map("sinc", value, move |grad| {
            grad.mul(&x.mul_scalar(PI)?.spherical_bessel(1)?.mul_scalar(-PI)?)
        }))
    }

    /// The spherical Bessel function jₙ: j₀ is sin x / x.
    ///
    /// The derivative is (n jₙ₋₁ − (n + 1) jₙ₊₁) / (2n + 1).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.special.spherical_bessel_j0` for n = 0
    pub fn spherical_bessel(&self, n: usize) -> Result<Self> {
        let value = self.value().spherical_bessel(n)?;
        let x = self.clone();
        Ok(self.map("spherical_bessel", value, move |grad| {
            let (n, above) = (n as f64, x.spherical_bessel(n + 1)?);
            let above = above.mul_scalar((n + 1.0) / (2.0 * n + 1.0))?;
            if n == 0.0 {
                return grad.mul(&above)?.neg();
            }
            let below = x.spherical_bessel(n as usize - 1)?.mul_scalar(n / (2.0 * n + 1.0))?;
            grad.mul(&below.sub(&above)?)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::sinc, &[(0.0, 1.0), (0.5, std::f64::consts::FRAC_2_PI)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::sinc, &[0.0, 0.3, -1.0, 5.2]);
    }
}
