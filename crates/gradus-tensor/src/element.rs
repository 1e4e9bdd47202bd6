//! What a tensor may hold.

use std::fmt;

use gradus_core::{DType, bf16};

use crate::storage::Stored;

/// A type that a tensor may hold: `f32`, `f64`, `bf16`, `i64`, `u8` or `bool`.
///
/// The trait is sealed.
pub trait Element:
    Stored + Copy + Default + PartialEq + PartialOrd + fmt::Debug + Send + Sync + 'static
{
    /// Its name at run time.
    const DTYPE: DType;

    /// As `f64`; an `i64` beyond 2⁵³ is rounded, `true` is 1.
    fn to_f64(self) -> f64;

    /// From `f64`: floats round to nearest, integers drop the fraction and saturate (NaN gives 0),
    /// a `bool` is whether the value differs from 0.
    fn from_f64(value: f64) -> Self;
}

/// Stamps the element types that Rust's `as` converts.
macro_rules! element {
    ($($t:ident $dtype:ident),*) => {$(
        impl Element for $t {
            const DTYPE: DType = DType::$dtype;

            #[inline]
            fn to_f64(self) -> f64 {
                self as f64
            }

            #[inline]
            fn from_f64(value: f64) -> Self {
                value as Self
            }
        }
    )*};
}
element!(f32 F32, f64 F64, i64 I64, u8 U8);

impl Element for bf16 {
    const DTYPE: DType = DType::BF16;

    #[inline]
    fn to_f64(self) -> f64 {
        f64::from(self.to_f32())
    }

    #[inline]
    fn from_f64(value: f64) -> Self {
        Self::from_f64(value)
    }
}

impl Element for bool {
    const DTYPE: DType = DType::Bool;

    #[inline]
    fn to_f64(self) -> f64 {
        f64::from(u8::from(self))
    }

    #[inline]
    fn from_f64(value: f64) -> Self {
        value != 0.0
    }
}
