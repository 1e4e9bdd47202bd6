//! Pooling to a given size: `adaptive_avg_pool1d`, `2d`, `3d` and `adaptive_max_pool1d`, `2d`, `3d`.

use gradus_tensor::Taps;

use crate::{Result, Var};

impl Var {
    /// The means of as many windows as `size` says, which cover the input evenly: window `i` goes
    /// from `⌊i · input / size⌋` to `⌈(i + 1) · input / size⌉`.
    ///
    /// # Shapes
    /// `[B, C, T]` → `[B, C, OT]`
    ///
    /// # Errors
    /// If the rank is another or there are windows but no input.
    ///
    /// # PyTorch
    /// `torch.nn.functional.adaptive_avg_pool1d`
    pub fn adaptive_avg_pool1d(&self, size: [usize; 1]) -> Result<Self> {
        adaptive("adaptive_avg_pool1d", self, &size, Self::resample)
    }

    /// The largest elements of as many windows as `size` says, along each dimension as those of
    /// [`Var::adaptive_avg_pool1d`]. The gradient goes to the one that was chosen, the first on
    /// ties.
    ///
    /// # Shapes
    /// `[B, C, T]` → `[B, C, OT]`
    ///
    /// # Errors
    /// If the rank is another or there are windows but no input.
    ///
    /// # PyTorch
    /// `torch.nn.functional.adaptive_max_pool1d`
    pub fn adaptive_max_pool1d(&self, size: [usize; 1]) -> Result<Self> {
        let op = "adaptive_max_pool1d";
        adaptive(op, self, &size, |x, dim, taps| x.largest_tap(op, dim, taps))
    }

    /// The means of as many windows as `size` says, along each dimension as those of
    /// [`Var::adaptive_avg_pool1d`].
    ///
    /// # Shapes
    /// `[B, C, H, W]` → `[B, C, OH, OW]`
    ///
    /// # Errors
    /// If the rank is another or there are windows but no input.
    ///
    /// # PyTorch
    /// `torch.nn.functional.adaptive_avg_pool2d`
    pub fn adaptive_avg_pool2d(&self, size: [usize; 2]) -> Result<Self> {
        adaptive("adaptive_avg_pool2d", self, &size, Self::resample)
    }

    /// The largest elements of as many windows as `size` says, along each dimension as those of
    /// [`Var::adaptive_avg_pool1d`]. The gradient goes to the one that was chosen, the first on
    /// ties.
    ///
    /// # Shapes
    /// `[B, C, H, W]` → `[B, C, OH, OW]`
    ///
    /// # Errors
    /// If the rank is another or there are windows but no input.
    ///
    /// # PyTorch
    /// `torch.nn.functional.adaptive_max_pool2d`
    pub fn adaptive_max_pool2d(&self, size: [usize; 2]) -> Result<Self> {
        let op = "adaptive_max_pool2d";
        adaptive(op, self, &size, |x, dim, taps| x.largest_tap(op, dim, taps))
    }

    /// The means of as many windows as `size` says, along each dimension as those of
    /// [`Var::adaptive_avg_pool1d`].
    ///
    /// # Shapes
    /// `[B, C, D, H, W]` → `[B, C, OD, OH, OW]`
    ///
    /// # Errors
    /// If the rank is another or there are windows but no input.
    ///
    /// # PyTorch
    /// `torch.nn.functional.adaptive_avg_pool3d`
    pub fn adaptive_avg_pool3d(&self, size: [usize; 3]) -> Result<Self> {
        adaptive("adaptive_avg_pool3d", self, &size, Self::resample)
    }

    /// The largest elements of as many windows as `size` says, along each dimension as those of
    /// [`Var::adaptive_avg_pool1d`]. The gradient goes to the one that was chosen, the first on
    /// ties.
    ///
    /// # Shapes
    /// `[B, C, D, H, W]` → `[B, C, OD, OH, OW]`
    ///
    /// # Errors
    /// If the rank is another or there are windows but no input.
    ///
    /// # PyTorch
    /// `torch.nn.functional.adaptive_max_pool3d`
    pub fn adaptive_max_pool3d(&self, size: [usize; 3]) -> Result<Self> {
        let op = "adaptive_max_pool3d";
        adaptive(op, self, &size, |x, dim, taps| x.largest_tap(op, dim, taps))
    }
}

/// One dimension after the other, the last one first.
fn adaptive(
    op: &'static str,
    x: &Var,
    size: &[usize],
    pool: impl Fn(&Var, usize, &Taps) -> Result<Var>,
) -> Result<Var> {
    require_spatial(op, x, size.len())?;
    size.iter().enumerate().rev().try_fold(x.clone(), |x, (i, &size)| {
        pool(&x, 2 + i, &Taps::adaptive(op, x.dims()[2 + i], size)?)
    })
}

/// Fails unless there are a batch, channels and `n` more dimensions.
pub(super) fn require_spatial(op: &'static str, x: &Var, n: usize) -> Result<()> {
    if x.rank() == 2 + n {
        return Ok(());
    }
    let expected = format!("[batch, channels] and {n} more dimensions");
    let got = x.shape().clone();
    Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(|x| x[0].adaptive_avg_pool1d([3]), &[normal([2, 1, 5], 1)]);
        check_op(|x| x[0].adaptive_max_pool1d([3]), &[normal([2, 1, 5], 1)]);
        check_op(|x| x[0].adaptive_avg_pool2d([2, 5]), &[normal([1, 2, 5, 3], 1)]);
        check_op(|x| x[0].adaptive_max_pool2d([2, 5]), &[normal([1, 2, 5, 3], 1)]);
        check_op(|x| x[0].adaptive_avg_pool3d([2, 1, 2]), &[normal([1, 2, 2, 3, 3], 1)]);
        check_op(|x| x[0].adaptive_max_pool3d([2, 1, 2]), &[normal([1, 2, 2, 3, 3], 1)]);
    }

    #[test]
    fn one_window_is_the_mean_or_the_maximum_of_all() {
        let x = Var::from(normal([2, 3, 4, 5], 1));
        let mean = x.adaptive_avg_pool2d([1, 1]).unwrap();
        let whole = x.mean_keepdim([2, 3]).unwrap();
        assert!(mean.value().allclose(whole.value(), 1e-12, 1e-12).unwrap());
        let max = x.adaptive_max_pool2d([1, 1]).unwrap();
        assert_eq!(elements(&max), elements(&x.max([2, 3]).unwrap()));
        assert!(x.adaptive_avg_pool1d([1]).is_err());
        assert!(Var::from(normal([1, 1, 0], 1)).adaptive_max_pool1d([1]).is_err());
    }
}
