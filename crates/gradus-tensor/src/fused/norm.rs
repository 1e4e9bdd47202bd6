//! Layer norm and RMS norm over the last dimension.

use gradus_cpu::math::Float;
use gradus_cpu::memory::{Block, take};
use gradus_cpu::norm::{self as kernel, Affine, Gradients, Norm, Normalization, Saved};

use crate::dtypes::{float, same};
use crate::{Result, Tensor};

/// What [`Tensor::normalize`] gives.
#[derive(Debug, Clone)]
pub struct Normalized {
    /// The normalized, scaled and shifted rows.
    pub value: Tensor,
    /// Mean and 1/√(var + ε) of each row, `[rows, 2]`, for the gradient; `f32` for `bf16`.
    pub stats: Tensor,
}

/// What [`Tensor::normalize_grad`] gives.
#[derive(Debug, Clone)]
pub struct NormGrads {
    /// By the input.
    pub dx: Tensor,
    /// By the weight, if there is one.
    pub dweight: Option<Tensor>,
    /// By the bias, if there is one.
    pub dbias: Option<Tensor>,
}

impl Tensor {
    /// Normalization over the last dimension: (x − mean)/√(var + ε) · w + b, in one pass.
    ///
    /// [`Norm::Rms`] takes the mean to be 0. `bf16` is computed in `f32` and rounded once.
    ///
    /// # Shapes
    /// `[..., C]`, weight and bias `[C]` → `[..., C]`
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`], [`gradus_core::Error::DTypeMismatch`], or
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{Norm, Tensor};
    /// let y = Tensor::new([1.0, 5.0]).normalize(Norm::Layer, 0.0, None, None)?;
    /// assert_eq!(y.value.to_vec::<f32>()?, [-1.0, 1.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn normalize(
        &self,
        norm: Norm,
        eps: f64,
        weight: Option<&Self>,
        bias: Option<&Self>,
    ) -> Result<Normalized> {
        let n = self.check_channels(norm, [weight, bias])?;
        let rows = self.dims()[..self.rank() - 1].iter().product::<usize>();
        Ok(float!(name(norm), self.dtype(), T => {
            let (mut out, mut stats) = (take(self.len()), take::<<T as Float>::Wide>(2 * rows));
            let (w, b) = (weight.map(Self::elements::<T>), bias.map(Self::elements::<T>));
            let affine = Affine { weight: w.as_deref(), bias: b.as_deref() };
            let rule = Normalization { norm, n, eps };
            kernel::normalize::<T>(rule, &self.elements(), affine, &mut out, &mut stats);
            Normalized {
                value: Self::from_data(out, self.shape()),
                stats: Self::from_data(stats, [rows, 2]),
            }
        }))
    }

    /// The gradients of [`Tensor::normalize`], called with the same operands, from the gradient of
    /// its value and its `stats`.
    ///
    /// # Errors
    /// As [`Tensor::normalize`].
    pub fn normalize_grad(
        &self,
        norm: Norm,
        stats: &Self,
        [weight, bias]: [Option<&Self>; 2],
        grad: &Self,
    ) -> Result<NormGrads> {
        let n = self.check_channels(norm, [weight, bias])?;
        let dtype = same(name(norm), self.dtype(), grad.dtype())?;
        let rows = self.dims()[..self.rank() - 1].iter().product::<usize>();
        if grad.shape() != self.shape() || stats.dims() != [rows, 2] {
            let (lhs, rhs) = (self.shape().clone(), grad.shape().clone());
            return Err(gradus_core::Error::ShapeMismatch { op: name(norm), lhs, rhs }.into());
        }
        Ok(float!(name(norm), dtype, T => {
            let mut dx = take::<T>(self.len());
            let mut dweight = weight.map(|_| take::<T>(n));
            let mut dbias = bias.map(|_| take::<T>(n));
            let (x, w) = (self.elements::<T>(), weight.map(Self::elements::<T>));
            let stats = stats.elements::<<T as Float>::Wide>();
            let saved = Saved { x: &x, stats: &stats, weight: w.as_deref() };
            let out = Gradients {
                dx: &mut dx,
                dweight: dweight.as_deref_mut(),
                dbias: dbias.as_deref_mut(),
            };
            // The gradient does not use ε any more.
            let rule = Normalization { norm, n, eps: 0.0 };
            kernel::normalize_grad::<T>(rule, saved, &grad.elements(), out);
            let vector = |data: Block<T>| Self::from_data(data, n);
            NormGrads {
                dx: Self::from_data(dx, self.shape()),
                dweight: dweight.map(vector),
                dbias: dbias.map(vector),
            }
        }))
    }

    /// The extent of the last dimension, if the parameters fit it.
    fn check_channels(&self, norm: Norm, parameters: [Option<&Self>; 2]) -> Result<usize> {
        let op = name(norm);
        let n = self.size(-1)?;
        for x in parameters.into_iter().flatten() {
            same(op, self.dtype(), x.dtype())?;
            if x.dims() != [n] {
                let (expected, got) = (format!("[{n}]"), x.shape().clone());
                return Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into());
            }
        }
        Ok(n)
    }
}

fn name(norm: Norm) -> &'static str {
    match norm {
        Norm::Layer => "layer_norm",
        Norm::Rms => "rms_norm",
    }
}
