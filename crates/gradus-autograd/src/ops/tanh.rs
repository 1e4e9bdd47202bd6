//! `tanh`.

use gradus_core::UnaryOp;

use crate::{Result, Var};

impl Var {
    /// The hyperbolic tangent.
    ///
    /// The derivative is 1 − tanh² x.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.tanh`
    pub fn tanh(&self) -> Result<Self> {
        let value = self.value().tanh()?;
        Ok(self.map_output("tanh", value, |grad, y| {
            y.unary_grad(UnaryOp::Tanh, grad, || grad.mul(&y.square()?.neg()?.add_scalar(1.0)?))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::tanh, &[(0.0, 0.0), (1.0, 0.7615941559557649), (1000.0, 1.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::tanh, &[0.5, -2.0, 0.0]);
    }
}
