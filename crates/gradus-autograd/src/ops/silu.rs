//! `silu`.

use gradus_core::UnaryOp;

use crate::{Result, Var};

impl Var {
    /// The sigmoid linear unit, x · sigmoid(x), also called swish.
    ///
    /// The derivative is s (1 + x (1 − s)) with s = sigmoid(x).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.nn.functional.silu`
    pub fn silu(&self) -> Result<Self> {
        let x = self.clone();
        Ok(self.map("silu", self.value().silu()?, move |grad| {
            x.unary_grad(UnaryOp::Silu, grad, || {
                let s = x.sigmoid()?;
                let rest = x.mul(&s.neg()?.add_scalar(1.0)?)?.add_scalar(1.0)?;
                grad.mul(&s.mul(&rest)?)
            })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::silu, &[(0.0, 0.0), (1.0, 0.7310585786300049), (-1000.0, 0.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::silu, &[0.5, -2.0, 0.0]);
    }
}
