//! Transposed convolution: the gradient of a convolution by its input, as an op of its own.

use gradus_core::Shape;

use crate::conv::window::{extents, invalid};
use crate::conv::{ConvTranspose1dOptions, ConvTransposeOptions};
use crate::{Error, Result, Tensor};

impl Tensor {
    /// 2-D transposed convolution, plus one number per output channel if there is a bias: every
    /// input places the kernel, times its value, into the output. `bf16` is multiplied and summed in
    /// `f32` and rounded once.
    ///
    /// # Shapes
    /// `[B, I, H, W]`, weight `[I, O/groups, KH, KW]`, bias `[O]` → `[B, O, OH, OW]` with
    /// `OH = (H − 1)·stride − 2·padding + dilation·(KH − 1) + output_padding + 1`, likewise `OW`
    ///
    /// # Errors
    /// As [`Tensor::conv2d`]; also [`gradus_core::Error::InvalidArgument`] if the output padding is
    /// not below the stride (PyTorch allows it to be below the dilation, too) or the output would be
    /// empty.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{ConvTransposeOptions, DType, Tensor};
    /// let x = Tensor::new([[[[1.0, 2.0]]]]);
    /// let kernel = Tensor::ones([1, 1, 1, 2], DType::F32)?;
    /// let options = ConvTransposeOptions { stride: [1, 2], ..ConvTransposeOptions::default() };
    /// let y = x.conv_transpose2d(&kernel, None, options)?;
    /// assert_eq!(y.to_vec::<f32>()?, [1.0, 1.0, 2.0, 2.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn conv_transpose2d(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: ConvTransposeOptions,
    ) -> Result<Self> {
        let op = "conv_transpose2d";
        let shape = options.output_shape(op, self.shape(), weight.shape())?;
        self.grad_input_as(op, weight, bias, shape, options.conv())
    }

    /// 1-D transposed convolution, plus one number per output channel if there is a bias.
    ///
    /// # Shapes
    /// `[B, I, T]`, weight `[I, O/groups, K]`, bias `[O]` → `[B, O, OT]` with
    /// `OT = (T − 1)·stride − 2·padding + dilation·(K − 1) + output_padding + 1`
    ///
    /// # Errors
    /// As [`Tensor::conv_transpose2d`].
    pub fn conv_transpose1d(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: ConvTranspose1dOptions,
    ) -> Result<Self> {
        let op = "conv_transpose1d";
        let [_, _, _] = extents(op, self.shape(), "[batch, channels, time]")?;
        let [_, _, _] = extents(op, weight.shape(), "[in channels, out channels / groups, time]")?;
        let (x, w) = (self.unsqueeze(2)?, weight.unsqueeze(2)?);
        let options = ConvTransposeOptions::from(options);
        let shape = options.output_shape(op, x.shape(), w.shape())?;
        x.grad_input_as(op, &w, bias, shape, options.conv())?.squeeze(2)
    }
}

impl ConvTransposeOptions {
    /// The shape of [`Tensor::conv_transpose2d`]'s output for an input and a weight.
    ///
    /// # Errors
    /// As [`Tensor::conv_transpose2d`].
    pub fn output_shape(&self, op: &'static str, input: &Shape, weight: &Shape) -> Result<Shape> {
        let [batch, c_in, height, width] = extents(op, input, "[batch, channels, height, width]")?;
        let [c_first, per_group, kh, kw] =
            extents(op, weight, "[in channels, out channels / groups, height, width]")?;
        if c_first != c_in {
            let (lhs, rhs) = (input.clone(), weight.clone());
            return Err(gradus_core::Error::ShapeMismatch { op, lhs, rhs }.into());
        }
        if self.groups == 0 || c_in % self.groups != 0 {
            let got = format!("{} for {c_in} input channels", self.groups);
            return Err(invalid(op, "groups", "a divisor of the input channels", got));
        }
        let down = self.extent(op, 0, height, kh)?;
        let across = self.extent(op, 1, width, kw)?;
        let channels = per_group.checked_mul(self.groups).ok_or_else(|| self.too_large(op))?;
        Ok([batch, channels, down, across].into())
    }

    fn extent(&self, op: &'static str, d: usize, size: usize, kernel: usize) -> Result<usize> {
        let Self { stride, padding, output_padding, dilation, .. } = *self;
        let (stride, dilation) = (stride[d], dilation[d]);
        for (name, value) in [("kernel", kernel), ("stride", stride), ("dilation", dilation)] {
            if value == 0 {
                return Err(invalid(op, name, "at least 1", value.to_string()));
            }
        }
        if output_padding[d] >= stride {
            let got = format!("{output_padding:?} for stride {:?}", self.stride);
            return Err(invalid(op, "output_padding", "below the stride", got));
        }
        let Some(steps) = size.checked_sub(1) else {
            return Err(invalid(op, "input", "at least one place", size.to_string()));
        };
        let reach = steps.checked_mul(stride).zip((kernel - 1).checked_mul(dilation));
        let covered = reach.and_then(|(a, b)| a.checked_add(b)?.checked_add(output_padding[d] + 1));
        let covered = covered.ok_or_else(|| self.too_large(op))?;
        let border = padding[d].checked_mul(2).ok_or_else(|| self.too_large(op))?;
        covered.checked_sub(border).filter(|n| *n > 0).ok_or_else(|| {
            let got = format!("{padding:?} around {covered} places");
            invalid(op, "padding", "less than half of the output", got)
        })
    }

    fn too_large(&self, op: &'static str) -> Error {
        invalid(op, "options", "an output inside the address space", format!("{self:?}"))
    }
}
