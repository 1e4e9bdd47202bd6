//! `windows`, `unfold` and `fold`: sliding windows.

use gradus_core::Dim;
use gradus_tensor::ConvOptions;

use crate::{Result, Var};

impl Var {
    /// The windows of `size` neighbours of `dim`, `step` apart, as a new last dimension.
    ///
    /// The gradient is the sum over the windows that an element is in.
    ///
    /// # Errors
    /// If the dimension is out of range or shorter than a window, or the step is 0.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.Tensor.unfold`
    pub fn windows(&self, dim: impl Into<Dim>, size: usize, step: usize) -> Result<Self> {
        let dim = dim.into().resolve("windows", self.rank())?;
        self.rearranged("windows", move |x| x.windows(dim, size, step))
    }

    /// The windows of a convolution as columns, as `Tensor::unfold`.
    ///
    /// The gradient is [`Var::fold`].
    ///
    /// # Errors
    /// Unless the shape is `[B, C, H, W]`, a window fits, and there are no groups.
    ///
    /// # Dtypes
    /// any
    ///
    /// # PyTorch
    /// `torch.nn.functional.unfold`
    pub fn unfold(&self, kernel: [usize; 2], options: ConvOptions) -> Result<Self> {
        let value = self.value().unfold(kernel, options)?;
        let size = [self.dims()[2], self.dims()[3]];
        Ok(self.map("unfold", value, move |grad| grad.fold(size, kernel, options)))
    }

    /// Columns added up where the windows of a convolution took them from, as `Tensor::fold`.
    ///
    /// The gradient is [`Var::unfold`].
    ///
    /// # Errors
    /// Unless the shape is that of the windows of an image of `size`.
    ///
    /// # Dtypes
    /// numbers
    ///
    /// # PyTorch
    /// `torch.nn.functional.fold`
    pub fn fold(&self, size: [usize; 2], kernel: [usize; 2], options: ConvOptions) -> Result<Self> {
        let value = self.value().fold(size, kernel, options)?;
        Ok(self.map("fold", value, move |grad| grad.unfold(kernel, options)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].windows(1, 2, 1), &[normal([2, 4], 1)]);
        let options = ConvOptions { stride: [2, 1], padding: [1, 0], dilation: [1, 2], groups: 1 };
        check_op(|x| x[0].unfold([2, 2], options), &[normal([1, 2, 3, 4], 1)]);
        check_op(|x| x[0].fold([3, 4], [2, 2], options), &[normal([1, 8, 4], 1)]);
    }
}
