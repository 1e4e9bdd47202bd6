//! `cos`.

use gradus_core::UnaryOp;

use crate::{Result, Var};

impl Var {
    /// The cosine of an angle in radians.
    ///
    /// The derivative is −sin x.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.cos`
    pub fn cos(&self) -> Result<Self> {
        let value = self.value().cos()?;
        let x = self.clone();
        Ok(self.map("cos", value, move |grad| {
            x.unary_grad(UnaryOp::Cos, grad, || grad.mul(&x.sin()?.neg()?))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::cos, &[(0.0, 1.0), (std::f64::consts::PI, -1.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::cos, &[0.5, -2.0, 0.0]);
    }
}
