//! Fourier transforms of pairs (real part, imaginary part) in a last dimension of 2.

use gradus_core::{DType, Dim, Shape};
use gradus_tensor::{FftNorm, Tensor};

use crate::{Result, Var};

impl Var {
    /// The discrete Fourier transform over a dimension of complex numbers, which are pairs in a
    /// last dimension of 2 that is not counted, as `Tensor::fft`.
    ///
    /// The gradient, as that of the pairs, is the inverse transform with the adjoint norm.
    ///
    /// # Shapes
    /// `[..., N, ..., 2]` → the same
    ///
    /// # Errors
    /// If the last extent is not 2, the dimension is out of range or empty, or the dtype is not f32
    /// or f64.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.fft.fft` between `torch.view_as_complex` and `torch.view_as_real`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::{FftNorm, Tensor};
    /// let x = Var::leaf(Tensor::from([[1.0f64, 0.0], [0.0, 1.0]])); // 1, i
    /// let y = x.fft(-1, FftNorm::Backward)?;
    /// assert_eq!(y.value().to_vec::<f64>()?, [1.0, 1.0, 1.0, -1.0]); // 1 + i, 1 − i
    /// let power = y.square()?.sum(..)?; // Parseval: n times that of x
    /// assert_eq!(power.item()?, 4.0);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn fft(&self, dim: impl Into<Dim>, norm: FftNorm) -> Result<Self> {
        let dim = dim.into();
        let value = self.value().fft(dim, norm)?;
        Ok(self.map("fft", value, move |grad| grad.ifft(dim, norm.adjoint())))
    }

    /// The inverse of [`Var::fft`] with the same norm.
    ///
    /// The gradient is the transform with the adjoint norm.
    ///
    /// # Shapes
    /// `[..., N, ..., 2]` → the same
    ///
    /// # Errors
    /// As [`Var::fft`].
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.fft.ifft` between `torch.view_as_complex` and `torch.view_as_real`
    pub fn ifft(&self, dim: impl Into<Dim>, norm: FftNorm) -> Result<Self> {
        let dim = dim.into();
        let value = self.value().ifft(dim, norm)?;
        Ok(self.map("ifft", value, move |grad| grad.fft(dim, norm.adjoint())))
    }

    /// The discrete Fourier transform over a dimension of real numbers: the first `N/2 + 1`
    /// complex numbers, of which the others are the conjugates, as `Tensor::rfft`.
    ///
    /// The gradient is [`Var::irfft`] with the adjoint norm of the gradients, halved where a number
    /// stands for its conjugate, too.
    ///
    /// # Shapes
    /// `[..., N, ...]` → `[..., N/2 + 1, ..., 2]`
    ///
    /// # Errors
    /// If the dimension is out of range or empty, or the dtype is not f32 or f64.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.fft.rfft` before `torch.view_as_real`
    pub fn rfft(&self, dim: impl Into<Dim>, norm: FftNorm) -> Result<Self> {
        let dim = dim.into().resolve("rfft", self.rank())?;
        let (value, n) = (self.value().rfft(dim, norm)?, self.dims()[dim]);
        Ok(self.map("rfft", value, move |grad| {
            let counts = counts(grad.shape(), dim, n, grad.dtype())?;
            grad.div(&counts)?.irfft(dim, n, norm.adjoint())
        }))
    }

    /// The inverse of [`Var::rfft`] with the same norm: `n` real numbers from the first `n/2 + 1`
    /// complex ones, as `Tensor::irfft`.
    ///
    /// The gradient is [`Var::rfft`] with the adjoint norm, doubled where a number stands for its
    /// conjugate, too.
    ///
    /// # Shapes
    /// `[..., n/2 + 1, ..., 2]` → `[..., n, ...]`
    ///
    /// # Errors
    /// As [`Var::fft`], or if there are not `n/2 + 1` numbers.
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.fft.irfft` after `torch.view_as_complex`
    pub fn irfft(&self, dim: impl Into<Dim>, n: usize, norm: FftNorm) -> Result<Self> {
        let dim = dim.into();
        let value = self.value().irfft(dim, n, norm)?;
        let dim = dim.resolve("irfft", self.rank() - 1)?;
        Ok(self.map("irfft", value, move |grad| {
            let half = grad.rfft(dim, norm.adjoint())?;
            half.mul(&counts(half.shape(), dim, n, half.dtype())?)
        }))
    }

    /// [`Var::fft`] over the last two dimensions of complex numbers.
    ///
    /// # Shapes
    /// `[..., H, W, 2]` → the same
    ///
    /// # Errors
    /// As [`Var::fft`].
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.fft.fft2` between `torch.view_as_complex` and `torch.view_as_real`
    pub fn fft2(&self, norm: FftNorm) -> Result<Self> {
        self.fft(-1, norm)?.fft(-2, norm)
    }

    /// [`Var::ifft`] over the last two dimensions of complex numbers.
    ///
    /// # Shapes
    /// `[..., H, W, 2]` → the same
    ///
    /// # Errors
    /// As [`Var::fft`].
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.fft.ifft2` between `torch.view_as_complex` and `torch.view_as_real`
    pub fn ifft2(&self, norm: FftNorm) -> Result<Self> {
        self.ifft(-2, norm)?.ifft(-1, norm)
    }

    /// [`Var::rfft`] over the last dimension, then [`Var::fft`] over the one before.
    ///
    /// # Shapes
    /// `[..., H, W]` → `[..., H, W/2 + 1, 2]`
    ///
    /// # Errors
    /// As [`Var::rfft`].
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.fft.rfft2` before `torch.view_as_real`
    pub fn rfft2(&self, norm: FftNorm) -> Result<Self> {
        self.rfft(-1, norm)?.fft(-2, norm)
    }

    /// The inverse of [`Var::rfft2`] with the same norm, for a last extent of `n`.
    ///
    /// # Shapes
    /// `[..., H, n/2 + 1, 2]` → `[..., H, n]`
    ///
    /// # Errors
    /// As [`Var::irfft`].
    ///
    /// # Dtypes
    /// f32, f64
    ///
    /// # PyTorch
    /// `torch.fft.irfft2` after `torch.view_as_complex`
    pub fn irfft2(&self, n: usize, norm: FftNorm) -> Result<Self> {
        self.ifft(-2, norm)?.irfft(-1, n, norm)
    }
}

/// How often each number of the first half stands in the whole spectrum: 2, but 1 for the first and,
/// of an even length, the last.
fn counts(half: &Shape, dim: usize, n: usize, dtype: DType) -> Result<Var> {
    let count = |k: usize| if k == 0 || 2 * k == n { 1.0 } else { 2.0 };
    let numbers: Vec<f64> = (0..half[dim]).map(count).collect();
    let mut shape = vec![1; half.rank()];
    shape[dim] = half[dim];
    Ok(Var::constant(Tensor::from_vec(numbers, shape)?.to_dtype(dtype)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        for norm in [FftNorm::Backward, FftNorm::Ortho, FftNorm::Forward] {
            for n in [1, 4, 5] {
                check_op(|x| x[0].fft(-1, norm), &[normal([2, n, 2], 1)]);
                check_op(|x| x[0].ifft(0, norm), &[normal([n, 2, 2], 1)]);
                check_op(|x| x[0].rfft(-1, norm), &[normal([2, n], 1)]);
                check_op(|x| x[0].rfft(0, norm), &[normal([n, 2], 1)]);
                check_op(|x| x[0].irfft(-1, n, norm), &[normal([2, n / 2 + 1, 2], 1)]);
                check_op(|x| x[0].irfft(0, n, norm), &[normal([n / 2 + 1, 2, 2], 1)]);
            }
            check_op(|x| x[0].rfft2(norm)?.sin()?.irfft2(5, norm), &[normal([2, 5], 1)]);
            check_op(|x| x[0].fft2(norm)?.sin()?.ifft2(norm), &[normal([2, 3, 2], 1)]);
        }
    }

    #[test]
    fn a_product_of_spectra_is_a_circular_convolution() {
        let (x, w) = (Var::from(normal(6, 1)), Var::from(normal(6, 2)));
        let norm = FftNorm::Backward;
        let [a, b] = [&x, &w].map(|x| x.rfft(0, norm).unwrap());
        let part = |x: &Var, i: usize| x.select(1, i).unwrap();
        let re = part(&a, 0) * part(&b, 0) - part(&a, 1) * part(&b, 1);
        let im = part(&a, 0) * part(&b, 1) + part(&a, 1) * part(&b, 0);
        let y = Var::stack(&[re, im], 1).unwrap().irfft(0, 6, norm).unwrap();
        let [x, w, y] = [x, w, y].map(|x| x.value().to_vec::<f64>().unwrap());
        for i in 0..6 {
            let sum: f64 = (0..6).map(|j| x[j] * w[(i + 6 - j) % 6]).sum();
            assert!((y[i] - sum).abs() < 1e-12);
        }
    }
}
