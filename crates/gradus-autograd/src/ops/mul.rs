//! `mul`.

use crate::{Result, Var};

impl Var {
    /// a · b, with broadcasting.
    ///
    /// The derivatives are b and a; the gradient of a broadcast operand is summed to its shape.
    /// An operand is saved only if the other one wants a gradient.
    ///
    /// # Errors
    /// If the dtypes differ or the shapes cannot be broadcast together.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.mul`
    pub fn mul(&self, other: &Self) -> Result<Self> {
        let value = self.value().mul(other.value())?;
        let for_a = self.wanted_shape().map(|shape| (shape, other.clone()));
        let for_b = other.wanted_shape().map(|shape| (shape, self.clone()));
        Ok(Self::from_op_of_inputs("mul", &[self, other], value, move |grad| {
            Ok(vec![
                for_a.as_ref().map(|(a, b)| grad.mul(b)?.sum_to(a)).transpose()?,
                for_b.as_ref().map(|(b, a)| grad.mul(a)?.sum_to(b)).transpose()?,
            ])
        }))
    }

    /// x · c for a constant c.
    ///
    /// # Errors
    /// If the dtype is no number.
    pub fn mul_scalar(&self, constant: f64) -> Result<Self> {
        let value = self.value().mul_scalar(constant)?;
        Ok(self.map("mul", value, move |grad| grad.mul_scalar(constant)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_derivatives, check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].mul(&x[1]), &[normal([2, 1, 3], 1), normal([4, 1], 2)]);
        check_op(|x| x[0].mul(&x[0]), &[normal(3, 1)]);
        check_derivatives(|x| x.mul_scalar(2.5), &[0.5, -2.0]);
    }
}
