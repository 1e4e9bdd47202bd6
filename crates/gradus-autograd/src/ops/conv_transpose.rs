//! `conv_transpose1d` and `conv_transpose2d`.

use gradus_core::Shape;
use gradus_tensor::{ConvTranspose1dOptions, ConvTransposeOptions};

use crate::{Result, Var};

impl Var {
    /// The 2-D transposed convolution, plus one number per output channel if there is a bias: every
    /// input places the kernel, times its value, into the output.
    ///
    /// # Shapes
    /// `[B, I, H, W]`, weight `[I, O / groups, KH, KW]`, bias `[O]` → `[B, O, OH, OW]` with
    /// OH = (H − 1) stride − 2 padding + dilation (KH − 1) + output padding + 1, and OW likewise
    ///
    /// # Errors
    /// If the shapes, dtypes or options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.conv_transpose2d`
    pub fn conv_transpose2d(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: ConvTransposeOptions,
    ) -> Result<Self> {
        let value =
            self.value().conv_transpose2d(weight.value(), bias.map(Self::value), options)?;
        let for_x = self.requires_grad().then(|| weight.clone());
        let for_w = weight.wanted_shape().map(|shape| (shape, self.clone()));
        let mut inputs = vec![self, weight];
        inputs.extend(bias);
        let bias = bias.map(Self::requires_grad);
        let options = options.conv();
        Ok(Self::from_op_of_inputs("conv_transpose2d", &inputs, value, move |grad| {
            // The transpose of the convolution from output to input: the roles are exchanged.
            let dx = |w: &Self| grad.conv2d(w, None, options);
            let dw = |(shape, x): &(Shape, Self)| x.conv2d_grad_weight(grad, shape, options);
            let mut grads =
                vec![for_x.as_ref().map(dx).transpose()?, for_w.as_ref().map(dw).transpose()?];
            if let Some(wanted) = bias {
                grads.push(wanted.then(|| grad.sum([0, 2, 3])).transpose()?);
            }
            Ok(grads)
        }))
    }

    /// The 1-D transposed convolution, plus one number per output channel if there is a bias.
    /// Equals [`Var::conv_transpose2d`] on images of height 1.
    ///
    /// # Shapes
    /// `[B, I, T]`, weight `[I, O / groups, K]`, bias `[O]` → `[B, O, OT]` with
    /// OT = (T − 1) stride − 2 padding + dilation (K − 1) + output padding + 1
    ///
    /// # Errors
    /// If the shapes, dtypes or options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.conv_transpose1d`
    pub fn conv_transpose1d(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: ConvTranspose1dOptions,
    ) -> Result<Self> {
        let (x, w) = (self.unsqueeze(2)?, weight.unsqueeze(2)?);
        x.conv_transpose2d(&w, bias, options.into())?.squeeze(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [normal([2, 2, 2, 3], 1), normal([2, 2, 3, 2], 2), normal([2], 3)];
        let plain = ConvTransposeOptions::default();
        check_op(|x| x[0].conv_transpose2d(&x[1], Some(&x[2]), plain), &inputs);
        let options = ConvTransposeOptions {
            stride: [2, 3],
            padding: [1, 2],
            output_padding: [1, 2],
            dilation: [2, 1],
            groups: 2,
        };
        check_op(|x| x[0].conv_transpose2d(&x[1], None, options), &inputs[..2]);
    }

    #[test]
    fn derivatives_in_one_dimension_agree_with_differences() {
        let inputs = [normal([2, 2, 3], 1), normal([2, 1, 2], 2), normal([2], 3)];
        let options = ConvTranspose1dOptions { stride: 2, groups: 2, ..Default::default() };
        check_op(|x| x[0].conv_transpose1d(&x[1], Some(&x[2]), options), &inputs);
    }
}
