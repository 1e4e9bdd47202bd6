//! `max_pool2d` and `avg_pool2d`.

use gradus_core::Shape;
use gradus_tensor::{PoolOptions, Tensor};

use crate::{Result, Var};

impl Var {
    /// The largest element of each window.
    ///
    /// The gradient goes to the one element that was chosen, the first on ties, as in PyTorch.
    ///
    /// # Shapes
    /// `[B, C, H, W]` → `[B, C, OH, OW]`
    ///
    /// # Errors
    /// If the shape or the options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.max_pool2d`
    pub fn max_pool2d(&self, options: PoolOptions) -> Result<Self> {
        if !self.requires_grad() {
            return Ok(Self::constant(self.value().max_pool2d(options)?));
        }
        let (value, places) = self.value().max_pool2d_with_indices(options)?;
        let shape = self.shape().clone();
        Ok(self.map("max_pool2d", value, move |grad| grad.max_pool2d_grad(&places, &shape)))
    }

    /// The gradient of [`Var::max_pool2d`] by its input; `self` is the gradient of the output, and
    /// `places` (i64) says where in its plane each largest element was.
    ///
    /// # Errors
    /// If the shapes do not fit or a place is beyond its plane.
    ///
    /// # PyTorch
    /// `torch.ops.aten.max_pool2d_with_indices_backward`
    pub fn max_pool2d_grad(&self, places: &Tensor, input_shape: impl Into<Shape>) -> Result<Self> {
        let value = self.value().max_pool2d_grad(places, input_shape)?;
        let (places, shape) = (places.clone(), self.shape().clone());
        Ok(self.map("max_pool2d_grad", value, move |dx| {
            let places = places.flatten(2, 3)?; // (B, C, OH · OW), into H · W
            dx.flatten(2, 3)?.gather(2, &places)?.reshape(&shape)
        }))
    }

    /// The mean of each window; [`PoolOptions::divisor`] says whether elements of the padding count
    /// as zeros.
    ///
    /// The gradient is spread evenly over the window.
    ///
    /// # Shapes
    /// `[B, C, H, W]` → `[B, C, OH, OW]`
    ///
    /// # Errors
    /// If the shape or the options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.avg_pool2d`
    pub fn avg_pool2d(&self, options: PoolOptions) -> Result<Self> {
        let value = self.value().avg_pool2d(options)?;
        let shape = self.shape().clone();
        Ok(self.map("avg_pool2d", value, move |grad| grad.avg_pool2d_grad(&shape, options)))
    }

    /// The gradient of [`Var::avg_pool2d`] by its input; `self` is the gradient of the output.
    ///
    /// # Errors
    /// If the shapes or the options do not fit.
    ///
    /// # PyTorch
    /// `torch.ops.aten.avg_pool2d_backward`
    pub fn avg_pool2d_grad(
        &self,
        input_shape: impl Into<Shape>,
        options: PoolOptions,
    ) -> Result<Self> {
        let value = self.value().avg_pool2d_grad(input_shape, options)?;
        Ok(self.map("avg_pool2d_grad", value, move |dx| dx.avg_pool2d(options)))
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Rounding;

    use super::*;
    use crate::testing::{check_op, normal};

    const OVERLAPPING: PoolOptions =
        PoolOptions { kernel: [3, 2], stride: [2, 1], padding: [1, 1], ..PoolOptions::new(1) };

    const CUT: PoolOptions =
        PoolOptions { dilation: [1, 2], rounding: Rounding::Ceil, ..OVERLAPPING };

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 2, 4, 5], 1)];
        for options in [PoolOptions::new(2), OVERLAPPING, CUT] {
            check_op(|x| x[0].max_pool2d(options), &x);
            check_op(|x| x[0].avg_pool2d(options), &x);
        }
    }

    #[test]
    fn the_gradient_of_the_maximum_is_an_op_with_a_gradient() {
        let x = normal([1, 1, 4, 5], 1);
        let (y, places) = x.max_pool2d_with_indices(OVERLAPPING).unwrap();
        let grad = normal(y.shape(), 2);
        check_op(|x| x[0].max_pool2d_grad(&places, [1, 1, 4, 5]), &[grad]);
    }

    #[test]
    fn the_gradient_of_the_mean_is_an_op_with_a_gradient() {
        let shape = normal([1, 1, 4, 5], 1).avg_pool2d(OVERLAPPING).unwrap().shape().clone();
        check_op(|x| x[0].avg_pool2d_grad([1, 1, 4, 5], OVERLAPPING), &[normal(shape, 2)]);
    }
}
