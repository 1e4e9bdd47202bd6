//! `relu`.

use gradus_core::UnaryOp;

use crate::{Result, Var};

impl Var {
    /// The rectified linear unit, max(x, 0).
    ///
    /// The derivative is 1 above 0, else 0, also at 0.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.relu`
    pub fn relu(&self) -> Result<Self> {
        let value = self.value().relu()?;
        Ok(self.map_output("relu", value, |grad, y| {
            y.unary_grad(UnaryOp::Relu, grad, || grad.masked_fill(&y.value().le_scalar(0.0)?, 0.0))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values, slope};

    #[test]
    fn values_are_known() {
        check_values(Var::relu, &[(1.5, 1.5), (-1.0, 0.0), (0.0, 0.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::relu, &[0.5, -2.0]);
    }

    #[test]
    fn the_gradient_at_zero_is_zero() {
        assert_eq!(slope(Var::relu, 0.0), 0.0);
    }
}
