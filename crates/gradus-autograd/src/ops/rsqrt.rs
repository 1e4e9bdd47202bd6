//! `rsqrt`.

use crate::{Result, Var};

impl Var {
    /// One over the square root, 1/√x.
    ///
    /// The derivative is −1/(2 x√x).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.rsqrt`
    pub fn rsqrt(&self) -> Result<Self> {
        let value = self.value().rsqrt()?;
        Ok(self.map_output("rsqrt", value, |grad, y| grad.mul(&y.powf(3.0)?.mul_scalar(-0.5)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::rsqrt, &[(4.0, 0.5), (0.0, f64::INFINITY)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::rsqrt, &[0.5, 2.0]);
    }
}
