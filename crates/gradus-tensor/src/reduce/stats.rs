//! `mean`, `var`, `std`, `logsumexp`.

use gradus_core::Dims;
use gradus_cpu::reduce as kernel;

use crate::dtypes::{float, real, unsupported};
use crate::reduce::axes::{Axes, Place, Reduced};
use crate::reduce::with_keepdim;
use crate::{DType, Result, Tensor};

with_keepdim! {
    /// Σ x / n; NaN if n = 0.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`] or [`gradus_core::Error::RepeatedDim`];
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is a float.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.mean(0)?.to_vec::<f32>()?, [2.0, 3.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    mean, mean_keepdim, mean_axes()
}

with_keepdim! {
    /// ln Σ eˣ, without overflow; −∞ if there is nothing to reduce.
    ///
    /// # Errors
    /// As [`Tensor::mean`].
    logsumexp, logsumexp_keepdim, logsumexp_axes()
}

impl Tensor {
    /// Σ (x − mean)² / (n − correction): `correction` 0 is the population's variance, 1 the
    /// unbiased estimate from a sample. NaN if n ≤ correction.
    ///
    /// # Errors
    /// As [`Tensor::mean`], and [`gradus_core::Error::InvalidArgument`] unless `correction` is
    /// finite.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([1.0, 3.0]);
    /// assert_eq!(x.var(.., 0.0)?.item()?, 1.0);
    /// assert_eq!(x.var(.., 1.0)?.item()?, 2.0);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn var(&self, dims: impl Into<Dims>, correction: f64) -> Result<Self> {
        self.var_axes("var", &dims.into(), correction).map(Reduced::dropped)
    }

    /// As [`Self::var`]; reduced dimensions stay, with extent 1.
    ///
    /// # Errors
    /// As [`Self::var`].
    pub fn var_keepdim(&self, dims: impl Into<Dims>, correction: f64) -> Result<Self> {
        self.var_axes("var", &dims.into(), correction).map(Reduced::kept)
    }

    /// √[`var`](Self::var).
    ///
    /// # Errors
    /// As [`Self::var`].
    pub fn std(&self, dims: impl Into<Dims>, correction: f64) -> Result<Self> {
        self.var_axes("std", &dims.into(), correction)?.map(Self::sqrt).map(Reduced::dropped)
    }

    /// As [`Self::std`]; reduced dimensions stay, with extent 1.
    ///
    /// # Errors
    /// As [`Self::var`].
    pub fn std_keepdim(&self, dims: impl Into<Dims>, correction: f64) -> Result<Self> {
        self.var_axes("std", &dims.into(), correction)?.map(Self::sqrt).map(Reduced::kept)
    }

    fn mean_axes(&self, dims: &Dims) -> Result<Reduced> {
        let x = self.floats("mean")?;
        let mean = x.summed("mean", dims, |n| n)?;
        mean.map(|mean| mean.to_dtype(self.dtype()))
    }

    fn logsumexp_axes(&self, dims: &Dims) -> Result<Reduced> {
        let axes = Axes::new("logsumexp", self, dims, Place::Last)?;
        Ok(float!("logsumexp", self.dtype(), T => {
            axes.run(|axis, x: &[T], out: &mut [T]| kernel::logsumexp(axis.axis, x, out))
        }))
    }

    /// The sum over a divisor made from the element count.
    fn summed(
        &self,
        op: &'static str,
        dims: &Dims,
        divisor: impl Fn(f64) -> f64,
    ) -> Result<Reduced> {
        let axes = Axes::new(op, self, dims, Place::Together)?;
        let divisor = divisor(axes.axis.axis as f64);
        let sum = real!(op, self.dtype(), T => axes.run(kernel::sum::<T>));
        sum.map(|sum| sum.div_scalar(divisor))
    }

    /// Itself, or in `f32` if it is `bf16`.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    fn floats(&self, op: &'static str) -> Result<Self> {
        match self.dtype() {
            DType::BF16 => self.to_dtype(DType::F32),
            dtype if dtype.is_float() => Ok(self.clone()),
            dtype => Err(unsupported(op, "a float", dtype)),
        }
    }

    fn var_axes(&self, op: &'static str, dims: &Dims, correction: f64) -> Result<Reduced> {
        if !correction.is_finite() {
            return Err(gradus_core::Error::InvalidArgument {
                op,
                name: "correction",
                expected: "finite",
                got: correction.to_string(),
            }
            .into());
        }
        let x = self.floats(op)?;
        let mean = x.summed(op, dims, |n| n)?.kept();
        // NaN where there are too few elements, as a mean of nothing is.
        let divisor = |n: f64| if n > correction { n - correction } else { f64::NAN };
        let variance = x.sub(&mean)?.square()?.summed(op, dims, divisor)?;
        variance.map(|variance| variance.to_dtype(self.dtype()))
    }
}
