//! `div`.

use crate::{Result, Var};

impl Var {
    /// a / b, with broadcasting.
    ///
    /// The derivatives are 1/b and −(a/b)/b; the gradient of a broadcast operand is summed to its
    /// shape.
    ///
    /// # Errors
    /// If the dtypes differ or the shapes cannot be broadcast together.
    ///
    /// # PyTorch
    /// `torch.div`
    pub fn div(&self, other: &Self) -> Result<Self> {
        let value = self.value().div(other.value())?;
        let (for_a, for_b) = (self.wanted_shape(), other.wanted_shape());
        let b = other.clone();
        Ok(Self::from_op("div", &[self, other], value, move |grad, y| {
            let scaled = grad.div(&b)?;
            Ok(vec![
                for_a.as_ref().map(|a| scaled.sum_to(a)).transpose()?,
                for_b.as_ref().map(|b| scaled.mul(y)?.sum_to(b)?.neg()).transpose()?,
            ])
        }))
    }

    /// x / c for a constant c.
    ///
    /// # Errors
    /// If the dtype is no number.
    pub fn div_scalar(&self, constant: f64) -> Result<Self> {
        let value = self.value().div_scalar(constant)?;
        Ok(self.map("div", value, move |grad| grad.div_scalar(constant)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_derivatives, check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let away_from_zero = normal([4, 1], 2).square().unwrap().add_scalar(0.5).unwrap();
        check_op(|x| x[0].div(&x[1]), &[normal([2, 1, 3], 1), away_from_zero.clone()]);
        check_op(|x| x[0].div(&x[0]), &[away_from_zero]);
        check_derivatives(|x| x.div_scalar(2.5), &[0.5, -2.0]);
    }
}
