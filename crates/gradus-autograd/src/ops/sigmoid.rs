//! `sigmoid`.

use gradus_core::UnaryOp;

use crate::{Result, Var};

impl Var {
    /// The logistic function, 1/(1 + e⁻ˣ).
    ///
    /// The derivative is y (1 − y).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.sigmoid`
    pub fn sigmoid(&self) -> Result<Self> {
        let value = self.value().sigmoid()?;
        Ok(self.map_output("sigmoid", value, |grad, y| {
            y.unary_grad(UnaryOp::Sigmoid, grad, || grad.mul(&y.mul(&y.neg()?.add_scalar(1.0)?)?))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::sigmoid, &[(0.0, 0.5), (1.0, 0.7310585786300049), (-1000.0, 0.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::sigmoid, &[0.5, -2.0, 0.0]);
    }
}
