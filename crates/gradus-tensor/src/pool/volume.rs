//! Pooling along one dimension after the other: volumes, and windows with holes or cut ends.

use crate::conv::window::extents;
use crate::pool::options::require_no_divisor;
use crate::{Pool3dOptions, PoolDivisor, Result, Taps, Tensor, WindowAxis};

const INPUT: &str = "[batch, channels, depth, height, width]";

impl Tensor {
    /// The largest element of each window of a volume; NaN wins.
    ///
    /// # Shapes
    /// `[B, C, D, H, W]` → `[B, C, OD, OH, OW]` with
    /// `OD = (D + 2·padding − dilation·(kernel − 1) − 1) / stride + 1`
    ///
    /// # Errors
    /// As [`Tensor::max_pool2d`], unless the rank is 5.
    pub fn max_pool3d(&self, options: Pool3dOptions) -> Result<Self> {
        Ok(self.max_pool3d_with_indices(options)?.0)
    }

    /// The largest element of each window, and where it is in its `D · H · W` volume (`i64`); the
    /// first on ties.
    ///
    /// # Errors
    /// As [`Tensor::max_pool3d`].
    pub fn max_pool3d_with_indices(&self, options: Pool3dOptions) -> Result<(Self, Self)> {
        let op = "max_pool3d";
        let [_, _, _, _, _]: [usize; 5] = extents(op, self.shape(), INPUT)?;
        require_no_divisor(op, options.divisor)?;
        largest(op, self, &options.axes(op)?)
    }

    /// The mean of each window of a volume; [`Pool3dOptions::divisor`] says whether the zeros of
    /// the padding count.
    ///
    /// # Shapes
    /// As [`Tensor::max_pool3d`].
    ///
    /// # Errors
    /// As [`Tensor::max_pool3d`].
    pub fn avg_pool3d(&self, options: Pool3dOptions) -> Result<Self> {
        let op = "avg_pool3d";
        let [_, _, _, _, _]: [usize; 5] = extents(op, self.shape(), INPUT)?;
        let taps = means(op, &self.dims()[2..], &options.axes(op)?, options.divisor)?;
        taps.iter().enumerate().rev().try_fold(self.clone(), |x, (i, taps)| x.resample(2 + i, taps))
    }
}

/// The taps of a mean, for each dimension after the channels.
pub(super) fn means(
    op: &'static str,
    sizes: &[usize],
    axes: &[WindowAxis],
    divisor: PoolDivisor,
) -> Result<Vec<Taps>> {
    let mean = |(&size, &axis): (&usize, &WindowAxis)| Taps::means(op, size, axis, divisor);
    sizes.iter().zip(axes).map(mean).collect()
}

/// The largest of each window over the dimensions after the channels, and its place in the plane or
/// volume. The last dimension goes first, so that the first in row-major order wins a tie.
pub(super) fn largest(
    op: &'static str,
    x: &Tensor,
    axes: &[WindowAxis],
) -> Result<(Tensor, Tensor)> {
    let mut values = x.clone();
    let mut places: Option<Tensor> = None;
    let mut stride = 1;
    for (i, &axis) in axes.iter().enumerate().rev() {
        let (dim, size) = (2 + i, x.dims()[2 + i]);
        let ids = values.argmax_taps_as(op, dim, &Taps::windows(op, size, axis)?)?;
        values = values.gather(dim, &ids)?;
        let along = ids.mul_scalar(stride as f64)?;
        places = Some(match places {
            Some(places) => places.gather(dim, &ids)?.add(&along)?,
            None => along,
        });
        stride *= size;
    }
    let places = places.map_or_else(|| Tensor::zeros(x.shape(), crate::DType::I64), Ok)?;
    Ok((values, places))
}
