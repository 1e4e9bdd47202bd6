//! `square`.

use gradus_core::UnaryOp;

use crate::{Result, Var};

impl Var {
    /// The square, x².
    ///
    /// The derivative is 2x.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.square`
    pub fn square(&self) -> Result<Self> {
        let value = self.value().square()?;
        let x = self.clone();
        Ok(self.map("square", value, move |grad| {
            x.unary_grad(UnaryOp::Square, grad, || grad.mul(&x.mul_scalar(2.0)?))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::square, &[(-3.0, 9.0), (0.0, 0.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::square, &[0.5, -2.0, 0.0]);
    }
}
