//! `elu`.

use crate::{Result, Var};

impl Var {
    /// The exponential linear unit: x above zero, α(eˣ − 1) elsewhere.
    ///
    /// The derivative is 1 above zero, else α eˣ, which is y + α.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # Reference
    /// Clevert, Unterthiner & Hochreiter 2015, "Fast and Accurate Deep Network Learning by
    /// Exponential Linear Units (ELUs)".
    ///
    /// # PyTorch
    /// `torch.nn.functional.elu`
    pub fn elu(&self, alpha: f64) -> Result<Self> {
        Self::pointwise("elu", Elu { alpha }, [self])
    }
}

crate::pointwise! {
    struct Elu { alpha: f64 }
    |x| S::constant(0.0).if_less(x, x, x.min(S::constant(0.0)).expm1() * alpha)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values};

    fn elu(x: &Var) -> Result<Var> {
        x.elu(1.5)
    }

    #[test]
    fn values_are_known() {
        check_values(elu, &[(-1000.0, -1.5), (0.0, 0.0), (3.0, 3.0), (-1.0, -0.9481808382428365)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(elu, &[-3.0, -0.1, 0.5]);
    }
}
