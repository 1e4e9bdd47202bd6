//! `floor`, `ceil`, `round`, `trunc`, `frac` and `sign`: steps, whose gradient is zero.

use gradus_tensor::Tensor;

use crate::{Result, Var};

impl Var {
    /// The largest integer ≤ x. The gradient is zero, also at the steps.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.floor`
    pub fn floor(&self) -> Result<Self> {
        Ok(self.flat("floor", self.value().floor()?))
    }

    /// The smallest integer ≥ x. The gradient is zero, also at the steps.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.ceil`
    pub fn ceil(&self) -> Result<Self> {
        Ok(self.flat("ceil", self.value().ceil()?))
    }

    /// The nearest integer, halves to even. The gradient is zero, also at the steps.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.round`
    pub fn round(&self) -> Result<Self> {
        Ok(self.flat("round", self.value().round()?))
    }

    /// x without its fraction. The gradient is zero, also at the steps.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.trunc`
    pub fn trunc(&self) -> Result<Self> {
        Ok(self.flat("trunc", self.value().trunc()?))
    }

    /// The fraction of x, which has its sign. The derivative is 1, also at the steps.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.frac`
    pub fn frac(&self) -> Result<Self> {
        Ok(self.map("frac", self.value().frac()?, |grad| Ok(grad.clone())))
    }

    /// −1, 0 or 1. The gradient is zero, also at 0.
    ///
    /// # Errors
    /// If the dtype has no sign.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.sign`
    pub fn sign(&self) -> Result<Self> {
        Ok(self.flat("sign", self.value().sign()?))
    }

    fn flat(&self, name: &'static str, value: Tensor) -> Self {
        self.map(name, value, |grad| Ok(grad.zeros_like()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values, slope};

    #[test]
    fn values_are_known() {
        check_values(Var::floor, &[(-0.5, -1.0), (2.0, 2.0)]);
        check_values(Var::ceil, &[(-0.5, 0.0), (2.5, 3.0)]);
        check_values(Var::round, &[(0.5, 0.0), (1.5, 2.0), (-0.6, -1.0)]);
        check_values(Var::sign, &[(-0.5, -1.0), (0.0, 0.0), (2.5, 1.0)]);
    }

    #[test]
    fn steps_are_flat() {
        for f in [Var::floor, Var::ceil, Var::round, Var::sign] {
            check_derivatives(f, &[0.3, -1.7]);
            assert_eq!(slope(f, 0.0), 0.0);
        }
    }
}
