//! `conv2d` and its two gradients, each of which has the other two as derivatives.

use gradus_core::Shape;
use gradus_tensor::ConvOptions;

use crate::{Result, Var};

impl Var {
    /// The 2-D cross-correlation, plus one number per output channel if there is a bias.
    ///
    /// # Shapes
    /// `[B, I, H, W]`, weight `[O, I / groups, KH, KW]`, bias `[O]` → `[B, O, OH, OW]` with
    /// OH = ⌊(H + 2 padding − dilation (KH − 1) − 1) / stride⌋ + 1, and OW likewise
    ///
    /// # Errors
    /// If the shapes, dtypes or options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.conv2d`
    pub fn conv2d(&self, weight: &Self, bias: Option<&Self>, options: ConvOptions) -> Result<Self> {
        let value = self.value().conv2d(weight.value(), bias.map(Self::value), options)?;
        let for_x = self.wanted_shape().map(|shape| (shape, weight.clone()));
        let for_w = weight.wanted_shape().map(|shape| (shape, self.clone()));
        let mut inputs = vec![self, weight];
        inputs.extend(bias);
        let bias = bias.map(Self::requires_grad);
        Ok(Self::from_op_of_inputs("conv2d", &inputs, value, move |grad| {
            let dx = |(shape, w): &(Shape, Self)| grad.conv2d_grad_input(w, shape, options);
            let dw = |(shape, x): &(Shape, Self)| grad.conv2d_grad_weight(x, shape, options);
            let mut grads =
                vec![for_x.as_ref().map(dx).transpose()?, for_w.as_ref().map(dw).transpose()?];
            if let Some(wanted) = bias {
                grads.push(wanted.then(|| grad.sum([0, 2, 3])).transpose()?);
            }
            Ok(grads)
        }))
    }

    /// The gradient of [`Var::conv2d`] by its input: the transposed convolution of `self`, the
    /// gradient of the output.
    ///
    /// # Errors
    /// If the shapes, dtypes or options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.grad.conv2d_input`
    pub fn conv2d_grad_input(
        &self,
        weight: &Self,
        input_shape: impl Into<Shape>,
        options: ConvOptions,
    ) -> Result<Self> {
        let value = self.value().conv2d_grad_input(weight.value(), input_shape, options)?;
        let for_grad = self.requires_grad().then(|| weight.clone());
        let for_w = weight.wanted_shape().map(|shape| (shape, self.clone()));
        let inputs = [self, weight];
        Ok(Self::from_op_of_inputs("conv2d_grad_input", &inputs, value, move |dx| {
            // Linear in both: `dx` takes the place of the input.
            let dgrad = |w: &Self| dx.conv2d(w, None, options);
            let dw = |(shape, grad): &(Shape, Self)| grad.conv2d_grad_weight(dx, shape, options);
            Ok(vec![for_grad.as_ref().map(dgrad).transpose()?, for_w.as_ref().map(dw).transpose()?])
        }))
    }

    /// The gradient of [`Var::conv2d`] by its weight; `self` is the gradient of the output.
    ///
    /// # Errors
    /// If the shapes, dtypes or options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.grad.conv2d_weight`
    pub fn conv2d_grad_weight(
        &self,
        input: &Self,
        weight_shape: impl Into<Shape>,
        options: ConvOptions,
    ) -> Result<Self> {
        let value = self.value().conv2d_grad_weight(input.value(), weight_shape, options)?;
        let for_grad = self.requires_grad().then(|| input.clone());
        let for_x = input.wanted_shape().map(|shape| (shape, self.clone()));
        let inputs = [self, input];
        Ok(Self::from_op_of_inputs("conv2d_grad_weight", &inputs, value, move |dw| {
            // Linear in both: `dw` takes the place of the weight.
            let dgrad = |x: &Self| x.conv2d(dw, None, options);
            let dx = |(shape, grad): &(Shape, Self)| grad.conv2d_grad_input(dw, shape, options);
            Ok(vec![for_grad.as_ref().map(dgrad).transpose()?, for_x.as_ref().map(dx).transpose()?])
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [normal([2, 2, 4, 5], 1), normal([2, 2, 2, 3], 2)];
        check_op(|x| x[0].conv2d(&x[1], None, ConvOptions::default()), &inputs);
        let options = ConvOptions { stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2 };
        let inputs = [normal([1, 4, 5, 4], 3), normal([2, 2, 3, 2], 4), normal([2], 5)];
        check_op(|x| x[0].conv2d(&x[1], Some(&x[2]), options), &inputs);
    }

    #[test]
    fn the_gradients_are_ops_with_gradients() {
        let options = ConvOptions { stride: [2, 1], padding: [1, 0], ..ConvOptions::default() };
        let (x, w) = (normal([1, 2, 4, 3], 1), normal([2, 2, 2, 2], 2));
        let grad = normal(x.conv2d(&w, None, options).unwrap().shape(), 3);
        let (to_x, to_w) = (x.shape().clone(), w.shape().clone());
        check_op(|v| v[0].conv2d_grad_input(&v[1], &to_x, options), &[grad.clone(), w]);
        check_op(|v| v[0].conv2d_grad_weight(&v[1], &to_w, options), &[grad, x]);
    }
}
