//! `powf`: a constant exponent.

use crate::{Result, Var};

impl Var {
    /// xᶜ for a constant c; NaN for a negative x unless c is an integer.
    ///
    /// The derivative is c xᶜ⁻¹; for c = 0 it is 0 everywhere, also at 0.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.pow` with a number as the exponent
    pub fn powf(&self, exponent: f64) -> Result<Self> {
        let x = self.clone();
        Ok(self.map("powf", self.value().powf(exponent)?, move |grad| {
            if exponent == 0.0 {
                return Ok(grad.zeros_like());
            }
            grad.mul(&x.powf(exponent - 1.0)?.mul_scalar(exponent)?)
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_derivatives, check_values, slope};

    #[test]
    fn values_are_known() {
        check_values(|x| x.powf(3.0), &[(-2.0, -8.0), (0.0, 0.0)]);
        check_values(|x| x.powf(0.5), &[(4.0, 2.0), (-1.0, f64::NAN)]);
        check_values(|x| x.powf(0.0), &[(0.0, 1.0), (5.0, 1.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for exponent in [0.0, 1.0, 2.0, 3.0] {
            check_derivatives(|x| x.powf(exponent), &[-2.0, 0.0, 0.5]);
        }
        check_derivatives(|x| x.powf(-1.5), &[0.5, 2.0]);
    }

    #[test]
    fn a_constant_power_has_no_slope_at_zero() {
        assert_eq!(slope(|x| x.powf(0.0), 0.0), 0.0);
    }
}
