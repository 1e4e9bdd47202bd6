//! 2-D convolution and its gradients.

use gradus_core::Shape;

use crate::conv::ConvOptions;
use crate::conv::window::{extents, invalid, windows};
use crate::dtypes::{real, same};
use crate::tensor::checked_len;
use crate::{DType, Result, Tensor};

const INPUT: &str = "[batch, channels, height, width]";
const WEIGHT: &str = "[out channels, in channels / groups, height, width]";

impl Tensor {
    /// 2-D cross-correlation.
    ///
    /// # Shapes
    /// `[B, I, H, W]`, weight `[O, I/groups, KH, KW]` → `[B, O, OH, OW]` with
    /// `OH = (H + 2·padding − dilation·(KH − 1) − 1) / stride + 1`, likewise `OW`
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`], [`gradus_core::Error::ShapeMismatch`] if the
    /// channels do not fit, [`gradus_core::Error::InvalidArgument`] for options that give no
    /// window, [`gradus_core::Error::DTypeMismatch`], [`gradus_core::Error::UnsupportedDType`]
    /// unless the dtype is `f32` or `f64`.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{ConvOptions, DType, Tensor};
    /// let image = Tensor::ones([1, 1, 4, 4], DType::F32)?;
    /// let filter = Tensor::ones([1, 1, 3, 3], DType::F32)?;
    /// let y = image.conv2d(&filter, ConvOptions::default())?;
    /// assert_eq!(y.to_vec::<f32>()?, [9.0; 4]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn conv2d(&self, weight: &Self, options: ConvOptions) -> Result<Self> {
        let op = "conv2d";
        let dtype = same(op, self.dtype(), weight.dtype())?;
        let plan = Plan::new(op, self.shape(), weight.shape(), options, dtype)?;
        real!(op, dtype, T => {
            let (x, w) = (self.elements::<T>(), weight.elements::<T>());
            let mut y = vec![T::default(); plan.output.iter().product()];
            plan.for_each(|i, k, o| y[o] += x[i] * w[k]);
            Ok(Self::from_data(y, plan.output))
        })
    }

    /// The gradient of [`Tensor::conv2d`] with respect to its input, from that of its output
    /// (`self`). Forward, it is the transposed convolution.
    ///
    /// # Errors
    /// As [`Tensor::conv2d`], and [`gradus_core::Error::UnexpectedShape`] if `self` has not the
    /// shape of the output.
    pub fn conv2d_grad_input(
        &self,
        weight: &Self,
        input_shape: impl Into<Shape>,
        options: ConvOptions,
    ) -> Result<Self> {
        let op = "conv2d_grad_input";
        let dtype = same(op, self.dtype(), weight.dtype())?;
        let plan = Plan::new(op, &input_shape.into(), weight.shape(), options, dtype)?;
        plan.require_output(op, self)?;
        real!(op, dtype, T => {
            let (dy, w) = (self.elements::<T>(), weight.elements::<T>());
            let mut dx = vec![T::default(); plan.input.iter().product()];
            plan.for_each(|i, k, o| dx[i] += dy[o] * w[k]);
            Ok(Self::from_data(dx, plan.input))
        })
    }

    /// The gradient of [`Tensor::conv2d`] with respect to its weight, from that of its output
    /// (`self`) and its input.
    ///
    /// # Errors
    /// As [`Tensor::conv2d_grad_input`].
    pub fn conv2d_grad_weight(
        &self,
        input: &Self,
        weight_shape: impl Into<Shape>,
        options: ConvOptions,
    ) -> Result<Self> {
        let op = "conv2d_grad_weight";
        let dtype = same(op, self.dtype(), input.dtype())?;
        let plan = Plan::new(op, input.shape(), &weight_shape.into(), options, dtype)?;
        plan.require_output(op, self)?;
        real!(op, dtype, T => {
            let (dy, x) = (self.elements::<T>(), input.elements::<T>());
            let mut dw = vec![T::default(); plan.weight.iter().product()];
            plan.for_each(|i, k, o| dw[k] += dy[o] * x[i]);
            Ok(Self::from_data(dw, plan.weight))
        })
    }
}

/// A convolution with checked shapes.
struct Plan {
    /// `[B, I, H, W]`
    input: [usize; 4],
    /// `[O, I/groups, KH, KW]`
    weight: [usize; 4],
    /// `[B, O, OH, OW]`
    output: [usize; 4],
    options: ConvOptions,
}

impl Plan {
    fn new(
        op: &'static str,
        input: &Shape,
        weight: &Shape,
        options: ConvOptions,
        dtype: DType,
    ) -> Result<Self> {
        let [batch, channels, height, width] = extents(op, input, INPUT)?;
        let [out, per_group, kh, kw] = extents(op, weight, WEIGHT)?;
        let ConvOptions { stride, padding, dilation, groups } = options;
        if groups == 0 || out % groups != 0 || channels % groups != 0 {
            let got = format!("{groups} for {channels} to {out} channels");
            return Err(invalid(op, "groups", "a divisor of both channel counts", got));
        }
        if per_group != channels / groups {
            let (lhs, rhs) = (input.clone(), weight.clone());
            return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
        }
        let oh = windows(op, height, kh, stride[0], padding[0], dilation[0])?;
        let ow = windows(op, width, kw, stride[1], padding[1], dilation[1])?;
        let output = [batch, out, oh, ow];
        checked_len(op, &output.into(), dtype)?;
        checked_len(op, input, dtype)?;
        checked_len(op, weight, dtype)?;
        let weight = [out, per_group, kh, kw];
        Ok(Self { input: [batch, channels, height, width], weight, output, options })
    }

    fn require_output(&self, op: &'static str, grad: &Tensor) -> Result<()> {
        if grad.dims() == self.output {
            return Ok(());
        }
        let expected = format!("the output's shape {}", Shape::from(self.output));
        let got = grad.shape().clone();
        Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into())
    }

    /// Calls `f(input, weight, output)` with the places of every product.
    fn for_each(&self, mut f: impl FnMut(usize, usize, usize)) {
        let [batch, channels, height, width] = self.input;
        let [out, per_group, kh, kw] = self.weight;
        let [_, _, oh, ow] = self.output;
        let ConvOptions { stride, padding, dilation, groups } = self.options;
        for (n, o) in (0..batch).flat_map(|n| (0..out).map(move |o| (n, o))) {
            let group = o / (out / groups);
            for (y, x) in (0..oh).flat_map(|y| (0..ow).map(move |x| (y, x))) {
                for (c, p, q) in triples(per_group, kh, kw) {
                    let row = (y * stride[0] + p * dilation[0]).wrapping_sub(padding[0]);
                    let column = (x * stride[1] + q * dilation[1]).wrapping_sub(padding[1]);
                    if row < height && column < width {
                        let channel = n * channels + group * per_group + c;
                        f(
                            (channel * height + row) * width + column,
                            ((o * per_group + c) * kh + p) * kw + q,
                            ((n * out + o) * oh + y) * ow + x,
                        );
                    }
                }
            }
        }
    }
}

fn triples(a: usize, b: usize, c: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..a).flat_map(move |i| (0..b).flat_map(move |j| (0..c).map(move |k| (i, j, k))))
}
