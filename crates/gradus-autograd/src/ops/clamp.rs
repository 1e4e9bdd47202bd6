//! `clamp`.

use crate::{Result, Var};

impl Var {
    /// min(max(x, low), high).
    ///
    /// The derivative is 1 inside the bounds and on them, else 0. (PyTorch 2.15 has 0 on them, earlier
    /// versions 1.)
    ///
    /// # Errors
    /// If the dtype is no number, or `low` is above `high`.
    ///
    /// # PyTorch
    /// `torch.clamp`
    pub fn clamp(&self, low: f64, high: f64) -> Result<Self> {
        let x = self.value().clone();
        Ok(self.map("clamp", x.clamp(low, high)?, move |grad| {
            let outside = x.lt_scalar(low)?.logical_or(&x.gt_scalar(high)?)?;
            grad.masked_fill(&outside, 0.0)
        }))
    }

    /// min(max(x, low), high) with bounds for each element and broadcasting; where `low` is above
    /// `high`, it is `high`. A bound may be left out.
    ///
    /// The gradient goes to what the result is taken from, and is shared on ties.
    ///
    /// # Errors
    /// As [`Var::maximum`].
    pub fn clamp_with(&self, low: Option<&Self>, high: Option<&Self>) -> Result<Self> {
        let x = low.map_or_else(|| Ok(self.clone()), |low| self.maximum(low))?;
        high.map_or_else(|| Ok(x.clone()), |high| x.minimum(high))
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::testing::{check_derivatives, check_op, check_values, slope};

    fn clamp(x: &Var) -> Result<Var> {
        x.clamp(-1.0, 2.0)
    }

    #[test]
    fn values_are_known() {
        check_values(clamp, &[(-3.0, -1.0), (0.5, 0.5), (3.0, 2.0)]);
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_derivatives(clamp, &[-3.0, 0.5, 3.0]);
    }

    #[test]
    fn bounds_may_be_variables() {
        let inputs = [
            Tensor::from([[-3.0f64], [0.4], [5.0]]),
            Tensor::from([-1.0f64, 0.0]),
            Tensor::from([2.0f64]),
        ];
        check_op(|x| x[0].clamp_with(Some(&x[1]), Some(&x[2])), &inputs);
        check_op(|x| x[0].clamp_with(None, Some(&x[1])), &inputs[..2]);
        check_op(|x| x[0].clamp_with(Some(&x[1]), None), &inputs[..2]);
    }

    #[test]
    fn bounds_belong_to_the_inside() {
        assert_eq!((slope(clamp, -1.0), slope(clamp, 2.0)), (1.0, 1.0));
    }
}
