//! From a run-time dtype to code for its element type.

use gradus_core::DType;

use crate::{Error, Result, Tensor};

/// Runs a block with `$T` naming the element type of a dtype, for every dtype.
macro_rules! every {
    ($dtype:expr, $T:ident => $body:expr) => {
        $crate::dtypes::arms!($dtype, $T => $body; F32 f32, F64 f64, BF16 gradus_core::bf16, I64 i64, U8 u8, Bool bool;)
    };
}

/// As `every`, for dtypes with arithmetic; `bool` returns an error that names the op.
macro_rules! number {
    ($op:expr, $dtype:expr, $T:ident => $body:expr) => {
        $crate::dtypes::arms!($dtype, $T => $body; F32 f32, F64 f64, BF16 gradus_core::bf16, I64 i64, U8 u8;
            got => return Err($crate::dtypes::unsupported($op, "a number", got)))
    };
}

/// As `every`, for floats; other dtypes return an error that names the op.
macro_rules! float {
    ($op:expr, $dtype:expr, $T:ident => $body:expr) => {
        $crate::dtypes::arms!($dtype, $T => $body; F32 f32, F64 f64, BF16 gradus_core::bf16;
            got => return Err($crate::dtypes::unsupported($op, "a float", got)))
    };
}

/// As `every`, for f32 and f64; other dtypes return an error that names the op.
macro_rules! real {
    ($op:expr, $dtype:expr, $T:ident => $body:expr) => {
        $crate::dtypes::arms!($dtype, $T => $body; F32 f32, F64 f64;
            got => return Err($crate::dtypes::unsupported($op, "f32 or f64", got)))
    };
}

/// One arm per dtype, and perhaps one for the rest.
macro_rules! arms {
    ($dtype:expr, $T:ident => $body:expr; $($Arm:ident $t:ty),*; $($got:ident => $rest:expr)?) => {
        match $dtype {
            $(gradus_core::DType::$Arm => {
                type $T = $t;
                $body
            })*
            $($got => $rest,)?
        }
    };
}

pub(crate) use {arms, every, float, number, real};

/// The error of an op that is not defined for a dtype.
pub(crate) fn unsupported(op: &'static str, expected: &'static str, got: DType) -> Error {
    gradus_core::Error::UnsupportedDType { op, expected, got }.into()
}

/// Fails unless two operands have the same dtype.
pub(crate) fn same(op: &'static str, lhs: DType, rhs: DType) -> Result<DType> {
    if lhs == rhs {
        Ok(lhs)
    } else {
        Err(gradus_core::Error::DTypeMismatch { op, lhs, rhs }.into())
    }
}

/// Fails unless a dtype is the expected one.
pub(crate) fn require(op: &'static str, expected: DType, got: DType) -> Result<()> {
    if expected == got { Ok(()) } else { Err(unsupported(op, expected.name(), got)) }
}

/// `f` in f32 on a bf16 tensor, rounded to bf16 once at the end.
pub(crate) fn widened(x: &Tensor, f: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    f(&x.to_dtype(DType::F32)?)?.to_dtype(DType::BF16)
}
