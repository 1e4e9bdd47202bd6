//! `sub`.

use crate::{Result, Var};

impl Var {
    /// a − b, with broadcasting.
    ///
    /// The derivatives are 1 and −1; the gradient of a broadcast operand is summed to its shape.
    ///
    /// # Errors
    /// If the dtypes differ or the shapes cannot be broadcast together.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.sub`
    pub fn sub(&self, other: &Self) -> Result<Self> {
        let value = self.value().sub(other.value())?;
        let (a, b) = (self.wanted_shape(), other.wanted_shape());
        Ok(Self::from_op_of_inputs("sub", &[self, other], value, move |grad| {
            Ok(vec![
                a.as_ref().map(|a| grad.sum_to(a)).transpose()?,
                b.as_ref().map(|b| grad.sum_to(b)?.neg()).transpose()?,
            ])
        }))
    }

    /// x − c for a constant c.
    ///
    /// # Errors
    /// If the dtype is no number.
    pub fn sub_scalar(&self, constant: f64) -> Result<Self> {
        Ok(self.map("sub", self.value().sub_scalar(constant)?, |grad| Ok(grad.clone())))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_derivatives, check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].sub(&x[1]), &[normal([2, 1, 3], 1), normal([4, 1], 2)]);
        check_op(|x| x[0].sub(&x[0]), &[normal(3, 1)]);
        check_derivatives(|x| x.sub_scalar(2.5), &[0.5, -2.0]);
    }
}
