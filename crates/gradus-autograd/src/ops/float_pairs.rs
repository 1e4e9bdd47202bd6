//! `fmod`, `hypot`, `logaddexp`, `xlogy` and `lerp`: functions of two or three floats.

use gradus_tensor::Lerp;

use crate::{Result, Var};

impl Var {
    /// a − b · trunc(a/b), which has the sign of a, with broadcasting.
    ///
    /// The derivatives are 1 and −trunc(a/b), also at the steps.
    ///
    /// # Errors
    /// If the dtypes differ or the shapes cannot be broadcast together; if an integer divisor is 0.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.fmod`
    pub fn fmod(&self, other: &Self) -> Result<Self> {
        let value = self.value().fmod(other.value())?;
        let (for_a, for_b) = (self.wanted_shape(), other.wanted_shape());
        let (a, b) = (self.value().clone(), other.value().clone());
        Ok(Self::from_op_of_inputs("fmod", &[self, other], value, move |grad| {
            let db = || grad.mul(&a.div(&b)?.trunc()?.neg()?.into());
            Ok(vec![
                for_a.as_ref().map(|shape| grad.sum_to(shape)).transpose()?,
                for_b.as_ref().map(|shape| db()?.sum_to(shape)).transpose()?,
            ])
        }))
    }

    /// √(a² + b²) without overflow, with broadcasting.
    ///
    /// The derivatives are a/y and b/y, and 0 at the origin.
    ///
    /// # Errors
    /// If the dtypes differ or are no floats, or the shapes cannot be broadcast together.
    ///
    /// # PyTorch
    /// `torch.hypot`
    pub fn hypot(&self, other: &Self) -> Result<Self> {
        let value = self.value().hypot(other.value())?;
        let (for_a, for_b) = (self.wanted_shape(), other.wanted_shape());
        let (a, b) = (self.clone(), other.clone());
        Ok(Self::from_op("hypot", &[self, other], value, move |grad, y| {
            // At the origin 0/1 stands for 0/0.
            let scaled = grad.div(&y.masked_fill(&y.value().eq_scalar(0.0)?, 1.0)?)?;
            Ok(vec![
                for_a.as_ref().map(|shape| scaled.mul(&a)?.sum_to(shape)).transpose()?,
                for_b.as_ref().map(|shape| scaled.mul(&b)?.sum_to(shape)).transpose()?,
            ])
        }))
    }

    /// ln(eᵃ + eᵇ) without overflow, with broadcasting.
    ///
    /// The derivatives are sigmoid(a − b) and sigmoid(b − a), which is 1/2 where both are the same
    /// infinity.
    ///
    /// # Errors
    /// If the dtypes differ or are no floats, or the shapes cannot be broadcast together.
    ///
    /// # PyTorch
    /// `torch.logaddexp`
    pub fn logaddexp(&self, other: &Self) -> Result<Self> {
        let value = self.value().logaddexp(other.value())?;
        let (for_a, for_b) = (self.wanted_shape(), other.wanted_shape());
        let (a, b) = (self.clone(), other.clone());
        Ok(Self::from_op_of_inputs("logaddexp", &[self, other], value, move |grad| {
            let infinite = a.value().is_finite()?.logical_or(&b.value().is_finite()?)?;
            let same = a.value().eq(b.value())?.logical_and(&infinite.logical_not()?)?;
            let difference = a.sub(&b)?.masked_fill(&same, 0.0)?;
            let da = || grad.mul(&difference.sigmoid()?);
            let db = || grad.mul(&difference.neg()?.sigmoid()?);
            Ok(vec![
                for_a.as_ref().map(|shape| da()?.sum_to(shape)).transpose()?,
                for_b.as_ref().map(|shape| db()?.sum_to(shape)).transpose()?,
            ])
        }))
    }

    /// a · ln b, and 0 where a is 0 and b is a number, with broadcasting.
    ///
    /// The derivatives are ln b, which is taken as 0 where a = 0 and b ≤ 0, and a/b, likewise.
    ///
    /// # Errors
    /// If the dtypes differ or are no floats, or the shapes cannot be broadcast together.
    ///
    /// # PyTorch
    /// `torch.xlogy`
    pub fn xlogy(&self, other: &Self) -> Result<Self> {
        let value = self.value().xlogy(other.value())?;
        let (for_a, for_b) = (self.wanted_shape(), other.wanted_shape());
        let (a, b) = (self.clone(), other.clone());
        Ok(Self::from_op_of_inputs("xlogy", &[self, other], value, move |grad| {
            let flat = a.value().eq_scalar(0.0)?.logical_and(&b.value().le_scalar(0.0)?)?;
            let b = b.masked_fill(&flat, 1.0)?; // whose logarithm is 0
            let da = || grad.mul(&b.log()?);
            let db = || grad.mul(&a.div(&b)?);
            Ok(vec![
                for_a.as_ref().map(|shape| da()?.sum_to(shape)).transpose()?,
                for_b.as_ref().map(|shape| db()?.sum_to(shape)).transpose()?,
            ])
        }))
    }

    /// a + w(b − a), with broadcasting; exact for w = 0 and w = 1.
    ///
    /// The derivatives are 1 − w, w and b − a.
    ///
    /// # Errors
    /// If the dtypes differ or are no floats, or the shapes cannot be broadcast together.
    ///
    /// # PyTorch
    /// `torch.lerp`
    pub fn lerp(&self, end: &Self, weight: &Self) -> Result<Self> {
        Self::pointwise("lerp", Lerp, [self, end, weight])
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::testing::{check_op, normal, slope};

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [normal([2, 1, 3], 1), normal([4, 1], 2)];
        check_op(|x| x[0].hypot(&x[1]), &inputs);
        check_op(|x| x[0].logaddexp(&x[1]), &inputs);
        check_op(|x| x[0].xlogy(&x[1].exp()?), &inputs);
        check_op(|x| x[0].lerp(&x[1], &x[0]), &inputs);
        let (a, b) = (Tensor::from([[7.5f64], [-2.3]]), Tensor::from([3.1f64, -0.7]));
        check_op(|x| x[0].fmod(&x[1]), &[a, b]);
    }

    #[test]
    fn no_nan_arises_where_the_derivative_has_a_limit() {
        let lowest = Var::constant(Tensor::scalar(f64::NEG_INFINITY));
        assert_eq!(slope(|x| x.logaddexp(&lowest), f64::NEG_INFINITY), 0.5);
        assert_eq!(slope(|x| x.logaddexp(&lowest), 2.0), 1.0);
        assert_eq!(slope(|x| x.hypot(&x.detach()), 0.0), 0.0);
        assert_eq!(slope(|x| x.xlogy(&x.detach()), 0.0), 0.0);
    }
}
