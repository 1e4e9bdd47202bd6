//! Pooling over windows of images.

use gradus_core::Shape;

use crate::conv::window::{extents, invalid, windows};
use crate::dtypes::{number, real};
use crate::tensor::checked_len;
use crate::{DType, Element, Result, Tensor};

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

impl Tensor {
    /// The largest element of each window; NaN wins.
    ///
    /// # Shapes
    /// `[B, C, H, W]` → `[B, C, OH, OW]` with `OH = (H + 2·padding − kernel) / stride + 1`
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] unless the rank is 4,
    /// [`gradus_core::Error::InvalidArgument`] for options that give no window,
    /// [`gradus_core::Error::UnsupportedDType`] for `bf16` and `bool`.
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
        let plan = Plan::new(op, self.shape(), options, self.dtype())?;
        Ok(number!(op, self.dtype(), T => {
            let data = self.elements::<T>();
            let is_nan = |x: T| x.partial_cmp(&x).is_none();
            let (mut values, mut indices) = (Vec::new(), Vec::new());
            plan.for_each(|plane, window| {
                let plane = &data[plane];
                let best = window
                    .reduce(|a, b| if is_nan(plane[a]) || !(plane[b] > plane[a] || is_nan(plane[b])) { a } else { b })
                    .expect("the padding is at most half the window");
                values.push(plane[best]);
                indices.push(best as i64);
            });
            (Self::from_data(values, plan.output), Self::from_data(indices, plan.output))
        }))
    }

    /// The mean of each window, the zeros of the padding included.
    ///
    /// # Shapes
    /// As [`Tensor::max_pool2d`].
    ///
    /// # Errors
    /// As [`Tensor::max_pool2d`]; [`gradus_core::Error::UnsupportedDType`] unless the dtype is
    /// `f32` or `f64`.
    pub fn avg_pool2d(&self, options: PoolOptions) -> Result<Self> {
        let op = "avg_pool2d";
        let plan = Plan::new(op, self.shape(), options, self.dtype())?;
        Ok(real!(op, self.dtype(), T => {
            let data = self.elements::<T>();
            let mut out: Vec<T> = Vec::new();
            plan.for_each(|plane, window| {
                let sum: f64 = window.map(|i| data[plane.start + i].to_f64()).sum();
                out.push(T::from_f64(sum / plan.area()));
            });
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
        let plan = Plan::new(op, &input_shape, options, self.dtype())?;
        if self.dims() != plan.output {
            let expected = format!("the output's shape {}", Shape::from(plan.output));
            let got = self.shape().clone();
            return Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into());
        }
        let len = checked_len(op, &input_shape, self.dtype())?;
        Ok(real!(op, self.dtype(), T => {
            let dy = self.elements::<T>();
            let mut places = dy.iter();
            let mut dx = vec![T::default(); len];
            plan.for_each(|plane, window| {
                let share = places.next().map_or(0.0, |dy| dy.to_f64() / plan.area()) as T;
                window.for_each(|i| dx[plane.start + i] += share);
            });
            Self::from_data(dx, input_shape)
        }))
    }
}

/// A pooling with checked shapes.
struct Plan {
    input: [usize; 4],
    output: [usize; 4],
    options: PoolOptions,
}

impl Plan {
    fn new(op: &'static str, input: &Shape, options: PoolOptions, dtype: DType) -> Result<Self> {
        let input: [usize; 4] = extents(op, input, INPUT)?;
        let PoolOptions { kernel, stride, padding } = options;
        if (0..2).any(|i| padding[i] > kernel[i] / 2) {
            let got = format!("{padding:?} for kernel {kernel:?}");
            return Err(invalid(op, "padding", "at most half the kernel", got));
        }
        let oh = windows(op, input[2], kernel[0], stride[0], padding[0], 1)?;
        let ow = windows(op, input[3], kernel[1], stride[1], padding[1], 1)?;
        let output = [input[0], input[1], oh, ow];
        checked_len(op, &output.into(), dtype)?;
        Ok(Self { input, output, options })
    }

    fn area(&self) -> f64 {
        (self.options.kernel[0] * self.options.kernel[1]) as f64
    }

    /// Calls `f(plane, window)` for every output in row-major order: the plane's place in the
    /// input, and the window's elements inside the plane.
    fn for_each(&self, mut f: impl FnMut(std::ops::Range<usize>, &mut dyn Iterator<Item = usize>)) {
        let [batch, channels, height, width] = self.input;
        let [_, _, oh, ow] = self.output;
        let PoolOptions { kernel, stride, padding } = self.options;
        let range = |i: usize, axis: usize, extent: usize| {
            let start = i * stride[axis];
            start.saturating_sub(padding[axis])..(start + kernel[axis] - padding[axis]).min(extent)
        };
        for plane in 0..batch * channels {
            let plane = plane * height * width..(plane + 1) * height * width;
            for y in 0..oh {
                for x in 0..ow {
                    let columns = range(x, 1, width);
                    let mut window = range(y, 0, height)
                        .flat_map(|row| columns.clone().map(move |column| row * width + column));
                    f(plane.clone(), &mut window);
                }
            }
        }
    }
}
