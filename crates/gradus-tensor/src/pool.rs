//! Pooling over windows of images.

use gradus_core::Shape;
use gradus_cpu::memory::take;
use gradus_cpu::pooling::{self as kernel, Divisor, Pool2d};

use crate::conv::window::{extents, invalid, require_output, window};
use crate::dtypes::{float, require};
use crate::error::from_kernel;
use crate::tensor::checked_len;
use crate::{DType, Result, Tensor};

const INPUT: &str = "[batch, channels, height, width]";

/// How a pooling window moves: numbers are `[height, width]`.
///
/// # Examples
/// ```
/// use gradus_tensor::PoolOptions;
/// assert_eq!(PoolOptions::new(2).stride, [2, 2]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolOptions {
    /// Extents of the window, at least 1.
    pub kernel: [usize; 2],
    /// Distance between neighbouring windows, at least 1.
    pub stride: [usize; 2],
    /// Border at both ends, at most half the kernel: zeros for the mean, nothing for the maximum.
    pub padding: [usize; 2],
}

impl PoolOptions {
    /// Square windows side by side.
    pub const fn new(kernel: usize) -> Self {
        Self { kernel: [kernel, kernel], stride: [kernel, kernel], padding: [0, 0] }
    }
}

/// How a pooling window moves along a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool1dOptions {
    /// Length of the window, at least 1.
    pub kernel: usize,
    /// Distance between neighbouring windows, at least 1.
    pub stride: usize,
    /// Border at both ends, at most half the kernel: zeros for the mean, nothing for the maximum.
    pub padding: usize,
}

impl Pool1dOptions {
    /// Windows side by side.
    pub const fn new(kernel: usize) -> Self {
        Self { kernel, stride: kernel, padding: 0 }
    }
}

impl From<Pool1dOptions> for PoolOptions {
    /// The same along the width of an image of height 1.
    fn from(options: Pool1dOptions) -> Self {
        Self {
            kernel: [1, options.kernel],
            stride: [1, options.stride],
            padding: [0, options.padding],
        }
    }
}

impl Tensor {
    /// The largest element of each window; NaN wins.
    ///
    /// # Shapes
    /// `[B, C, H, W]` → `[B, C, OH, OW]` with `OH = (H + 2·padding − kernel) / stride + 1`
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] unless the rank is 4,
    /// [`gradus_core::Error::InvalidArgument`] for options that give no window,
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{PoolOptions, Tensor};
    /// let x = Tensor::new([[[[1.0, 2.0], [3.0, 4.0]]]]);
    /// assert_eq!(x.max_pool2d(PoolOptions::new(2))?.item()?, 4.0);
    /// assert_eq!(x.avg_pool2d(PoolOptions::new(2))?.item()?, 2.5);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn max_pool2d(&self, options: PoolOptions) -> Result<Self> {
        Ok(self.max_pool2d_with_indices(options)?.0)
    }

    /// The largest element of each window, and where it is in its `H · W` plane (`i64`); the first
    /// on ties.
    ///
    /// # Errors
    /// As [`Tensor::max_pool2d`].
    pub fn max_pool2d_with_indices(&self, options: PoolOptions) -> Result<(Self, Self)> {
        let op = "max_pool2d";
        let plan = Plan::new(op, self.shape(), options)?;
        let len = checked_len(op, &plan.output, self.dtype())?;
        let mut places = take(len);
        let values = float!(op, self.dtype(), T => {
            let mut values = take(len);
            kernel::max_pool2d::<T>(&plan.pool, &self.elements(), &mut values, &mut places);
            Self::from_data(values, &plan.output)
        });
        Ok((values, Self::from_data(places, plan.output)))
    }

    /// The gradient of [`Tensor::max_pool2d`] with respect to its input, from that of its output
    /// (`self`) and the places that [`Tensor::max_pool2d_with_indices`] found: each gradient is
    /// added at its place.
    ///
    /// # Shapes
    /// `[B, C, OH, OW]` and as many places → `input_shape` = `[B, C, H, W]`
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`], [`gradus_core::Error::ShapeMismatch`] if the places
    /// are not as many, [`gradus_core::Error::IndexOutOfRange`] if one is beyond its plane,
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float or that of the places not
    /// i64.
    pub fn max_pool2d_grad(&self, places: &Self, input_shape: impl Into<Shape>) -> Result<Self> {
        let op = "max_pool2d_grad";
        let input_shape = input_shape.into();
        let [batch, channels, height, width] = extents(op, &input_shape, INPUT)?;
        require(op, DType::I64, places.dtype())?;
        let [b, c, _, _] = extents(op, self.shape(), INPUT)?;
        if places.shape() != self.shape() || [b, c] != [batch, channels] {
            let (lhs, rhs) = (self.shape().clone(), places.shape().clone());
            return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
        }
        let len = checked_len(op, &input_shape, self.dtype())?;
        float!(op, self.dtype(), T => {
            let mut dx = take(len);
            let (dy, at) = (self.elements::<T>(), places.elements::<i64>());
            kernel::max_pool2d_grad(batch * channels, &dy, &at, &mut dx)
                .map_err(|fault| from_kernel(op, fault, height * width))?;
            Ok(Self::from_data(dx, input_shape))
        })
    }

    /// The mean of each window, the zeros of the padding included.
    ///
    /// # Shapes
    /// As [`Tensor::max_pool2d`].
    ///
    /// # Errors
    /// As [`Tensor::max_pool2d`].
    pub fn avg_pool2d(&self, options: PoolOptions) -> Result<Self> {
        let op = "avg_pool2d";
        let plan = Plan::new(op, self.shape(), options)?;
        let len = checked_len(op, &plan.output, self.dtype())?;
        Ok(float!(op, self.dtype(), T => {
            let mut out = take(len);
            kernel::avg_pool2d::<T>(&plan.pool, Divisor::Taps, &self.elements(), &mut out);
            Self::from_data(out, plan.output)
        }))
    }

    /// The gradient of [`Tensor::avg_pool2d`] with respect to its input, from that of its output
    /// (`self`).
    ///
    /// # Errors
    /// As [`Tensor::avg_pool2d`], and [`gradus_core::Error::UnexpectedShape`] if `self` has not the
    /// shape of the output.
    pub fn avg_pool2d_grad(
        &self,
        input_shape: impl Into<Shape>,
        options: PoolOptions,
    ) -> Result<Self> {
        let op = "avg_pool2d_grad";
        let input_shape = input_shape.into();
        let plan = Plan::new(op, &input_shape, options)?;
        require_output(op, self, &plan.output)?;
        let len = checked_len(op, &input_shape, self.dtype())?;
        Ok(float!(op, self.dtype(), T => {
            let mut dx = take(len);
            kernel::avg_pool2d_grad::<T>(&plan.pool, Divisor::Taps, &self.elements(), &mut dx);
            Self::from_data(dx, input_shape)
        }))
    }
}

impl Tensor {
    /// The largest element of each window of a sequence; NaN wins.
    ///
    /// # Shapes
    /// `[B, C, T]` → `[B, C, OT]` with `OT = (T + 2·padding − kernel) / stride + 1`
    ///
    /// # Errors
    /// As [`Tensor::max_pool2d`], unless the rank is 3.
    pub fn max_pool1d(&self, options: Pool1dOptions) -> Result<Self> {
        let [_, _, _] = extents("max_pool1d", self.shape(), "[batch, channels, time]")?;
        self.unsqueeze(2)?.max_pool2d(options.into())?.squeeze(2)
    }

    /// The mean of each window of a sequence, the zeros of the padding included.
    ///
    /// # Shapes
    /// As [`Tensor::max_pool1d`].
    ///
    /// # Errors
    /// As [`Tensor::max_pool1d`].
    pub fn avg_pool1d(&self, options: Pool1dOptions) -> Result<Self> {
        let [_, _, _] = extents("avg_pool1d", self.shape(), "[batch, channels, time]")?;
        self.unsqueeze(2)?.avg_pool2d(options.into())?.squeeze(2)
    }
}

/// A pooling with checked shapes.
struct Plan {
    pool: Pool2d,
    /// `[B, C, OH, OW]`
    output: Shape,
}

impl Plan {
    fn new(op: &'static str, input: &Shape, options: PoolOptions) -> Result<Self> {
        let [batch, channels, height, width] = extents(op, input, INPUT)?;
        let PoolOptions { kernel, stride, padding } = options;
        if (0..2).any(|i| padding[i] > kernel[i] / 2) {
            let got = format!("{padding:?} for kernel {kernel:?}");
            return Err(invalid(op, "padding", "at most half the kernel", got));
        }
        let size = [height, width];
        let window = window(op, size, kernel, stride, padding, [1, 1])?;
        let [oh, ow] = window.out;
        let pool = Pool2d { planes: batch * channels, size, window: window.window };
        Ok(Self { pool, output: [batch, channels, oh, ow].into() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{Recipe, assert_close, at, cases, indices, of_shape, read};

    fn images() -> impl Strategy<Value = (Recipe, PoolOptions)> {
        let shape =
            (0..3usize, 0..3usize, 1..7usize, 1..7usize).prop_map(|(b, c, h, w)| vec![b, c, h, w]);
        let pair = |low: usize| [low..4usize, low..4usize];
        (of_shape(shape), pair(1), pair(1), [0..2usize, 0..2usize]).prop_filter_map(
            "the window must fit",
            |(recipe, kernel, stride, pad)| {
                let padding = [pad[0].min(kernel[0] / 2), pad[1].min(kernel[1] / 2)];
                let fits = (0..2).all(|i| kernel[i] <= recipe.shape[2 + i] + 2 * padding[i]);
                fits.then_some((recipe, PoolOptions { kernel, stride, padding }))
            },
        )
    }

    /// Rows and columns.
    type Places = [[usize; 2]];

    /// The places of a window in the plane.
    fn places(x: &Tensor, o: PoolOptions, y: usize, z: usize) -> Vec<[usize; 2]> {
        let rows = (0..o.kernel[0]).map(|p| (y * o.stride[0] + p).wrapping_sub(o.padding[0]));
        let all = rows.flat_map(|row| {
            let column = move |q: usize| (z * o.stride[1] + q).wrapping_sub(o.padding[1]);
            (0..o.kernel[1]).map(move |q| [row, column(q)])
        });
        all.filter(|[row, column]| *row < x.dims()[2] && *column < x.dims()[3]).collect()
    }

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn windows_follow_the_definitions((recipe, options) in images()) {
            for dtype in [DType::F32, DType::F64, DType::BF16] {
                let x = recipe.make(dtype);
                let (max, at_max) = x.max_pool2d_with_indices(options).unwrap();
                let of = |f: &dyn Fn(&Vec<usize>, &Places) -> f64| -> Vec<f64> {
                    let one = |i: &Vec<usize>| f(i, &places(&x, options, i[2], i[3]));
                    indices(max.dims()).iter().map(one).collect()
                };
                let value = |i: &Vec<usize>, p: &[usize; 2]| at(&x, &[i[0], i[1], p[0], p[1]]);
                let largest = of(&|i, places| places.iter().map(|p| value(i, p)).fold(f64::NEG_INFINITY, f64::max));
                assert_close(&max, max.dims(), &largest);
                let first = of(&|i, places| {
                    let best = places.iter().map(|p| value(i, p)).fold(f64::NEG_INFINITY, f64::max);
                    let p = places.iter().find(|p| value(i, p) == best).unwrap();
                    (p[0] * x.dims()[3] + p[1]) as f64
                });
                assert_close(&at_max, max.dims(), &first);
                let area = (options.kernel[0] * options.kernel[1]) as f64;
                let mean = of(&|i, places| places.iter().map(|p| value(i, p)).sum::<f64>() / area);
                assert_close(&x.avg_pool2d(options).unwrap(), max.dims(), &mean);
            }
        }

        #[test]
        fn the_gradient_of_the_mean_is_its_transpose((recipe, options) in images()) {
            let x = recipe.make(DType::F64);
            let y = x.avg_pool2d(options).unwrap();
            let dy = recipe.with_shape(y.dims()).make(DType::F64);
            let dx = dy.avg_pool2d_grad(x.shape(), options).unwrap();
            // ⟨A x, dy⟩ = ⟨x, Aᵀ dy⟩
            let dot = |a: &Tensor, b: &Tensor| read(&(a * b)).iter().sum::<f64>();
            prop_assert!((dot(&y, &dy) - dot(&x, &dx)).abs() < 1e-9);
        }
    }

    #[test]
    fn faults_are_errors() {
        let x = Tensor::zeros([1, 1, 3, 3], DType::F32).unwrap();
        let message = |r: Result<Tensor>| r.unwrap_err().to_string();
        assert_eq!(
            message(x.max_pool2d(PoolOptions { padding: [2, 2], ..PoolOptions::new(3) })),
            "max_pool2d: padding must be at most half the kernel, got [2, 2] for kernel [3, 3]"
        );
        assert!(x.max_pool2d(PoolOptions::new(4)).is_err());
        assert!(x.avg_pool2d(PoolOptions::new(0)).is_err());
        assert!(x.avg_pool2d(PoolOptions { stride: [0, 1], ..PoolOptions::new(2) }).is_err());
        assert!(x.select(0, 0).unwrap().avg_pool2d(PoolOptions::new(2)).is_err());
        assert!(x.avg_pool2d_grad([1, 1, 3, 3], PoolOptions::new(2)).is_err());
        assert!(Tensor::new([[[[1]]]]).max_pool2d(PoolOptions::new(1)).is_err());
    }

    #[test]
    fn sequences_are_images_of_height_one() {
        let x = Tensor::new([[[1.0, 5.0, 2.0, 4.0, 3.0]]]);
        let options = Pool1dOptions { kernel: 3, stride: 2, padding: 1 };
        assert_eq!(x.max_pool1d(options).unwrap().to_vec::<f32>().unwrap(), [5.0, 5.0, 4.0]);
        let mean = x.avg_pool1d(options).unwrap().to_vec::<f32>().unwrap();
        assert_eq!(mean, [2.0, 11.0 / 3.0, 7.0 / 3.0]);
        assert!(x.select(0, 0).unwrap().max_pool1d(options).is_err());
        assert!(x.avg_pool1d(Pool1dOptions::new(0)).is_err());
    }

    #[test]
    fn the_gradient_of_the_maximum_goes_to_its_place() {
        let grad = Tensor::new([[[[1.0, 2.0]]]]);
        let places = |p: [i64; 2]| Tensor::new([[[p]]]);
        let dx = |p| grad.max_pool2d_grad(&places(p), [1, 1, 2, 2]);
        assert_eq!(read(&dx([3, 0]).unwrap()), [2.0, 0.0, 0.0, 1.0]);
        assert_eq!(read(&dx([1, 1]).unwrap()), [0.0, 3.0, 0.0, 0.0]);
        assert!(dx([0, 4]).is_err() && dx([-2, 0]).is_err());
        assert!(grad.max_pool2d_grad(&places([0, 0]), [1, 2, 2, 2]).is_err());
        assert!(grad.max_pool2d_grad(&grad, [1, 1, 2, 2]).is_err());
    }

    #[test]
    fn nan_wins() {
        let x = Tensor::new([[[[1.0, f32::NAN], [2.0, 3.0]]]]);
        let (value, place) = x.max_pool2d_with_indices(PoolOptions::new(2)).unwrap();
        assert!(value.item().unwrap().is_nan() && place.item().unwrap() == 1.0);
    }
}
