//! `interpolate`.

use gradus_tensor::{Interpolation, Taps};

use super::adaptive_pool::require_spatial;
use crate::{Result, Var};

impl Var {
    /// Sequences, images or volumes in another size: nearest place, linear (bilinear, trilinear),
    /// cubic (bicubic) or the mean over areas, one dimension after the other.
    ///
    /// The gradient is added up at the places a value came from.
    ///
    /// # Shapes
    /// `[B, C, ...]` → `[B, C, size...]`
    ///
    /// # Errors
    /// If `size` has not one number per dimension after the channels, a number is 0 or there are no
    /// places, or the dtype is no float.
    ///
    /// # PyTorch
    /// `torch.nn.functional.interpolate` with `size`; the modes `nearest`, `nearest-exact`,
    /// `linear`, `bilinear`, `trilinear`, `bicubic` and `area`, without `antialias`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::{Corners, Interpolation, Tensor};
    /// let x = Var::constant(Tensor::from([[[0.0f32, 2.0]]]));
    /// let y = x.interpolate(&[3], Interpolation::Linear(Corners::Aligned))?;
    /// assert_eq!(y.value().to_vec::<f32>()?, [0.0, 1.0, 2.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn interpolate(&self, size: &[usize], mode: Interpolation) -> Result<Self> {
        let op = "interpolate";
        require_spatial(op, self, size.len())?;
        size.iter().enumerate().rev().try_fold(self.clone(), |x, (i, &size)| {
            x.resample(2 + i, &Taps::interpolation(op, x.dims()[2 + i], size, mode)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Corners::{Aligned, Edges};
    use gradus_tensor::Interpolation::{Area, Cubic, Linear, Nearest, NearestExact};

    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let modes = [
            Nearest,
            NearestExact,
            Linear(Aligned),
            Linear(Edges),
            Cubic(Aligned),
            Cubic(Edges),
            Area,
        ];
        for mode in modes {
            check_op(|x| x[0].interpolate(&[5, 2], mode), &[normal([1, 2, 3, 4], 1)]);
            check_op(|x| x[0].interpolate(&[3], mode), &[normal([2, 1, 2], 1)]);
        }
        let x = Var::from(normal([2, 1, 2], 1));
        assert!(x.interpolate(&[3, 3], Nearest).is_err() && x.interpolate(&[0], Nearest).is_err());
    }
}
