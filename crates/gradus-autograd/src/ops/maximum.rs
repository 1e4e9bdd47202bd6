//! `maximum` and `minimum` of two operands.

use gradus_tensor::Tensor;

use crate::{Result, Var};

impl Var {
    /// The larger of a and b, with broadcasting; NaN wins.
    ///
    /// The gradient goes to the larger operand, half to each on ties, and to both where one is
    /// NaN, as in PyTorch.
    ///
    /// # Errors
    /// If the dtypes differ or the shapes cannot be broadcast together.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.maximum`
    pub fn maximum(&self, other: &Self) -> Result<Self> {
        let value = self.value().maximum(other.value())?;
        Ok(self.shared("maximum", other, value, Tensor::lt))
    }

    /// The smaller of a and b, with broadcasting; NaN wins.
    ///
    /// The gradient goes to the smaller operand, half to each on ties, and to both where one is
    /// NaN, as in PyTorch.
    ///
    /// # Errors
    /// If the dtypes differ or the shapes cannot be broadcast together.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.minimum`
    pub fn minimum(&self, other: &Self) -> Result<Self> {
        let value = self.value().minimum(other.value())?;
        Ok(self.shared("minimum", other, value, Tensor::gt))
    }

    /// An op whose gradient goes to the operand that does not lose to the other one.
    fn shared(&self, name: &'static str, other: &Self, value: Tensor, loses: Loses) -> Self {
        let (for_a, for_b) = (self.wanted_shape(), other.wanted_shape());
        let (a, b) = (self.value().clone(), other.value().clone());
        Self::from_op_of_inputs(name, &[self, other], value, move |grad| {
            let grad = Self::where_cond(&a.eq(&b)?, &grad.mul_scalar(0.5)?, grad)?;
            let to = |loses: Tensor, shape| grad.masked_fill(&loses, 0.0)?.sum_to(shape);
            Ok(vec![
                for_a.as_ref().map(|shape| to(loses(&a, &b)?, shape)).transpose()?,
                for_b.as_ref().map(|shape| to(loses(&b, &a)?, shape)).transpose()?,
            ])
        })
    }
}

/// Whether the first operand loses to the second.
type Loses = fn(&Tensor, &Tensor) -> gradus_tensor::Result<Tensor>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [normal([2, 1, 3], 1), normal([4, 1], 2)];
        check_op(|x| x[0].maximum(&x[1]), &inputs);
        check_op(|x| x[0].minimum(&x[1]), &inputs);
    }

    #[test]
    fn ties_share_the_gradient() {
        for f in [Var::maximum, Var::minimum] {
            let (a, b) = (Var::leaf(Tensor::scalar(2.0f64)), Var::leaf(Tensor::scalar(2.0f64)));
            let y = f(&a, &b).unwrap();
            assert_eq!(elements(&y), [2.0]);
            let grads = y.backward().unwrap();
            assert_eq!(grads.get(&a).unwrap().item().unwrap(), 0.5);
            assert_eq!(grads.get(&b).unwrap().item().unwrap(), 0.5);
        }
    }
}
