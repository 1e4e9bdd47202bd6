//! From a run-time dtype to code for its element type.

use gradus_core::DType;

use crate::{Error, Result};

/// Runs a block with `$T` naming the element type of a dtype, for every dtype.
macro_rules! every {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            gradus_core::DType::F32 => {
                type $T = f32;
                $body
            }
            gradus_core::DType::F64 => {
                type $T = f64;
                $body
            }
            gradus_core::DType::BF16 => {
                type $T = gradus_core::bf16;
                $body
            }
            gradus_core::DType::I64 => {
                type $T = i64;
                $body
            }
            gradus_core::DType::U8 => {
                type $T = u8;
                $body
            }
            gradus_core::DType::Bool => {
                type $T = bool;
                $body
            }
        }
    };
}

/// As `every`, for f32 and f64; other dtypes return an error that names the op.
macro_rules! real {
    ($op:expr, $dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            gradus_core::DType::F32 => {
                type $T = f32;
                $body
            }
            gradus_core::DType::F64 => {
                type $T = f64;
                $body
            }
            got => return Err($crate::dtypes::unsupported($op, "f32 or f64", got)),
        }
    };
}

/// As `every`, for i64 and u8; other dtypes return an error that names the op.
macro_rules! integer {
    ($op:expr, $dtype:expr, $expected:expr, $T:ident => $body:expr) => {
        match $dtype {
            gradus_core::DType::I64 => {
                type $T = i64;
                $body
            }
            gradus_core::DType::U8 => {
                type $T = u8;
                $body
            }
            got => return Err($crate::dtypes::unsupported($op, $expected, got)),
        }
    };
}

/// As `every`, for f32, f64, i64 and u8; other dtypes return an error that names the op.
macro_rules! number {
    ($op:expr, $dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            gradus_core::DType::F32 => {
                type $T = f32;
                $body
            }
            gradus_core::DType::F64 => {
                type $T = f64;
                $body
            }
            gradus_core::DType::I64 => {
                type $T = i64;
                $body
            }
            gradus_core::DType::U8 => {
                type $T = u8;
                $body
            }
            got => return Err($crate::dtypes::unsupported($op, "f32, f64, i64 or u8", got)),
        }
    };
}

pub(crate) use {every, integer, number, real};

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
