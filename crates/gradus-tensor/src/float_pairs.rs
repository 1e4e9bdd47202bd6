//! Functions of two floats, element by element, with broadcasting.

use gradus_cpu::elementwise as kernel;
use gradus_cpu::math::{Float, Real};
use gradus_cpu::memory::take;

use crate::dtypes::{float, same};
use crate::elementwise::zip;
use crate::tensor::checked_len;
use crate::{DType, Error, Result, Tensor};

/// What a call costs, in nanoseconds, for the choice of threads.
const COST: f64 = 15.0;

crate::pointwise! {
    /// a + w(b − a), from whichever end is nearer, so that w = 0 and w = 1 are exact.
    pub struct Lerp;
    |a, b, w| w.if_less(S::constant(0.5), a + w * (b - a), b - (b - a) * (-w + 1.0))
}

impl Tensor {
    /// a − b · trunc(a/b), which has the sign of a, element by element with broadcasting; exact.
    ///
    /// [`Tensor::remainder`] has the sign of b.
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::DTypeMismatch`],
    /// [`gradus_core::Error::UnsupportedDType`] for `bool`; [`Error::DivisionByZero`] for integers.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let (a, b) = (Tensor::new([-7.0, 7.0]), Tensor::new(3.0));
    /// assert_eq!(a.fmod(&b)?.to_vec::<f32>()?, [-1.0, 1.0]);
    /// assert_eq!(a.remainder(&b)?.to_vec::<f32>()?, [2.0, 1.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn fmod(&self, other: &Self) -> Result<Self> {
        let op = "fmod";
        let dtype = same(op, self.dtype(), other.dtype())?;
        if matches!(dtype, DType::I64 | DType::U8) && other.eq_scalar(0.0)?.any(..)?.item()? != 0.0
        {
            return Err(Error::DivisionByZero { op });
        }
        match dtype {
            DType::I64 => zip(op, self, other, i64::wrapping_rem),
            DType::U8 => zip(op, self, other, u8::wrapping_rem),
            _ => pairs(op, self, other, |a, b| a % b),
        }
    }

    /// √(a² + b²) without overflow, element by element with broadcasting.
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::DTypeMismatch`],
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    pub fn hypot(&self, other: &Self) -> Result<Self> {
        pairs("hypot", self, other, f64::hypot)
    }

    /// ln(eᵃ + eᵇ) without overflow, element by element with broadcasting.
    ///
    /// # Errors
    /// As [`Tensor::hypot`].
    pub fn logaddexp(&self, other: &Self) -> Result<Self> {
        pairs("logaddexp", self, other, logaddexp)
    }

    /// a · ln b, and 0 where a is 0 and b is a number, element by element with broadcasting.
    ///
    /// # Errors
    /// As [`Tensor::hypot`].
    pub fn xlogy(&self, other: &Self) -> Result<Self> {
        let xlogy = |a: f64, b: f64| if a == 0.0 && !b.is_nan() { 0.0 } else { a * b.ln() };
        pairs("xlogy", self, other, xlogy)
    }

    /// a + w(b − a), element by element with broadcasting; exact for w = 0 and w = 1.
    ///
    /// # Errors
    /// As [`Tensor::hypot`].
    pub fn lerp(&self, end: &Self, weight: &Self) -> Result<Self> {
        Self::pointwise_named("lerp", &Lerp, [self, end, weight])
    }

    /// min(max(x, low), high) with bounds for each element and broadcasting; where `low` is above
    /// `high`, it is `high`. A bound may be left out. NaN wins.
    ///
    /// # Errors
    /// As [`Tensor::maximum`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([[1.0, 5.0], [2.0, 9.0]]);
    /// let y = x.clamp_with(None, Some(&Tensor::new([1.5, 6.0])))?;
    /// assert_eq!(y.to_vec::<f32>()?, [1.0, 5.0, 1.5, 6.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn clamp_with(&self, low: Option<&Self>, high: Option<&Self>) -> Result<Self> {
        let x = low.map_or_else(|| Ok(self.clone()), |low| self.maximum(low))?;
        high.map_or_else(|| Ok(x.clone()), |high| x.minimum(high))
    }
}

/// ln(eᵃ + eᵇ).
pub(crate) fn logaddexp(a: f64, b: f64) -> f64 {
    if a == b {
        return a + std::f64::consts::LN_2; // also where both are infinite
    }
    a.max(b) + (-(a - b).abs()).exp().ln_1p()
}

/// `f` of every pair, computed in `f64` and rounded once.
fn pairs(
    op: &'static str,
    a: &Tensor,
    b: &Tensor,
    f: impl Fn(f64, f64) -> f64 + Sync,
) -> Result<Tensor> {
    let dtype = same(op, a.dtype(), b.dtype())?;
    let shape = a.shape().broadcast(op, b.shape())?;
    let len = checked_len(op, &shape, dtype)?;
    let (a, b) = (a.expand(&shape)?, b.expand(&shape)?);
    Ok(float!(op, dtype, T => {
        let mut out = take(len);
        kernel::zip::<T>(&a.elements(), &b.elements(), &mut out, COST, |a, b| {
            <<T as Float>::Wide as Real>::from_f64(f(a.to_f64(), b.to_f64()))
        });
        Tensor::from_data(out, shape)
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_close, at, cases, indices, pairs, read};

    type Row = (fn(&Tensor, &Tensor) -> Result<Tensor>, fn(f64, f64) -> f64);

    const ALL: [Row; 4] = [
        (Tensor::hypot, |a, b| (a * a + b * b).sqrt()),
        (Tensor::logaddexp, |a, b| (a.exp() + b.exp()).ln()),
        (|a, b| a.xlogy(&b.abs()?), |a, b| a * b.abs().ln()),
        (|a, b| a.lerp(b, a), |a, b| a + a * (b - a)),
    ];

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn values_follow_the_definitions_with_broadcasting((a, b, shape) in pairs()) {
            for dtype in [DType::F32, DType::F64] {
                let (x, y) = (a.make(dtype), b.make(dtype));
                for (f, definition) in ALL {
                    let value = |i: &Vec<usize>| definition(at(&x, i), at(&y, i));
                    let expected: Vec<f64> = indices(&shape).iter().map(value).collect();
                    assert_close(&f(&x, &y).unwrap(), &shape, &expected);
                }
                let fmod = |i: &Vec<usize>| at(&x, i) % at(&y, i);
                let expected: Vec<f64> = indices(&shape).iter().map(fmod).collect();
                prop_assert_eq!(read(&x.fmod(&y).unwrap()), expected);
            }
        }
    }

    #[test]
    fn infinities_and_nan_go_where_the_formulas_take_them() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        assert_eq!(logaddexp(-inf, -inf), -inf);
        assert_eq!(logaddexp(inf, 3.0), inf);
        assert_eq!(logaddexp(-inf, 3.0), 3.0);
        assert!(logaddexp(nan, 1.0).is_nan() && logaddexp(1.0, nan).is_nan());
        let of =
            |a: f64, b: f64| Tensor::scalar(a).xlogy(&Tensor::scalar(b)).unwrap().item().unwrap();
        assert_eq!((of(0.0, 0.0), of(0.0, -1.0)), (0.0, 0.0));
        assert!(of(0.0, nan).is_nan() && of(1.0, -1.0).is_nan());
        let big = Tensor::scalar(1e300f64);
        assert_eq!(big.hypot(&big).unwrap().item().unwrap(), 1e300f64.hypot(1e300));
    }

    #[test]
    fn integers_have_fmod() {
        let a = Tensor::new([-7, 7, i64::MIN]);
        assert_eq!(read(&a.fmod(&Tensor::new([3, -3, -1])).unwrap()), [-1.0, 1.0, 0.0]);
        assert!(matches!(a.fmod(&Tensor::new(0)), Err(Error::DivisionByZero { op: "fmod" })));
        assert!(a.hypot(&a).is_err());
        assert!(Tensor::new([true]).fmod(&Tensor::new([true])).is_err());
    }

    #[test]
    fn the_ends_of_a_lerp_are_exact() {
        let (a, b) = (Tensor::scalar(0.1f64), Tensor::scalar(0.7f64));
        let of = |w: f64| a.lerp(&b, &Tensor::scalar(w)).unwrap().item().unwrap();
        assert_eq!((of(0.0), of(1.0)), (0.1, 0.7));
    }
}
