//! `leaky_relu`.

use crate::{Result, Var};

impl Var {
    /// x above zero, `slope · x` elsewhere.
    ///
    /// The derivative is 1 above zero, else `slope`, also at 0.
    ///
    /// # Errors
    /// If the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.nn.functional.leaky_relu`
    pub fn leaky_relu(&self, slope: f64) -> Result<Self> {
        Self::pointwise("leaky_relu", LeakyRelu { slope }, [self])
    }
}

crate::pointwise! {
    struct LeakyRelu { slope: f64 }
    |x| S::constant(0.0).if_less(x, x, x * slope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_derivatives, check_values, slope};

    fn leaky(x: &Var) -> Result<Var> {
        x.leaky_relu(0.1)
    }

    #[test]
    fn values_are_known() {
        check_values(leaky, &[(-3.0, -0.3), (0.0, 0.0), (3.0, 3.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(leaky, &[-3.0, 0.5]);
    }

    #[test]
    fn zero_counts_as_negative() {
        assert_eq!(slope(leaky, 0.0), 0.1);
    }
}
