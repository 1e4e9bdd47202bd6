//! `pow`.

use crate::{Result, Var};

impl Var {
    /// aᵇ, with broadcasting; NaN for a negative base unless the exponent is an integer.
    ///
    /// The derivatives are b aᵇ⁻¹, which is 0 for b = 0, and aᵇ ln a, which is 0 for a = 0 and
    /// b ≥ 0. A negative base has no derivative by the exponent: it is NaN, and is worked out
    /// only if the exponent wants a gradient.
    ///
    /// # Errors
    /// If the dtypes differ or the shapes cannot be broadcast together.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.pow`
    pub fn pow(&self, other: &Self) -> Result<Self> {
        let value = self.value().pow(other.value())?;
        let (for_a, for_b) = (self.wanted_shape(), other.wanted_shape());
        let (a, b) = (self.clone(), other.clone());
        Ok(Self::from_op("pow", &[self, other], value, move |grad, y| {
            let da = || grad.mul(&by_base(&a.expand(y.shape())?, &b)?);
            let db = || grad.mul(&by_exponent(&a.expand(y.shape())?, &b, y)?);
            Ok(vec![
                for_a.as_ref().map(|shape| da()?.sum_to(shape)).transpose()?,
                for_b.as_ref().map(|shape| db()?.sum_to(shape)).transpose()?,
            ])
        }))
    }
}

/// b aᵇ⁻¹. Where b = 0 the base is replaced by 1, so that 0 · ∞ cannot arise at any order.
fn by_base(a: &Var, b: &Var) -> Result<Var> {
    let a = a.masked_fill(&b.value().eq_scalar(0.0)?, 1.0)?;
    b.mul(&a.pow(&b.sub_scalar(1.0)?)?)
}

/// aᵇ ln a. Where a = 0 and b ≥ 0 the base is replaced by 1, whose logarithm is 0.
fn by_exponent(a: &Var, b: &Var, y: &Var) -> Result<Var> {
    let flat = a.value().eq_scalar(0.0)?.logical_and(&b.value().ge_scalar(0.0)?)?;
    y.mul(&a.masked_fill(&flat, 1.0)?.log()?)
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let base = normal([2, 1, 3], 1).square().unwrap().add_scalar(0.5).unwrap();
        check_op(|x| x[0].pow(&x[1]), &[base.clone(), normal([4, 1], 2)]);
        check_op(|x| x[0].pow(&x[0]), &[base]);
    }

    #[test]
    fn a_negative_base_has_a_derivative_if_the_exponent_is_constant() {
        let b = Var::constant(Tensor::from([2.0f64, 3.0, 0.0]));
        check_op(|x| x[0].pow(&b), &[Tensor::from([-1.5f64, -2.0, -1.0])]);
    }

    #[test]
    fn zero_to_a_power_has_no_nan() {
        let a = Var::leaf(Tensor::from([0.0f64, 0.0, 0.0]));
        let b = Var::leaf(Tensor::from([0.0f64, 1.0, 2.0]));
        let y = a.pow(&b).unwrap();
        let grads = y.sum(..).unwrap().backward().unwrap();
        assert_eq!(elements(&y), [1.0, 0.0, 0.0]);
        assert_eq!(grads.get(&a).unwrap().to_vec::<f64>().unwrap(), [0.0, 1.0, 0.0]);
        assert_eq!(grads.get(&b).unwrap().to_vec::<f64>().unwrap(), [0.0, 0.0, 0.0]);
    }
}
