//! Ops of one operand with constants of their own.

use crate::dtypes::{number, unsupported};
use crate::elementwise::map;
use crate::scalar::exact;
use crate::{DType, Element, Result, Tensor, bf16};

impl Tensor {
    /// `min(max(x, low), high)`; NaN stays NaN. Use infinities to leave a side open (for floats).
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if `low > high`, if one is NaN, or if an integer
    /// dtype cannot hold them; [`gradus_core::Error::UnsupportedDType`] for `bool`.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([-2.0, 0.5, 9.0]).clamp(-1.0, 1.0)?;
    /// assert_eq!(x.to_vec::<f32>()?, [-1.0, 0.5, 1.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn clamp(&self, low: f64, high: f64) -> Result<Self> {
        if low.is_nan() || high.is_nan() || low > high {
            return Err(gradus_core::Error::InvalidArgument {
                op: "clamp",
                name: "low and high",
                expected: "in order",
                got: format!("{low} and {high}"),
            }
            .into());
        }
        if self.dtype() == DType::BF16 {
            return self.float_map("clamp", |x| if x.is_nan() { x } else { x.clamp(low, high) });
        }
        Ok(number!("clamp", self.dtype(), T => {
            let (low, high): (T, T) = (exact("clamp", "low", low)?, exact("clamp", "high", high)?);
            map(self, |x: T| if x < low { low } else if x > high { high } else { x })
        }))
    }

    /// `x` if `x > 0`, else `slope · x`.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn leaky_relu(&self, slope: f64) -> Result<Self> {
        self.float_map("leaky_relu", |x| if x > 0.0 { x } else { slope * x })
    }

    /// `x` if `x > 0`, else `alpha · (eˣ − 1)`.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn elu(&self, alpha: f64) -> Result<Self> {
        self.float_map("elu", |x| if x > 0.0 { x } else { alpha * x.exp_m1() })
    }

    /// `xᶜ` for a constant `c`.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn powf(&self, c: f64) -> Result<Self> {
        self.float_map("powf", |x| x.powf(c))
    }

    /// Computed in `f64` and rounded once.
    fn float_map(&self, op: &'static str, f: impl Fn(f64) -> f64) -> Result<Self> {
        match self.dtype() {
            DType::F32 => Ok(map(self, |x: f32| f(f64::from(x)) as f32)),
            DType::F64 => Ok(map(self, f)),
            DType::BF16 => Ok(map(self, |x: bf16| <bf16 as Element>::from_f64(f(x.to_f64())))),
            dtype => Err(unsupported(op, "a float", dtype)),
        }
    }
}
