//! Pooling over windows of images and sequences.

use gradus_core::Shape;
use gradus_cpu::memory::take;
use gradus_cpu::pooling::{self as kernel, Pool2d};

use crate::conv::window::{extents, invalid, require_output, window};
use crate::dtypes::{float, require};
use crate::error::from_kernel;
use crate::pool::options::require_no_divisor;
use crate::pool::volume::{largest, means};
use crate::tensor::checked_len;
use crate::{DType, Pool1dOptions, PoolOptions, Result, Rounding, Taps, Tensor};

const INPUT: &str = "[batch, channels, height, width]";

impl Tensor {
    /// The largest element of each window; NaN wins.
    ///
    /// # Shapes
    /// `[B, C, H, W]` → `[B, C, OH, OW]` with
    /// `OH = (H + 2·padding − dilation·(kernel − 1) − 1) / stride + 1`, rounded as
    /// [`PoolOptions::rounding`] says
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
        require_no_divisor(op, options.divisor)?;
        if !is_plain(options) {
            let [_, _, _, _]: [usize; 4] = extents(op, self.shape(), INPUT)?;
            return largest(op, self, &options.axes(op)?);
        }
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

    /// The mean of each window; [`PoolOptions::divisor`] says whether the zeros of the padding
    /// count.
    ///
    /// # Shapes
    /// As [`Tensor::max_pool2d`].
    ///
    /// # Errors
    /// As [`Tensor::max_pool2d`].
    pub fn avg_pool2d(&self, options: PoolOptions) -> Result<Self> {
        let op = "avg_pool2d";
        if !is_plain(options) {
            let [down, across] = mean_taps(op, self.shape(), options)?;
            return self.resample(3, &across)?.resample(2, &down);
        }
        let plan = Plan::new(op, self.shape(), options)?;
        let len = checked_len(op, &plan.output, self.dtype())?;
        Ok(float!(op, self.dtype(), T => {
            let mut out = take(len);
            kernel::avg_pool2d::<T>(&plan.pool, options.divisor, &self.elements(), &mut out);
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
        if !is_plain(options) {
            let [down, across] = mean_taps(op, &input_shape, options)?;
            let output = [input_shape[0], input_shape[1], down.output(), across.output()];
            require_output(op, self, &output.into())?;
            return self.resample(2, &down.transposed())?.resample(3, &across.transposed());
        }
        let plan = Plan::new(op, &input_shape, options)?;
        require_output(op, self, &plan.output)?;
        let len = checked_len(op, &input_shape, self.dtype())?;
        Ok(float!(op, self.dtype(), T => {
            let mut dx = take(len);
            kernel::avg_pool2d_grad::<T>(&plan.pool, options.divisor, &self.elements(), &mut dx);
            Self::from_data(dx, input_shape)
        }))
    }
}

impl Tensor {
    /// The largest element of each window of a sequence; NaN wins.
    ///
    /// # Shapes
    /// `[B, C, T]` → `[B, C, OT]` with
    /// `OT = (T + 2·padding − dilation·(kernel − 1) − 1) / stride + 1`
    ///
    /// # Errors
    /// As [`Tensor::max_pool2d`], unless the rank is 3.
    pub fn max_pool1d(&self, options: Pool1dOptions) -> Result<Self> {
        let [_, _, _] = extents("max_pool1d", self.shape(), "[batch, channels, time]")?;
        self.unsqueeze(2)?.max_pool2d(options.into())?.squeeze(2)
    }

    /// The mean of each window of a sequence; [`Pool1dOptions::divisor`] says whether the zeros of
    /// the padding count.
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

/// Whether the kernels for windows without holes and cut ends do.
fn is_plain(options: PoolOptions) -> bool {
    options.dilation == [1, 1] && options.rounding == Rounding::Floor
}

/// The taps of a mean along height and width.
fn mean_taps(op: &'static str, input: &Shape, options: PoolOptions) -> Result<[Taps; 2]> {
    let [_, _, height, width]: [usize; 4] = extents(op, input, INPUT)?;
    let taps = means(op, &[height, width], &options.axes(op)?, options.divisor)?;
    Ok(<[Taps; 2]>::try_from(taps).expect("two axes have two sets of taps"))
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
        let PoolOptions { kernel, stride, padding, .. } = options;
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
    use crate::{Pool3dOptions, PoolDivisor};

    /// Volumes of depth 1 to 3 with any options.
    fn volumes() -> impl Strategy<Value = (Recipe, Pool3dOptions)> {
        let shape = [0..2usize, 1..3, 1..4, 1..5, 1..5].prop_map(Vec::from);
        let three = |low: usize, high: usize| [low..high, low..high, low..high];
        let ends = (any::<bool>(), any::<bool>());
        (of_shape(shape), three(1, 4), three(1, 3), three(0, 2), three(1, 3), ends).prop_filter_map(
            "a window must fit, and not in the padding",
            |(recipe, kernel, stride, pad, dilation, (ceil, inside))| {
                let options = Pool3dOptions {
                    kernel,
                    stride,
                    padding: [0, 1, 2].map(|i| pad[i].min(kernel[i] / 2)),
                    dilation,
                    rounding: if ceil { Rounding::Ceil } else { Rounding::Floor },
                    divisor: if inside { PoolDivisor::Inside } else { PoolDivisor::Taps },
                };
                let axes = options.axes("t").unwrap();
                let full = |i: usize| {
                    let taps = Taps::windows("t", recipe.shape[2 + i], axes[i]).ok()?;
                    (0..taps.output()).all(|row| !taps.row(row).is_empty()).then_some(())
                };
                (0..3).try_for_each(|i| full(i).ok_or(())).ok()?;
                Some((recipe, options))
            },
        )
    }

    fn images() -> impl Strategy<Value = (Recipe, PoolOptions)> {
        let shape =
            (0..3usize, 0..3usize, 1..7usize, 1..7usize).prop_map(|(b, c, h, w)| vec![b, c, h, w]);
        let pair = |low: usize| [low..4usize, low..4usize];
        (of_shape(shape), pair(1), pair(1), [0..2usize, 0..2usize]).prop_filter_map(
            "the window must fit",
            |(recipe, kernel, stride, pad)| {
                let padding = [pad[0].min(kernel[0] / 2), pad[1].min(kernel[1] / 2)];
                let fits = (0..2).all(|i| kernel[i] <= recipe.shape[2 + i] + 2 * padding[i]);
                let options = PoolOptions { kernel, stride, padding, ..PoolOptions::new(1) };
                fits.then_some((recipe, options))
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
        fn volumes_follow_the_definitions((recipe, options) in volumes()) {
            let x = recipe.make(DType::F64);
            let axes = options.axes("t").unwrap();
            let place = |axis: usize, i: usize, tap: usize| {
                let o = axes[axis];
                (i * o.stride + tap * o.dilation).checked_sub(o.padding).filter(|at| *at < recipe.shape[2 + axis])
            };
            let plain = Pool3dOptions { divisor: PoolDivisor::Taps, ..options };
            let (max, at_max) = x.max_pool3d_with_indices(plain).unwrap();
            let mean = x.avg_pool3d(options).unwrap();
            let [_, _, _, height, width] = recipe.shape[..] else { unreachable!() };
            for ((index, max), (at_max, mean)) in indices(max.dims()).iter().zip(read(&max)).zip(read(&at_max).into_iter().zip(read(&mean))) {
                let (mut best, mut sum, mut inside) = ((f64::NEG_INFINITY, 0), 0.0, 0);
                for taps in indices(&options.kernel) {
                    let at_tap: Option<Vec<usize>> = (0..3).map(|axis| place(axis, index[2 + axis], taps[axis])).collect();
                    let Some(p) = at_tap else { continue };
                    let value = at(&x, &[index[0], index[1], p[0], p[1], p[2]]);
                    if value > best.0 {
                        best = (value, (p[0] * height + p[1]) * width + p[2]);
                    }
                    (sum, inside) = (sum + value, inside + 1);
                }
                prop_assert_eq!((max, at_max as usize), best);
                let padded = |axis: usize| {
                    let o = axes[axis];
                    let end = recipe.shape[2 + axis] + 2 * o.padding;
                    (0..o.kernel).filter(|tap| index[2 + axis] * o.stride + tap * o.dilation < end).count()
                };
                let taps = padded(0) * padded(1) * padded(2);
                let n = if options.divisor == PoolDivisor::Inside { inside } else { taps };
                prop_assert!((mean - sum / n as f64).abs() < 1e-12);
            }
            // Images are slices of volumes of depth 1.
            let flat = |o: [usize; 3]| [o[1], o[2]];
            let image = PoolOptions {
                kernel: flat(options.kernel), stride: flat(options.stride), padding: flat(options.padding),
                dilation: flat(options.dilation), rounding: options.rounding, divisor: options.divisor,
            };
            let slice = x.narrow(2, 0, 1).unwrap();
            let thin = Pool3dOptions { kernel: [1, image.kernel[0], image.kernel[1]], stride: [1, image.stride[0], image.stride[1]],
                padding: [0, image.padding[0], image.padding[1]], dilation: [1, image.dilation[0], image.dilation[1]], ..options };
            let y = slice.squeeze(2).unwrap().avg_pool2d(image).unwrap();
            prop_assert!(y.allclose(&slice.avg_pool3d(thin).unwrap().squeeze(2).unwrap(), 1e-12, 1e-12).unwrap());
            let dy = recipe.with_shape(y.dims()).make(DType::F64);
            let dx = dy.avg_pool2d_grad(slice.squeeze(2).unwrap().shape(), image).unwrap();
            let dot = |a: &Tensor, b: &Tensor| read(&(a * b)).iter().sum::<f64>();
            prop_assert!((dot(&y, &dy) - dot(&slice.squeeze(2).unwrap(), &dx)).abs() < 1e-9);
            let image = PoolOptions { divisor: PoolDivisor::Taps, ..image };
            let thin = Pool3dOptions { divisor: PoolDivisor::Taps, ..thin };
            let (max, places) = slice.squeeze(2).unwrap().max_pool2d_with_indices(image).unwrap();
            let (max3, places3) = slice.max_pool3d_with_indices(thin).unwrap();
            prop_assert!(max.equal(&max3.squeeze(2).unwrap()) && places.equal(&places3.squeeze(2).unwrap()));
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
        let ignored = PoolOptions { divisor: PoolDivisor::Inside, ..PoolOptions::new(2) };
        assert!(x.max_pool2d(ignored).is_err() && x.avg_pool2d(ignored).is_ok());
        // Both elements of the window lie in the padding.
        let empty = PoolOptions { padding: [1, 1], dilation: [3, 3], ..PoolOptions::new(2) };
        assert!(x.narrow(2, 0, 2).unwrap().narrow(3, 0, 2).unwrap().max_pool2d(empty).is_err());
        assert!(Tensor::new([[[[1]]]]).max_pool2d(PoolOptions::new(1)).is_err());
    }

    #[test]
    fn sequences_are_images_of_height_one() {
        let x = Tensor::new([[[1.0, 5.0, 2.0, 4.0, 3.0]]]);
        let options = Pool1dOptions { stride: 2, padding: 1, ..Pool1dOptions::new(3) };
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
