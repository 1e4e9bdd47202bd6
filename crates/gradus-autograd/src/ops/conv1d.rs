//! `conv1d`.

use gradus_tensor::{Conv1dOptions, ConvOptions};

use crate::{Result, Var};

impl Var {
    /// The 1-D cross-correlation, without a bias. Equals [`Var::conv2d`] on images of height 1.
    ///
    /// # Shapes
    /// `[B, I, T]` and weight `[O, I / groups, K]` → `[B, O, OT]` with
    /// OT = ⌊(T + 2 padding − dilation (K − 1) − 1) / stride⌋ + 1
    ///
    /// # Errors
    /// If the shapes, dtypes or options do not fit.
    pub fn conv1d(&self, weight: &Self, options: Conv1dOptions) -> Result<Self> {
        let value = self.value().conv1d(weight.value(), options)?;
        let (x, w) = (self.clone(), weight.clone());
        let wanted = [x.requires_grad(), w.requires_grad()];
        let Conv1dOptions { stride, padding, dilation, groups } = options;
        let options = ConvOptions {
            stride: [1, stride],
            padding: [0, padding],
            dilation: [1, dilation],
            groups,
        };
        Ok(Self::from_op_of_inputs("conv1d", &[self, weight], value, move |grad| {
            let (grad, x, w) = (grad.unsqueeze(2)?, x.unsqueeze(2)?, w.unsqueeze(2)?);
            let dx = || grad.conv2d_grad_input(&w, x.shape(), options)?.squeeze(2);
            let dw = || grad.conv2d_grad_weight(&x, w.shape(), options)?.squeeze(2);
            Ok(vec![wanted[0].then(dx).transpose()?, wanted[1].then(dw).transpose()?])
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
        check_op(|x| x[0].conv1d(&x[1], Conv1dOptions::default()), &inputs);
        let options = Conv1dOptions { stride: 2, padding: 2, dilation: 2, groups: 2 };
        check_op(|x| x[0].conv1d(&x[1], options), &[normal([1, 4, 5], 3), normal([2, 2, 3], 4)]);
    }
}
