//! Norms of windows: `lp_pool1d`, `2d` and `3d`.
//!
//! | op | dtypes | PyTorch |
//! |---|---|---|
//! | `lp_pool1d` | floats | `torch.nn.functional.lp_pool1d`, whose power of a negative element keeps its sign |
//! | `lp_pool2d` | floats | `torch.nn.functional.lp_pool2d`, whose power of a negative element keeps its sign |
//! | `lp_pool3d` | floats | `torch.nn.functional.lp_pool3d`, whose power of a negative element keeps its sign |

use gradus_tensor::{Pool1dOptions, Pool3dOptions, PoolOptions, Taps, WindowAxis};

use super::adaptive_pool::require_spatial;
use crate::{Result, Var};

impl Var {
    /// (Σ |x|ᵖ)^(1/p) over each window of a sequence.
    ///
    /// The gradient of a window of zeros is zero.
    ///
    /// # Shapes
    /// `[B, C, T]` → `[B, C, OT]`
    ///
    /// # Errors
    /// If the shape or the options do not fit, or p is not above zero.
    pub fn lp_pool1d(&self, p: f64, options: Pool1dOptions) -> Result<Self> {
        let [_, across] = PoolOptions::from(options).axes("lp_pool1d")?;
        lp_pool("lp_pool1d", self, p, &[across])
    }

    /// (Σ |x|ᵖ)^(1/p) over each window of an image.
    ///
    /// The gradient of a window of zeros is zero.
    ///
    /// # Shapes
    /// `[B, C, H, W]` → `[B, C, OH, OW]`
    ///
    /// # Errors
    /// If the shape or the options do not fit, or p is not above zero.
    pub fn lp_pool2d(&self, p: f64, options: PoolOptions) -> Result<Self> {
        lp_pool("lp_pool2d", self, p, &options.axes("lp_pool2d")?)
    }

    /// (Σ |x|ᵖ)^(1/p) over each window of a volume.
    ///
    /// The gradient of a window of zeros is zero.
    ///
    /// # Shapes
    /// `[B, C, D, H, W]` → `[B, C, OD, OH, OW]`
    ///
    /// # Errors
    /// If the shape or the options do not fit, or p is not above zero.
    pub fn lp_pool3d(&self, p: f64, options: Pool3dOptions) -> Result<Self> {
        lp_pool("lp_pool3d", self, p, &options.axes("lp_pool3d")?)
    }
}

fn lp_pool(op: &'static str, x: &Var, p: f64, axes: &[WindowAxis]) -> Result<Var> {
    require_spatial(op, x, axes.len())?;
    if p <= 0.0 || !p.is_finite() {
        let (expected, got) = ("finite and above zero", p.to_string());
        return Err(gradus_core::Error::InvalidArgument { op, name: "p", expected, got }.into());
    }
    let powers = x.abs()?.powf(p)?;
    let sums = axes.iter().enumerate().rev().try_fold(powers, |sums, (i, &axis)| {
        sums.resample(2 + i, &Taps::windows(op, x.dims()[2 + i], axis)?)
    })?;
    // The root has no derivative at zero.
    let zero = sums.value().eq_scalar(0.0)?;
    sums.masked_fill(&zero, 1.0)?.powf(1.0 / p)?.masked_fill(&zero, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let x = normal([1, 2, 4, 5], 1);
        check_op(|x| x[0].lp_pool2d(2.0, PoolOptions::new(2)), &[x]);
        check_op(|x| x[0].lp_pool1d(3.0, Pool1dOptions::new(2)), &[normal([1, 2, 5], 2)]);
        check_op(|x| x[0].lp_pool3d(2.0, Pool3dOptions::new(2)), &[normal([1, 1, 2, 3, 2], 2)]);
    }

    #[test]
    fn a_window_of_zeros_has_a_gradient_of_zeros() {
        let x = Var::leaf(gradus_tensor::Tensor::from([[[0.0f64, 0.0, 3.0, 4.0]]]));
        let y = x.lp_pool1d(2.0, Pool1dOptions::new(2)).unwrap();
        assert_eq!(elements(&y), [0.0, 5.0]);
        let grads = y.sum(..).unwrap().backward().unwrap();
        let dx = grads.get(&x).unwrap().to_vec::<f64>().unwrap();
        assert!(dx.iter().zip([0.0, 0.0, 0.6, 0.8]).all(|(a, b)| (a - b).abs() < 1e-15));
        assert!(x.lp_pool1d(0.0, Pool1dOptions::new(2)).is_err());
    }
}
