//! `softplus`.

use gradus_core::UnaryOp;

use crate::{Result, Var};

impl Var {
    /// ln(1 + eˣ), a smooth `relu`, without overflow.
    ///
    /// The derivative is sigmoid x.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.nn.functional.softplus`, with `beta` 1 and no threshold
    pub fn softplus(&self) -> Result<Self> {
        let value = self.value().softplus()?;
        let x = self.clone();
        Ok(self.map("softplus", value, move |grad| {
            x.unary_grad(UnaryOp::Softplus, grad, || grad.mul(&x.sigmoid()?))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(
            Var::softplus,
            &[(0.0, std::f64::consts::LN_2), (1000.0, 1000.0), (-1000.0, 0.0)],
        );
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::softplus, &[0.5, -2.0, 0.0]);
    }
}
