//! `sin`.

use gradus_core::UnaryOp;

use crate::{Result, Var};

impl Var {
    /// The sine of an angle in radians.
    ///
    /// The derivative is cos x.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.sin`
    pub fn sin(&self) -> Result<Self> {
        let value = self.value().sin()?;
        let x = self.clone();
        Ok(self.map("sin", value, move |grad| {
            x.unary_grad(UnaryOp::Sin, grad, || grad.mul(&x.cos()?))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::sin, &[(0.0, 0.0), (std::f64::consts::FRAC_PI_2, 1.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::sin, &[0.5, -2.0, 0.0]);
    }
}
