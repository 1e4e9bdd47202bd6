//! Transforms of complex numbers.

use gradus_core::Dim;
use gradus_cpu::memory::take;
use gradus_cpu::pool::{for_slices, grain};
use rustfft::num_complex::Complex;
use rustfft::{FftDirection, FftNum, FftPlanner};

use crate::conv::window::invalid;
use crate::dtypes::real;
use crate::{Element, FftNorm, Result, Tensor};

impl Tensor {
    /// The discrete Fourier transform over a dimension of complex numbers.
    ///
    /// # Shapes
    /// `[..., N, ..., 2]` → the same
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] unless the last extent is 2,
    /// [`gradus_core::Error::DimOutOfRange`], [`gradus_core::Error::InvalidArgument`] if there is
    /// nothing to transform, [`gradus_core::Error::UnsupportedDType`] unless the dtype is `f32` or
    /// `f64`.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{FftNorm, Tensor};
    /// // The numbers 1, i.
    /// let x = Tensor::new([[1.0, 0.0], [0.0, 1.0]]);
    /// let y = x.fft(-1, FftNorm::Backward)?;
    /// assert_eq!(y.to_vec::<f32>()?, [1.0, 1.0, 1.0, -1.0]); // 1 + i, 1 − i
    /// assert!(y.ifft(-1, FftNorm::Backward)?.allclose(&x, 1e-6, 1e-6)?);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn fft(&self, dim: impl Into<Dim>, norm: FftNorm) -> Result<Self> {
        let dim = complex_dim("fft", self, dim)?;
        transformed("fft", self, dim, FftDirection::Forward, norm.forward_scale(self.dims()[dim]))
    }

    /// The inverse of [`Tensor::fft`] with the same norm.
    ///
    /// # Shapes
    /// `[..., N, ..., 2]` → the same
    ///
    /// # Errors
    /// As [`Tensor::fft`].
    pub fn ifft(&self, dim: impl Into<Dim>, norm: FftNorm) -> Result<Self> {
        let dim = complex_dim("ifft", self, dim)?;
        transformed("ifft", self, dim, FftDirection::Inverse, norm.inverse_scale(self.dims()[dim]))
    }
}

/// y[k] = scale · Σⱼ x[j] · e^(∓2πi jk/n)
fn transformed(
    op: &'static str,
    x: &Tensor,
    dim: usize,
    direction: FftDirection,
    scale: f64,
) -> Result<Tensor> {
    let n = at_least_one(op, x.dims()[dim])?;
    let last = x.rank() - 2;
    let rows = x.transpose(dim, last)?;
    let out = real!(op, x.dtype(), T => {
        let plan = FftPlanner::<T>::new().plan_fft(n, direction);
        let mut out = take(x.len());
        let x = rows.elements::<T>();
        let group = rows_per_task(x.len() / (2 * n), n);
        for_slices(&mut out, group * 2 * n, |i, out| {
            let x = &x[i * group * 2 * n..][..out.len()];
            let mut lines: Vec<Complex<T>> =
                x.chunks(2).map(|pair| Complex::new(pair[0], pair[1])).collect();
            plan.process(&mut lines);
            write(&lines, scale, out);
        });
        Tensor::from_data(out, rows.shape())
    });
    out.transpose(dim, last)
}

/// A dimension of a tensor of complex numbers.
pub(super) fn complex_dim(op: &'static str, x: &Tensor, dim: impl Into<Dim>) -> Result<usize> {
    let Some((2, shape)) = x.dims().split_last().map(|(last, rest)| (*last, rest)) else {
        let (expected, got) = ("pairs in a last dimension of 2".into(), x.shape().clone());
        return Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into());
    };
    Ok(dim.into().resolve(op, shape.len())?)
}

pub(super) fn at_least_one(op: &'static str, n: usize) -> Result<usize> {
    if n > 0 { Ok(n) } else { Err(invalid(op, "n", "at least 1", n.to_string())) }
}

/// How many transforms of length `n` go together.
pub(super) fn rows_per_task(rows: usize, n: usize) -> usize {
    grain(rows, 2.0 * n as f64 * (n as f64).log2().max(1.0))
}

/// Numbers times a factor, as pairs.
pub(super) fn write<T: Element + FftNum>(line: &[Complex<T>], scale: f64, out: &mut [T]) {
    let scale = <T as Element>::from_f64(scale);
    for (pair, number) in out.chunks_mut(2).zip(line) {
        pair[0] = number.re * scale;
        pair[1] = number.im * scale;
    }
}
