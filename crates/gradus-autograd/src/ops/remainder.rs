//! `remainder`.

use crate::{Result, Var};

impl Var {
    /// a − b·⌊a/b⌋, with broadcasting; the sign is that of b.
    ///
    /// The derivatives are 1 and −⌊a/b⌋, also at the steps.
    ///
    /// # Errors
    /// If the dtypes differ or the shapes cannot be broadcast together.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.remainder`
    pub fn remainder(&self, other: &Self) -> Result<Self> {
        let value = self.value().remainder(other.value())?;
        let (for_a, for_b) = (self.wanted_shape(), other.wanted_shape());
        let (a, b) = (self.value().clone(), other.value().clone());
        Ok(Self::from_op_of_inputs("remainder", &[self, other], value, move |grad| {
            let db = || grad.mul(&a.div(&b)?.floor()?.neg()?.into());
            Ok(vec![
                for_a.as_ref().map(|shape| grad.sum_to(shape)).transpose()?,
                for_b.as_ref().map(|shape| db()?.sum_to(shape)).transpose()?,
            ])
        }))
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::testing::{check_op, check_values};

    #[test]
    fn the_sign_is_that_of_the_divisor() {
        let by = |b: f64| move |x: &Var| x.remainder(&Var::constant(Tensor::scalar(b)));
        check_values(by(3.0), &[(7.0, 1.0), (-7.0, 2.0)]);
        check_values(by(-3.0), &[(7.0, -2.0), (-7.0, -1.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let (a, b) = (Tensor::from([[7.5f64], [-2.3]]), Tensor::from([3.1f64, -0.7]));
        check_op(|x| x[0].remainder(&x[1]), &[a, b]);
    }
}
