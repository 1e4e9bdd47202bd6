//! `lgamma`, `digamma` and `polygamma`.

use crate::{Result, Var};

impl Var {
    /// ln |Γ(x)|; ∞ at 0 and at negative integers.
    ///
    /// The derivative is [`Var::digamma`].
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.lgamma`
    pub fn lgamma(&self) -> Result<Self> {
        let value = self.value().lgamma()?;
        let x = self.clone();
        Ok(self.map("lgamma", value, move |grad| grad.mul(&x.digamma()?)))
    }

    /// The derivative of [`Var::lgamma`]; NaN at negative integers.
    ///
    /// The derivative is `polygamma(1)`.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.digamma`
    pub fn digamma(&self) -> Result<Self> {
        let value = self.value().digamma()?;
        let x = self.clone();
        Ok(self.map("digamma", value, move |grad| grad.mul(&x.polygamma(1)?)))
    }

    /// The derivative of order `n` of [`Var::digamma`].
    ///
    /// The derivative is `polygamma(n + 1)`.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.polygamma`
    pub fn polygamma(&self, n: usize) -> Result<Self> {
        let value = self.value().polygamma(n)?;
        let x = self.clone();
        Ok(self.map("polygamma", value, move |grad| grad.mul(&x.polygamma(n + 1)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::lgamma, &[(1.0, 0.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::lgamma, &[0.5, 3.2, -1.3]);
        check_derivatives(Var::digamma, &[0.5, 3.2, -1.3]);
    }
}
