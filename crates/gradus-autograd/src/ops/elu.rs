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
    pub fn elu(&self, alpha: f64) -> Result<Self> {
        let x = self.value().clone();
        Ok(self.map_output("elu", x.elu(alpha)?, move |grad, y| {
            let below = grad.mul(&y.add_scalar(alpha)?)?;
            Self::where_cond(&x.gt_scalar(0.0)?, grad, &below)
        }))
    }
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
