//! `atan2`.

use crate::{Result, Var};

impl Var {
    /// The angle of the point (x, y) = (`other`, `self`) in radians, with broadcasting.
    ///
    /// The derivatives are x/(x² + y²) by y and −y/(x² + y²) by x, and 0 at the origin.
    ///
    /// # Errors
    /// If the dtypes differ or the shapes cannot be broadcast together.
    ///
    /// # PyTorch
    /// `torch.atan2`
    pub fn atan2(&self, other: &Self) -> Result<Self> {
        let value = self.value().atan2(other.value())?;
        let (for_y, for_x) = (self.wanted_shape(), other.wanted_shape());
        let (y, x) = (self.clone(), other.clone());
        Ok(Self::from_op_of_inputs("atan2", &[self, other], value, move |grad| {
            let square = x.square()?.add(&y.square()?)?;
            // At the origin 0/1 stands for 0/0, so that no NaN arises at any order.
            let scaled = grad.div(&square.masked_fill(&square.value().eq_scalar(0.0)?, 1.0)?)?;
            Ok(vec![
                for_y.as_ref().map(|shape| scaled.mul(&x)?.sum_to(shape)).transpose()?,
                for_x.as_ref().map(|shape| scaled.mul(&y)?.sum_to(shape)?.neg()).transpose()?,
            ])
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_PI_4, PI};

    use gradus_tensor::Tensor;

    use super::*;
    use crate::testing::{check_op, check_values, normal, slope};

    fn above_one(y: &Var) -> Result<Var> {
        y.atan2(&Var::constant(Tensor::scalar(1.0f64)))
    }

    #[test]
    fn values_are_known() {
        check_values(above_one, &[(0.0, 0.0), (1.0, FRAC_PI_4)]);
        check_values(|y| y.atan2(&Var::constant(Tensor::scalar(-1.0f64))), &[(0.0, PI)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].atan2(&x[1]), &[normal([2, 1, 3], 1), normal([4, 1], 2)]);
    }

    #[test]
    fn the_gradient_at_the_origin_is_zero() {
        assert_eq!(slope(|y| y.atan2(&y.detach()), 0.0), 0.0);
    }
}
