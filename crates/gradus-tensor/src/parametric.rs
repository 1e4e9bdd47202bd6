//! Ops of one operand with constants of their own.

use gradus_core::BinaryOp;
use gradus_cpu::elementwise as kernel;
use gradus_cpu::math::{Float, Real};
use gradus_cpu::memory::take;

use crate::dtypes::{float, number, unsupported, widened};
use crate::elementwise::map;
use crate::scalar::exact;
use crate::{DType, Result, Tensor};

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
        self.piecewise("leaky_relu", slope, self)
    }

    /// `x` if `x > 0`, else `alpha · (eˣ − 1)`.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn elu(&self, alpha: f64) -> Result<Self> {
        match self.dtype() {
            DType::BF16 => widened(self, |x| x.elu(alpha)),
            dtype if !dtype.is_float() => Err(unsupported("elu", "a float", dtype)),
            _ => self.piecewise("elu", alpha, &self.expm1()?),
        }
    }

    /// `xᶜ` for a constant `c`.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn powf(&self, c: f64) -> Result<Self> {
        match self.dtype() {
            DType::BF16 => widened(self, |x| x.powf(c)),
            dtype if !dtype.is_float() => Err(unsupported("powf", "a float", dtype)),
            _ if c == 2.0 => self.square(),
            _ => self.binary_scalar(BinaryOp::Pow, c),
        }
    }

    /// `x` if `x > 0`, else `scale · other`, which has the same shape and dtype.
    fn piecewise(&self, op: &'static str, scale: f64, other: &Self) -> Result<Self> {
        Ok(float!(op, self.dtype(), T => {
            let mut out = take(self.len());
            let scale = <<T as Float>::Wide as Real>::from_f64(scale);
            kernel::zip::<T>(&self.elements(), &other.elements(), &mut out, 0.3, |x, y| {
                if x > Real::ZERO { x } else { scale * y }
            });
            Self::from_data(out, self.shape())
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bf16;
    use crate::testing::{assert_close, cases, read, recipes};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn values_follow_the_definitions_in_any_layout(recipe in recipes(3), c in -2.5..2.5) {
            for dtype in [DType::F32, DType::F64] {
                let x = recipe.make(dtype);
                let c = if dtype == DType::F32 { f64::from(c as f32) } else { c };
                let check = |y: Tensor, f: &dyn Fn(f64) -> f64| {
                    let expected: Vec<f64> = read(&x).into_iter().map(f).collect();
                    assert_close(&y, x.dims(), &expected);
                };
                check(x.clamp(-1.0, 2.0).unwrap(), &|x| x.clamp(-1.0, 2.0));
                check(x.leaky_relu(c).unwrap(), &|x| if x > 0.0 { x } else { c * x });
                check(x.elu(c).unwrap(), &|x| if x > 0.0 { x } else { c * x.exp_m1() });
                check(x.abs().unwrap().powf(c).unwrap(), &|x| x.abs().powf(c));
                check(x.powf(2.0).unwrap(), &|x| x * x);
            }
        }
    }

    #[test]
    fn nan_stays_nan() {
        for x in [Tensor::new([f32::NAN]), Tensor::from([bf16::NAN])] {
            for y in [x.clamp(0.0, 1.0), x.leaky_relu(0.1), x.elu(1.0), x.powf(3.0)] {
                assert!(y.unwrap().item().unwrap().is_nan());
            }
        }
    }

    #[test]
    fn a_clamp_of_integers_takes_integer_bounds() {
        let x = Tensor::new([-5, 5]);
        assert_eq!(x.clamp(-1.0, 3.0).unwrap().to_vec::<i64>().unwrap(), [-1, 3]);
        assert!(x.clamp(0.5, 3.0).is_err());
        assert!(x.clamp(3.0, 1.0).is_err());
        assert!(x.powf(2.0).is_err() && x.elu(1.0).is_err() && x.leaky_relu(0.1).is_err());
    }
}
