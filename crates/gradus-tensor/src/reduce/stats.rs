//! `mean`, `var`, `std`, `logsumexp`.

use gradus_core::Dims;

use crate::dtypes::real;
use crate::reduce::axes::{Axes, Reduced};
use crate::reduce::with_keepdim;
use crate::{Element, Result, Tensor};

with_keepdim! {
    /// Σ x / n; NaN if n = 0.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`] or [`gradus_core::Error::RepeatedDim`];
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is `f32` or `f64`.
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
        let axes = Axes::new("mean", self, dims)?;
        let n = axes.len as f64;
        Ok(real!("mean", self.dtype(), T => axes.fold(|xs: &mut dyn Iterator<Item = T>| {
            T::from_f64(xs.map(Element::to_f64).sum::<f64>() / n)
        })))
    }

    fn logsumexp_axes(&self, dims: &Dims) -> Result<Reduced> {
        let axes = Axes::new("logsumexp", self, dims)?;
        Ok(real!("logsumexp", self.dtype(), T => axes.fold(|xs: &mut dyn Iterator<Item = T>| {
            let xs: Vec<f64> = xs.map(Element::to_f64).collect();
            let max = xs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let shift = if max.is_finite() { max } else { 0.0 };
            T::from_f64(xs.iter().map(|x| (x - shift).exp()).sum::<f64>().ln() + shift)
        })))
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
        let axes = Axes::new(op, self, dims)?;
        let n = axes.len as f64;
        let divisor = n - correction;
        let divisor = if divisor > 0.0 { divisor } else { f64::NAN };
        Ok(real!(op, self.dtype(), T => axes.fold(|xs: &mut dyn Iterator<Item = T>| {
            let xs: Vec<f64> = xs.map(Element::to_f64).collect();
            let mean = xs.iter().sum::<f64>() / n;
            T::from_f64(xs.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / divisor)
        })))
    }
}
