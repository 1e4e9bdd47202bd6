//! The numbers that a prepared model computes with.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use gradus_tensor::{DType, Element, Tensor};

use crate::error::Result;

/// `f32` or `f64`, in plain loops whose order of additions is written down.
pub(crate) trait Real:
    Element
    + Into<f64>
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    const ZERO: Self;
    const ONE: Self;

    fn exp(self) -> Self;

    fn abs(self) -> Self;

    /// A NaN stays one.
    fn relu(self) -> Self {
        if self <= Self::ZERO { Self::ZERO } else { self }
    }

    fn sigmoid(self) -> Self {
        Self::ONE / (Self::ONE + (-self).exp())
    }

    /// From e^(−2|x|), which cannot overflow.
    fn tanh(self) -> Self {
        let small = (-(self.abs() + self.abs())).exp();
        let tanh = (Self::ONE - small) / (Self::ONE + small);
        if self < Self::ZERO { -tanh } else { tanh }
    }
}

/// Stamps both.
macro_rules! real {
    ($($t:ident),*) => {$(
        impl Real for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;

            #[inline]
            fn exp(self) -> Self {
                Self::exp(self)
            }

            #[inline]
            fn abs(self) -> Self {
                Self::abs(self)
            }
        }
    )*};
}
real!(f32, f64);

/// All elements, row-major.
pub(crate) fn elements<T: Real>(x: &Tensor) -> Result<Vec<T>> {
    Ok(x.to_dtype(T::DTYPE)?.contiguous().to_vec()?)
}

/// What a model of this dtype is prepared in: `f64` stays, all others become `f32`.
pub(crate) fn is_double(dtype: DType) -> bool {
    dtype == DType::F64
}

/// tanh(a) · σ(b) of rows `[a, b]` of twice the width.
pub(crate) fn gate<T: Real>(pairs: &[T], width: usize, gated: &mut Vec<T>) {
    gated.clear();
    for pair in pairs.chunks_exact(2 * width) {
        let (a, b) = pair.split_at(width);
        gated.extend(a.iter().zip(b).map(|(a, b)| a.tanh() * b.sigmoid()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_hold_at_the_edges() {
        for x in [-800.0f64, -20.0, -1e-9, 0.0, 1e-300, 0.3, 20.0, f64::INFINITY, -f64::INFINITY] {
            assert!((Real::tanh(x) - f64::tanh(x)).abs() <= 2e-16, "{x}");
            assert!((Real::sigmoid(x) - 0.5 * (1.0 + f64::tanh(0.5 * x))).abs() <= 2e-16, "{x}");
        }
        assert!(Real::tanh(f32::NAN).is_nan() && Real::sigmoid(f32::NAN).is_nan());
        assert!(f32::NAN.relu().is_nan());
        assert_eq!([(-1.0f32).relu(), 2.0f32.relu()], [0.0, 2.0]);
    }
}
