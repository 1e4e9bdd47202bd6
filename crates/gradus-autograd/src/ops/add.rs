//! `add`.

use crate::{Result, Var};

impl Var {
    /// a + b, with broadcasting.
    ///
    /// Both derivatives are 1; the gradient of a broadcast operand is summed to its shape.
    ///
    /// # Errors
    /// If the dtypes differ or the shapes cannot be broadcast together.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.add`
    pub fn add(&self, other: &Self) -> Result<Self> {
        let value = self.value().add(other.value())?;
        let (a, b) = (self.wanted_shape(), other.wanted_shape());
        Ok(Self::from_op_of_inputs("add", &[self, other], value, move |grad| {
            Ok(vec![
                a.as_ref().map(|a| grad.sum_to(a)).transpose()?,
                b.as_ref().map(|b| grad.sum_to(b)).transpose()?,
            ])
        }))
    }

    /// x + c for a constant c.
    ///
    /// # Errors
    /// If the dtype is no number.
    pub fn add_scalar(&self, constant: f64) -> Result<Self> {
        Ok(self.map("add", self.value().add_scalar(constant)?, |grad| Ok(grad.clone())))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_derivatives, check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].add(&x[1]), &[normal([2, 1, 3], 1), normal([4, 1], 2)]);
        check_op(|x| x[0].add(&x[0]), &[normal(3, 1)]);
        check_derivatives(|x| x.add_scalar(2.5), &[0.5, -2.0]);
    }
}
