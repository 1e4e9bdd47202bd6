//! `conv3d` and `conv_transpose3d`: the depth of the kernel as channels of a 2-D convolution.

use gradus_core::Error::{ShapeMismatch, UnexpectedShape};
use gradus_tensor::{
    Conv3dOptions, ConvOptions, ConvTranspose3dOptions, ConvTransposeOptions, Rounding, Taps,
    WindowAxis,
};

use super::adaptive_pool::require_spatial;
use crate::{Result, Var};

impl Var {
    /// The 3-D cross-correlation, plus one number per output channel if there is a bias.
    ///
    /// The windows along the depth become channels of images, so that the 2-D convolution does the
    /// work; that takes the memory of `KD` inputs.
    ///
    /// # Shapes
    /// `[B, I, D, H, W]`, weight `[O, I / groups, KD, KH, KW]`, bias `[O]` → `[B, O, OD, OH, OW]` with
    /// OD = ⌊(D + 2 padding − dilation (KD − 1) − 1) / stride⌋ + 1, and OH and OW likewise
    ///
    /// # Errors
    /// If the shapes, dtypes or options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.conv3d`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::{Conv3dOptions, DType, Tensor};
    /// let x = Var::constant(Tensor::ones([1, 1, 3, 3, 3], DType::F32)?);
    /// let w = Var::leaf(Tensor::ones([1, 1, 2, 2, 2], DType::F32)?);
    /// let y = x.conv3d(&w, None, Conv3dOptions::default())?;
    /// assert_eq!(y.value().to_vec::<f32>()?, [8.0; 8]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn conv3d(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: Conv3dOptions,
    ) -> Result<Self> {
        let op = "conv3d";
        require_spatial(op, self, 3)?;
        let [batch, c_in, depth, height, width] = volume(op, self)?;
        let [c_out, per_group, kd, kh, kw] = volume(op, weight)?;
        if options.groups == 0 || per_group.checked_mul(options.groups) != Some(c_in) {
            let (lhs, rhs) = (self.shape().clone(), weight.shape().clone());
            return Err(ShapeMismatch { op, lhs, rhs }.into());
        }
        let taps = Taps::unfolded(op, depth, axis(options, kd))?;
        let steps = taps.output() / kd;
        let x = self.resample(2, &taps)?.reshape([batch, c_in, kd, steps, height, width])?;
        let x = x.permute(&[0, 3, 1, 2, 4, 5])?;
        let x = x.reshape([batch * steps, c_in * kd, height, width])?;
        let w = weight.reshape([c_out, per_group * kd, kh, kw])?;
        let y = x.conv2d(&w, bias, flat(options))?;
        let [_, _, oh, ow] = [y.dims()[0], y.dims()[1], y.dims()[2], y.dims()[3]];
        y.reshape([batch, steps, c_out, oh, ow])?.transpose(1, 2)
    }

    /// The 3-D transposed convolution, plus one number per output channel if there is a bias: every
    /// input places the kernel, times its value, into the output.
    ///
    /// # Shapes
    /// `[B, I, D, H, W]`, weight `[I, O / groups, KD, KH, KW]`, bias `[O]` → `[B, O, OD, OH, OW]` with
    /// OD = (D − 1) stride − 2 padding + dilation (KD − 1) + output padding + 1, OH and OW likewise
    ///
    /// # Errors
    /// If the shapes, dtypes or options do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.functional.conv_transpose3d`
    pub fn conv_transpose3d(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: ConvTranspose3dOptions,
    ) -> Result<Self> {
        let op = "conv_transpose3d";
        require_spatial(op, self, 3)?;
        let [batch, c_in, depth, height, width] = volume(op, self)?;
        let [c_first, per_group, kd, kh, kw] = volume(op, weight)?;
        if c_first != c_in {
            let (lhs, rhs) = (self.shape().clone(), weight.shape().clone());
            return Err(ShapeMismatch { op, lhs, rhs }.into());
        }
        let c_out = per_group.saturating_mul(options.groups);
        let out_depth = options.out_depth(op, depth, kd)?;
        let x = self.transpose(1, 2)?.reshape([batch * depth, c_in, height, width])?;
        let w = weight.reshape([c_in, per_group * kd, kh, kw])?;
        let y = x.conv_transpose2d(&w, None, flat_transposed(options))?;
        let (oh, ow) = (y.dims()[2], y.dims()[3]);
        let y = y.reshape([batch, depth, c_out, kd, oh, ow])?.permute(&[0, 2, 3, 1, 4, 5])?;
        let y = y.reshape([batch, c_out, kd * depth, oh, ow])?;
        let taps = Taps::unfolded(op, out_depth, axis(options.conv(), kd))?;
        let y = y.resample(2, &taps.transposed())?;
        match bias {
            Some(bias) if bias.dims() == [c_out] => y.add(&bias.reshape([c_out, 1, 1, 1])?),
            Some(bias) => {
                let (lhs, rhs) = (weight.shape().clone(), bias.shape().clone());
                Err(ShapeMismatch { op, lhs, rhs }.into())
            }
            None => Ok(y),
        }
    }
}

fn volume(op: &'static str, x: &Var) -> Result<[usize; 5]> {
    x.dims().try_into().map_err(|_| {
        let (expected, got) = ("five dimensions".into(), x.shape().clone());
        UnexpectedShape { op, expected, got }.into()
    })
}

/// The windows along the depth.
fn axis(options: Conv3dOptions, kernel: usize) -> WindowAxis {
    WindowAxis {
        kernel,
        stride: options.stride[0],
        padding: options.padding[0],
        dilation: options.dilation[0],
        rounding: Rounding::Floor,
    }
}

/// What the images see.
fn flat(options: Conv3dOptions) -> ConvOptions {
    let [stride, padding, dilation] =
        [options.stride, options.padding, options.dilation].map(|[_, down, across]| [down, across]);
    ConvOptions { stride, padding, dilation, groups: options.groups }
}

fn flat_transposed(options: ConvTranspose3dOptions) -> ConvTransposeOptions {
    let ConvOptions { stride, padding, dilation, groups } = flat(options.conv());
    let [_, down, across] = options.output_padding;
    ConvTransposeOptions { stride, padding, output_padding: [down, across], dilation, groups }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, elements, normal};

    const OPTIONS: Conv3dOptions =
        Conv3dOptions { stride: [2, 1, 2], padding: [1, 0, 1], dilation: [1, 2, 1], groups: 2 };

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [normal([1, 2, 3, 3, 4], 1), normal([2, 1, 2, 2, 2], 2), normal([2], 3)];
        check_op(|x| x[0].conv3d(&x[1], Some(&x[2]), OPTIONS), &inputs);
        let inputs = [normal([1, 2, 2, 2, 2], 1), normal([2, 1, 2, 2, 2], 2), normal([2], 3)];
        let options = ConvTranspose3dOptions {
            stride: OPTIONS.stride,
            padding: OPTIONS.padding,
            output_padding: [1, 0, 1],
            dilation: OPTIONS.dilation,
            groups: 2,
        };
        check_op(|x| x[0].conv_transpose3d(&x[1], Some(&x[2]), options), &inputs);
    }

    #[test]
    fn the_transposed_one_is_the_adjoint() {
        let w = Var::from(normal([4, 1, 3, 2, 2], 1));
        let x = Var::from(normal([2, 2, 4, 3, 4], 2));
        let y = x.conv3d(&w, None, OPTIONS).unwrap();
        let dy = Var::from(normal(y.shape(), 3));
        let back = ConvTranspose3dOptions {
            stride: OPTIONS.stride,
            padding: OPTIONS.padding,
            output_padding: [1, 0, 0],
            dilation: OPTIONS.dilation,
            groups: 2,
        };
        let dx = dy.conv_transpose3d(&w, None, back).unwrap();
        assert_eq!(dx.dims(), x.dims());
        let dot = |a: &Var, b: &Var| elements(&a.mul(b).unwrap().sum(..).unwrap())[0];
        assert!((dot(&y, &dy) - dot(&x, &dx)).abs() < 1e-10);
    }

    #[test]
    fn faults_are_errors() {
        let (x, w) = (Var::from(normal([1, 2, 3, 3, 3], 1)), Var::from(normal([2, 1, 2, 2, 2], 2)));
        let error = x.conv3d(&w, None, Conv3dOptions::default()).unwrap_err().to_string();
        assert!(error.starts_with("conv3d: "), "{error}");
        assert!(x.conv3d(&w, None, Conv3dOptions { groups: 0, ..OPTIONS }).is_err());
        assert!(x.conv3d(&w, None, Conv3dOptions { stride: [0, 1, 1], ..OPTIONS }).is_err());
        assert!(x.narrow(0, 0, 0).unwrap().conv3d(&w, None, OPTIONS).unwrap().is_empty());
        let bias = Var::from(normal([3], 1));
        let options = ConvTranspose3dOptions::default();
        assert!(x.conv_transpose3d(&w, Some(&bias), options).is_err());
        let wide = ConvTranspose3dOptions { output_padding: [1, 0, 0], ..options };
        assert!(x.conv_transpose3d(&w, None, wide).is_err());
    }
}
