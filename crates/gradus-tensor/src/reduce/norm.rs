//! `norm`.

use gradus_core::Dims;

use crate::dtypes::real;
use crate::reduce::axes::{Axes, Reduced};
use crate::reduce::with_keepdim;
use crate::{Element, Result, Tensor};

with_keepdim! {
    /// (Σ |x|ᵖ)^(1/p). `p = ∞` is the largest |x|, `p = −∞` the smallest, `p = 0` the number of
    /// elements that differ from 0.
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`] or [`gradus_core::Error::RepeatedDim`];
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is `f32` or `f64`;
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
        let axes = Axes::new("norm", self, dims)?;
        if p < 0.0 {
            axes.require_elements(self.shape())?;
        }
        Ok(real!("norm", self.dtype(), T => axes.fold(|xs: &mut dyn Iterator<Item = T>| {
            T::from_f64(norm(p, &mut xs.map(|x| x.to_f64().abs())))
        })))
    }
}

/// The norm of non-negative numbers.
fn norm(p: f64, xs: &mut dyn Iterator<Item = f64>) -> f64 {
    let larger = |a: f64, b: f64| if a.is_nan() || a > b { a } else { b };
    let smaller = |a: f64, b: f64| if a.is_nan() || a < b { a } else { b };
    match p {
        f64::INFINITY => xs.fold(0.0, larger),
        f64::NEG_INFINITY => xs.fold(f64::INFINITY, smaller),
        0.0 => xs.map(|x| f64::from(u8::from(x != 0.0))).sum(),
        1.0 => xs.sum(),
        2.0 => xs.map(|x| x * x).sum::<f64>().sqrt(),
        p => xs.map(|x| x.powf(p)).sum::<f64>().powf(1.0 / p),
    }
}
