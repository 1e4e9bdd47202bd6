//! `sqrt`.

use gradus_core::UnaryOp;

use crate::{Result, Var};

impl Var {
    /// The square root, √x; NaN below zero.
    ///
    /// The derivative is 1/(2√x), which is infinite at 0 as in PyTorch.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.sqrt`
    pub fn sqrt(&self) -> Result<Self> {
        let value = self.value().sqrt()?;
        Ok(self.map_output("sqrt", value, |grad, y| {
            y.unary_grad(UnaryOp::Sqrt, grad, || grad.div(&y.mul_scalar(2.0)?))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values, slope};

    #[test]
    fn values_are_known() {
        check_values(Var::sqrt, &[(4.0, 2.0), (0.0, 0.0), (-1.0, f64::NAN)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::sqrt, &[0.5, 2.0]);
    }

    #[test]
    fn the_gradient_at_zero_is_infinite() {
        assert_eq!(slope(Var::sqrt, 0.0), f64::INFINITY);
    }
}
