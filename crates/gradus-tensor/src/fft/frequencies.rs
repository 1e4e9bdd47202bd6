//! The frequencies of a transform, and zero frequency in the middle.

use gradus_core::Dim;

use crate::fft::complex::at_least_one;
use crate::{DType, Result, Tensor};

impl Tensor {
    /// The frequencies of [`Tensor::fft`] of `n` samples a time `d` apart: from 0 up, then the
    /// negative ones up to 0.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if `n` is 0 or the dtype is no float.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{DType, Tensor};
    /// let frequencies = Tensor::fftfreq(4, 0.5, DType::F32)?;
    /// assert_eq!(frequencies.to_vec::<f32>()?, [0.0, 0.5, -1.0, -0.5]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn fftfreq(n: usize, d: f64, dtype: DType) -> Result<Self> {
        let half = at_least_one("fftfreq", n)?.div_ceil(2);
        let frequency = |i: usize| if i < half { i as f64 } else { i as f64 - n as f64 };
        let all: Vec<f64> = (0..n).map(|i| frequency(i) / (n as f64 * d)).collect();
        Self::from_vec(all, n)?.to_dtype(dtype)
    }

    /// The frequencies of [`Tensor::rfft`] of `n` samples a time `d` apart.
    ///
    /// # Errors
    /// As [`Tensor::fftfreq`].
    pub fn rfftfreq(n: usize, d: f64, dtype: DType) -> Result<Self> {
        let half = at_least_one("rfftfreq", n)? / 2 + 1;
        let all: Vec<f64> = (0..half).map(|i| i as f64 / (n as f64 * d)).collect();
        Self::from_vec(all, half)?.to_dtype(dtype)
    }

    /// Entries of a dimension turned so that zero frequency is in the middle. Counts every
    /// dimension, also that of pairs.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`].
    pub fn fftshift(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("fftshift", self.rank())?;
        self.starting_at(dim, self.dims()[dim].div_ceil(2))
    }

    /// [`Tensor::fftshift`] undone.
    ///
    /// # Errors
    /// As [`Tensor::fftshift`].
    pub fn ifftshift(&self, dim: impl Into<Dim>) -> Result<Self> {
        let dim = dim.into().resolve("ifftshift", self.rank())?;
        self.starting_at(dim, self.dims()[dim] / 2)
    }

    /// The entries from `first` on, then those before.
    fn starting_at(&self, dim: usize, first: usize) -> Result<Self> {
        let rest = self.dims()[dim] - first;
        Self::cat(&[self.narrow(dim, first, rest)?, self.narrow(dim, 0, first)?], dim)
    }
}
