//! `gelu` and its tanh form.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use gradus_core::UnaryOp;

use crate::{Result, Var};

/// √(2/π)
const SQRT_2_OVER_PI: f64 = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
const CUBIC: f64 = 0.044715;

impl Var {
    /// The Gaussian error linear unit, x · Φ(x), with Φ the normal distribution function.
    ///
    /// The derivative is Φ(x) + x · φ(x).
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # Reference
    /// Hendrycks & Gimpel 2016, "Gaussian Error Linear Units (GELUs)".
    ///
    /// # PyTorch
    /// `torch.nn.functional.gelu`
    pub fn gelu(&self) -> Result<Self> {
        let x = self.clone();
        Ok(self.map("gelu", self.value().gelu()?, move |grad| {
            x.unary_grad(UnaryOp::Gelu, grad, || gelu_grad(&x, grad))
        }))
    }

    /// `gelu` with Φ replaced by a tanh: x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), as in GPT-2.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.nn.functional.gelu(approximate="tanh")`
    pub fn gelu_tanh(&self) -> Result<Self> {
        let x = self.clone();
        Ok(self.map("gelu_tanh", self.value().gelu_tanh()?, move |grad| {
            x.unary_grad(UnaryOp::GeluTanh, grad, || gelu_tanh_grad(&x, grad))
        }))
    }
}

/// grad · (Φ(x) + x φ(x))
fn gelu_grad(x: &Var, grad: &Var) -> Result<Var> {
    let cdf = x.mul_scalar(FRAC_1_SQRT_2)?.erf()?.add_scalar(1.0)?.mul_scalar(0.5)?;
    let bell = x.square()?.mul_scalar(-0.5)?.exp()?;
    let pdf = bell.mul_scalar(0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2)?;
    grad.mul(&cdf.add(&x.mul(&pdf)?)?)
}

/// The derivative of the form with tanh.
fn gelu_tanh_grad(x: &Var, grad: &Var) -> Result<Var> {
    let x2 = x.square()?;
    let inner = x.mul(&x2.mul_scalar(CUBIC)?.add_scalar(1.0)?)?.mul_scalar(SQRT_2_OVER_PI)?;
    let dinner = x2.mul_scalar(3.0 * CUBIC)?.add_scalar(1.0)?.mul_scalar(SQRT_2_OVER_PI)?;
    let tanh = inner.tanh()?;
    let dtanh = tanh.square()?.neg()?.add_scalar(1.0)?.mul(&dinner)?;
    grad.mul(&tanh.add_scalar(1.0)?.add(&x.mul(&dtanh)?)?.mul_scalar(0.5)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    #[test]
    fn values_are_known() {
        check_values(Var::gelu, &[(0.0, 0.0), (1.0, 0.8413447460685429), (-40.0, 0.0)]);
        check_values(Var::gelu_tanh, &[(0.0, 0.0), (1.0, 0.8411919906082768), (-40.0, 0.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(Var::gelu, &[0.5, -2.0, 0.0]);
        check_derivatives(Var::gelu_tanh, &[0.5, -2.0, 0.0]);
    }
}
