//! `norm`.

use gradus_core::Dims;

use crate::dtypes::unsupported;
use crate::reduce::axes::{Axes, Place, Reduced};
use crate::reduce::with_keepdim;
use crate::{DType, Result, Tensor};

with_keepdim! {
    /// (Σ |x|ᵖ)^(1/p). `p = ∞` is the largest |x|, `p = −∞` the smallest, `p = 0` the number of
    /// elements that differ from 0.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`] or [`gradus_core::Error::RepeatedDim`];
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float;
    /// [`gradus_core::Error::InvalidArgument`] if `p` is NaN;
    /// [`gradus_core::Error::EmptyReduction`] if there is nothing to reduce and `p` is negative.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::new([3.0, -4.0]).norm(2.0, ..)?.item()?, 5.0);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    norm, norm_keepdim, norm_axes(p: f64)
}

impl Tensor {
    fn norm_axes(&self, p: f64, dims: &Dims) -> Result<Reduced> {
        if p.is_nan() {
            return Err(gradus_core::Error::InvalidArgument {
                op: "norm",
                name: "p",
                expected: "a number",
                got: p.to_string(),
            }
            .into());
        }
        let dtype = self.dtype();
        match dtype {
            DType::F32 | DType::F64 => self.norm_real(p, dims),
            DType::BF16 => {
                let norm = self.to_dtype(DType::F32)?.norm_real(p, dims)?;
                norm.map(|norm| norm.to_dtype(dtype))
            }
            _ => Err(unsupported("norm", "a float", dtype)),
        }
    }

    fn norm_real(&self, p: f64, dims: &Dims) -> Result<Reduced> {
        // Only the infinite norms have no neutral element, and for the largest it is 0.
        let axes = Axes::new("norm", self, dims, Place::Together)?;
        if p < 0.0 {
            axes.require_elements("norm", self)?;
        }
        match p {
            f64::INFINITY if axes.axis.axis == 0 => self.sum_axes(dims),
            f64::INFINITY => self.abs()?.max_axes(dims),
            f64::NEG_INFINITY => self.abs()?.min_axes(dims),
            0.0 => self.ne_scalar(0.0)?.to_dtype(self.dtype())?.sum_axes(dims),
            1.0 => self.abs()?.sum_axes(dims),
            2.0 => self.square()?.sum_axes(dims)?.map(Self::sqrt),
            _ => self.abs()?.powf(p)?.sum_axes(dims)?.map(|sum| sum.powf(1.0 / p)),
        }
    }
}
