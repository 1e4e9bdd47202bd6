//! `max_pool3d` and `avg_pool3d`.

use gradus_tensor::{Pool3dOptions, Taps};

use crate::{Result, Var};

impl Var {
    /// The largest element of each window of a volume.
    ///
    /// The gradient goes to the one element that was chosen, the first on ties, as in PyTorch.
    ///
    /// # Shapes
    /// `[B, C, D, H, W]` → `[B, C, OD, OH, OW]`
    ///
    /// # Errors
    /// If the shape or the options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.max_pool3d`
    pub fn max_pool3d(&self, options: Pool3dOptions) -> Result<Self> {
        let op = "max_pool3d";
        let value = self.value().max_pool3d(options)?;
        if !self.requires_grad() {
            return Ok(Self::constant(value));
        }
        // Checked above. The last dimension goes first: ties go to the first in row-major order.
        let axes = options.axes(op)?;
        axes.iter().enumerate().rev().try_fold(self.clone(), |x, (i, &axis)| {
            x.largest_tap(op, 2 + i, &Taps::windows(op, self.dims()[2 + i], axis)?)
        })
    }

    /// The mean of each window of a volume; [`Pool3dOptions::divisor`] says whether elements of the
    /// padding count as zeros.
    ///
    /// The gradient is spread evenly over the window.
    ///
    /// # Shapes
    /// `[B, C, D, H, W]` → `[B, C, OD, OH, OW]`
    ///
    /// # Errors
    /// If the shape or the options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.avg_pool3d`
    pub fn avg_pool3d(&self, options: Pool3dOptions) -> Result<Self> {
        let op = "avg_pool3d";
        if self.rank() != 5 {
            return Ok(Self::constant(self.value().avg_pool3d(options)?)); // which is the error
        }
        let axes = options.axes(op)?;
        axes.iter().enumerate().rev().try_fold(self.clone(), |x, (i, &axis)| {
            x.resample(2 + i, &Taps::means(op, self.dims()[2 + i], axis, options.divisor)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Rounding;

    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let cut = Pool3dOptions {
            kernel: [2, 3, 2],
            stride: [1, 2, 2],
            padding: [1, 1, 0],
            dilation: [1, 1, 2],
            rounding: Rounding::Ceil,
            ..Pool3dOptions::new(2)
        };
        for options in [Pool3dOptions::new(2), cut] {
            let x = [normal([1, 2, 3, 4, 4], 1)];
            check_op(|x| x[0].max_pool3d(options), &x);
            check_op(|x| x[0].avg_pool3d(options), &x);
            let x = Var::leaf(x[0].clone());
            let (max, mean) = (x.value().max_pool3d(options), x.value().avg_pool3d(options));
            assert!(x.max_pool3d(options).unwrap().value().equal(&max.unwrap()));
            assert!(x.avg_pool3d(options).unwrap().value().equal(&mean.unwrap()));
        }
        let x = Var::leaf(normal([2, 2], 1));
        assert!(x.avg_pool3d(cut).is_err() && x.max_pool3d(cut).is_err());
    }
}
