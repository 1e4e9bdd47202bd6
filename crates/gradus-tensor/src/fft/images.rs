//! Transforms over the last two dimensions.

use crate::{FftNorm, Result, Tensor};

impl Tensor {
    /// [`Tensor::fft`] over the last two dimensions of complex numbers.
    ///
    /// # Shapes
    /// `[..., H, W, 2]` → the same
    ///
    /// # Errors
    /// As [`Tensor::fft`].
    pub fn fft2(&self, norm: FftNorm) -> Result<Self> {
        self.fft(-1, norm)?.fft(-2, norm)
    }

    /// [`Tensor::ifft`] over the last two dimensions of complex numbers.
    ///
    /// # Shapes
    /// `[..., H, W, 2]` → the same
    ///
    /// # Errors
    /// As [`Tensor::fft`].
    pub fn ifft2(&self, norm: FftNorm) -> Result<Self> {
        self.ifft(-2, norm)?.ifft(-1, norm)
    }

    /// [`Tensor::rfft`] over the last dimension, then [`Tensor::fft`] over the one before.
    ///
    /// # Shapes
    /// `[..., H, W]` → `[..., H, W/2 + 1, 2]`
    ///
    /// # Errors
    /// As [`Tensor::rfft`].
    pub fn rfft2(&self, norm: FftNorm) -> Result<Self> {
        self.rfft(-1, norm)?.fft(-2, norm)
    }

    /// The inverse of [`Tensor::rfft2`] with the same norm, for a last extent of `n`.
    ///
    /// # Shapes
    /// `[..., H, n/2 + 1, 2]` → `[..., H, n]`
    ///
    /// # Errors
    /// As [`Tensor::irfft`].
    pub fn irfft2(&self, n: usize, norm: FftNorm) -> Result<Self> {
        self.ifft(-2, norm)?.irfft(-1, n, norm)
    }
}
