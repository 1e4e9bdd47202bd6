//! `tan`.

use crate::{Result, Var};

impl Var {
    /// The tangent of an angle in radians.
    ///
    /// The derivative is 1 + tan² x.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.tan`
    pub fn tan(&self) -> Result<Self> {
        let value = self.value().tan()?;
        Ok(self.map_output("tan", value, |grad, y| grad.mul(&y.square()?.add_scalar(1.0)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::tan, &[(0.0, 0.0), (std::f64::consts::FRAC_PI_4, 1.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::tan, &[0.5, -1.0, 0.0]);
    }
}
