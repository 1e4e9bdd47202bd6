//! 2-D convolution and its gradients.

use gradus_core::Shape;
use gradus_cpu::conv::{self as kernel, Conv2d};
use gradus_cpu::memory::take;

use crate::conv::ConvOptions;
use crate::conv::window::{extents, invalid, require_output, window};
use crate::dtypes::{real, same, widened};
use crate::tensor::checked_len;
use crate::{DType, Result, Tensor};

const INPUT: &str = "[batch, channels, height, width]";
const WEIGHT: &str = "[out channels, in channels / groups, height, width]";

impl Tensor {
    /// 2-D cross-correlation, plus one number per output channel if there is a bias. `bf16` is
    /// multiplied and summed in `f32` and rounded once.
    ///
    /// The zeros of the padding take part in the sums: against an infinite weight they give NaN.
    ///
    /// A window of 3×3 with stride 1, at least 16 channels on either side and 144 outputs goes by tiles
    /// of 2×2 outputs ([Lavin and Gray 2016](https://arxiv.org/abs/1509.09308)), which takes fewer
    /// products; rounding errors are as large as those of sums, relative to the largest outputs of a tile.
    ///
    /// # Shapes
    /// `[B, I, H, W]`, weight `[O, I/groups, KH, KW]`, bias `[O]` → `[B, O, OH, OW]` with
    /// `OH = (H + 2·padding − dilation·(KH − 1) − 1) / stride + 1`, likewise `OW`
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`], [`gradus_core::Error::ShapeMismatch`] if channels
    /// or bias do not fit, [`gradus_core::Error::InvalidArgument`] for options that give no
    /// window, [`gradus_core::Error::DTypeMismatch`], [`gradus_core::Error::UnsupportedDType`] if
    /// the dtype is no float.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{ConvOptions, DType, Tensor};
    /// let image = Tensor::ones([1, 1, 4, 4], DType::F32)?;
    /// let filter = Tensor::ones([1, 1, 3, 3], DType::F32)?;
    /// let y = image.conv2d(&filter, None, ConvOptions::default())?;
    /// assert_eq!(y.to_vec::<f32>()?, [9.0; 4]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn conv2d(&self, weight: &Self, bias: Option<&Self>, options: ConvOptions) -> Result<Self> {
        self.conv2d_as("conv2d", weight, bias, options)
    }

    pub(super) fn conv2d_as(
        &self,
        op: &'static str,
        weight: &Self,
        bias: Option<&Self>,
        options: ConvOptions,
    ) -> Result<Self> {
        let dtype = same(op, self.dtype(), weight.dtype())?;
        if dtype == DType::BF16 {
            let (weight, bias) = (weight.to_dtype(DType::F32)?, wide_bias(op, bias)?);
            return widened(self, |x| x.conv2d_as(op, &weight, bias.as_ref(), options));
        }
        let plan = Plan::new(op, self.shape(), weight.shape(), options)?;
        check_bias(op, weight, bias, plan.conv.c_out)?;
        let len = checked_len(op, &plan.output, dtype)?;
        real!(op, dtype, T => {
            let mut out = take(len);
            let bias = bias.map(Self::elements::<T>);
            let (x, weight) = (self.elements::<T>(), weight.elements::<T>());
            kernel::forward(&plan.conv, &x, &weight, bias.as_deref(), &mut out);
            Ok(Self::from_data(out, plan.output))
        })
    }

    /// The gradient of [`Tensor::conv2d`] with respect to its input, from that of its output
    /// (`self`). Forward, it is [`Tensor::conv_transpose2d`].
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
        self.grad_input_as("conv2d_grad_input", weight, None, input_shape.into(), options)
    }

    pub(super) fn grad_input_as(
        &self,
        op: &'static str,
        weight: &Self,
        bias: Option<&Self>,
        input_shape: Shape,
        options: ConvOptions,
    ) -> Result<Self> {
        let dtype = same(op, self.dtype(), weight.dtype())?;
        if dtype == DType::BF16 {
            let (weight, bias) = (weight.to_dtype(DType::F32)?, wide_bias(op, bias)?);
            let f32 =
                |dy: &Self| dy.grad_input_as(op, &weight, bias.as_ref(), input_shape, options);
            return widened(self, f32);
        }
        let plan = Plan::new(op, &input_shape, weight.shape(), options)?;
        require_output(op, self, &plan.output)?;
        check_bias(op, weight, bias, plan.conv.c_in)?;
        let len = checked_len(op, &input_shape, dtype)?;
        real!(op, dtype, T => {
            let mut dx = take(len);
            let bias = bias.map(Self::elements::<T>);
            let (dy, weight) = (self.elements::<T>(), weight.elements::<T>());
            kernel::grad_input(&plan.conv, &dy, &weight, bias.as_deref(), &mut dx);
            Ok(Self::from_data(dx, input_shape))
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
        let weight_shape = weight_shape.into();
        let dtype = same(op, self.dtype(), input.dtype())?;
        if dtype == DType::BF16 {
            let input = input.to_dtype(DType::F32)?;
            return widened(self, |dy| dy.conv2d_grad_weight(&input, weight_shape, options));
        }
        let plan = Plan::new(op, input.shape(), &weight_shape, options)?;
        require_output(op, self, &plan.output)?;
        let len = checked_len(op, &weight_shape, dtype)?;
        real!(op, dtype, T => {
            let mut dw = take(len);
            kernel::grad_weight::<T>(&plan.conv, &input.elements(), &self.elements(), &mut dw);
            Ok(Self::from_data(dw, weight_shape))
        })
    }
}

/// Fails unless a bias has one number per channel, of the dtype of the weight.
fn check_bias(
    op: &'static str,
    weight: &Tensor,
    bias: Option<&Tensor>,
    channels: usize,
) -> Result<()> {
    let Some(bias) = bias else { return Ok(()) };
    same(op, weight.dtype(), bias.dtype())?;
    if bias.dims() == [channels] {
        return Ok(());
    }
    let (lhs, rhs) = (weight.shape().clone(), bias.shape().clone());
    Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into())
}

/// A bf16 bias in f32.
fn wide_bias(op: &'static str, bias: Option<&Tensor>) -> Result<Option<Tensor>> {
    let wide = |b: &Tensor| {
        same(op, DType::BF16, b.dtype())?;
        b.to_dtype(DType::F32)
    };
    bias.map(wide).transpose()
}

/// A convolution with checked shapes.
struct Plan {
    conv: Conv2d,
    /// `[B, O, OH, OW]`
    output: Shape,
}

impl Plan {
    fn new(op: &'static str, input: &Shape, weight: &Shape, options: ConvOptions) -> Result<Self> {
        let [batch, c_in, height, width] = extents(op, input, INPUT)?;
        let [c_out, per_group, kh, kw] = extents(op, weight, WEIGHT)?;
        let ConvOptions { stride, padding, dilation, groups } = options;
        if groups == 0 || c_out % groups != 0 || c_in % groups != 0 {
            let got = format!("{groups} for {c_in} to {c_out} channels");
            return Err(invalid(op, "groups", "a divisor of both channel counts", got));
        }
        if per_group != c_in / groups {
            let (lhs, rhs) = (input.clone(), weight.clone());
            return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
        }
        let size = [height, width];
        let window = window(op, size, [kh, kw], stride, padding, dilation)?;
        let [oh, ow] = window.out;
        let conv = Conv2d { batch, c_in, size, c_out, groups, window: window.window };
        Ok(Self { conv, output: [batch, c_out, oh, ow].into() })
    }
}
