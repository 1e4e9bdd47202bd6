//! `max_pool1d` and `avg_pool1d`: pooling of images of height 1.

use gradus_tensor::Pool1dOptions;

use crate::{Result, Var};

impl Var {
    /// The largest element of each window of a sequence; the gradient goes to it.
    ///
    /// # Shapes
    /// `[B, C, T]` → `[B, C, OT]`
    ///
    /// # Errors
    /// If the shape or the options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.max_pool1d`
    pub fn max_pool1d(&self, options: Pool1dOptions) -> Result<Self> {
        self.unsqueeze(2)?.max_pool2d(options.into())?.squeeze(2)
    }

    /// The mean of each window of a sequence; [`Pool1dOptions::divisor`] says whether elements of
    /// the padding count as zeros.
    ///
    /// # Shapes
    /// `[B, C, T]` → `[B, C, OT]`
    ///
    /// # Errors
    /// If the shape or the options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.avg_pool1d`
    pub fn avg_pool1d(&self, options: Pool1dOptions) -> Result<Self> {
        self.unsqueeze(2)?.avg_pool2d(options.into())?.squeeze(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = [normal([2, 2, 6], 1)];
        for options in [
            Pool1dOptions::new(2),
            Pool1dOptions { stride: 1, padding: 1, ..Pool1dOptions::new(3) },
        ] {
            check_op(|x| x[0].max_pool1d(options), &x);
            check_op(|x| x[0].avg_pool1d(options), &x);
        }
    }
}
