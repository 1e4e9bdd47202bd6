//! `conv1d`.

use gradus_tensor::{Conv1dOptions, ConvOptions};

use crate::{Result, Var};

impl Var {
    /// The 1-D cross-correlation, plus one number per output channel if there is a bias. Equals
    /// [`Var::conv2d`] on images of height 1.
    ///
    /// # Shapes
    /// `[B, I, T]`, weight `[O, I / groups, K]`, bias `[O]` → `[B, O, OT]` with
    /// OT = ⌊(T + 2 padding − dilation (K − 1) − 1) / stride⌋ + 1
    ///
    /// # Errors
    /// If the shapes, dtypes or options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.conv1d`
    pub fn conv1d(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: Conv1dOptions,
    ) -> Result<Self> {
        let value = self.value().conv1d(weight.value(), bias.map(Self::value), options)?;
        let (x, w) = (self.clone(), weight.clone());
        let wanted = [x.requires_grad(), w.requires_grad()];
        let mut inputs = vec![self, weight];
        inputs.extend(bias);
        let bias = bias.map(Self::requires_grad);
        let options = ConvOptions::from(options);
        Ok(Self::from_op_of_inputs("conv1d", &inputs, value, move |grad| {
            let (image, x, w) = (grad.unsqueeze(2)?, x.unsqueeze(2)?, w.unsqueeze(2)?);
            let dx = || image.conv2d_grad_input(&w, x.shape(), options)?.squeeze(2);
            let dw = || image.conv2d_grad_weight(&x, w.shape(), options)?.squeeze(2);
            let mut grads = vec![wanted[0].then(dx).transpose()?, wanted[1].then(dw).transpose()?];
            if let Some(wanted) = bias {
                grads.push(wanted.then(|| grad.sum([0, 2])).transpose()?);
            }
            Ok(grads)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [normal([2, 2, 6], 1), normal([4, 2, 3], 2)];
        check_op(|x| x[0].conv1d(&x[1], None, Conv1dOptions::default()), &inputs);
        let options = Conv1dOptions { stride: 2, padding: 2, dilation: 2, groups: 2 };
        let inputs = [normal([1, 4, 5], 3), normal([2, 2, 3], 4), normal([2], 5)];
        check_op(|x| x[0].conv1d(&x[1], Some(&x[2]), options), &inputs);
    }
}
