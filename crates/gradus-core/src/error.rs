//! What can be wrong with shapes, dimensions and dtypes.

use crate::{DType, Shape};

/// A result with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// A fault in shapes, dimensions or dtypes. Every variant names the op.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two operands cannot be broadcast together, or must agree and do not.
    #[error("{op}: shapes {lhs} and {rhs} do not fit together")]
    ShapeMismatch {
        /// The op.
        op: &'static str,
        /// Shape of the left operand.
        lhs: Shape,
        /// Shape of the right operand.
        rhs: Shape,
    },
    /// An argument has another shape than the op needs.
    #[error("{op}: expected {expected}, got shape {got}")]
    UnexpectedShape {
        /// The op.
        op: &'static str,
        /// What would have been accepted.
        expected: String,
        /// The shape that was given.
        got: Shape,
    },
    /// A dimension is out of range.
    #[error("{op}: dimension {dim} is out of range for a tensor of rank {rank}")]
    DimOutOfRange {
        /// The op.
        op: &'static str,
        /// The dimension as given (negative counts from the end).
        dim: isize,
        /// The rank.
        rank: usize,
    },
    /// A dimension is named twice.
    #[error("{op}: dimension {dim} is given more than once")]
    RepeatedDim {
        /// The op.
        op: &'static str,
        /// The dimension.
        dim: usize,
    },
    /// An index lies outside its axis.
    #[error("{op}: index {index} is out of range for an axis of length {len}")]
    IndexOutOfRange {
        /// The op.
        op: &'static str,
        /// The index.
        index: i64,
        /// Length of the axis.
        len: usize,
    },
    /// The element counts of two shapes differ.
    #[error("{op}: cannot reshape {from} ({from_len} elements) to {to}", from_len = from.len())]
    Reshape {
        /// The op.
        op: &'static str,
        /// The shape at hand.
        from: Shape,
        /// The shape asked for.
        to: Shape,
    },
    /// The op is not defined for a dtype.
    #[error("{op}: dtype {got} is not supported, expected {expected}")]
    UnsupportedDType {
        /// The op.
        op: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// The dtype that was given.
        got: DType,
    },
    /// Two operands have different dtypes; Gradus never promotes silently.
    #[error("{op}: dtypes {lhs} and {rhs} differ; cast one with to_dtype")]
    DTypeMismatch {
        /// The op.
        op: &'static str,
        /// Dtype of the left operand.
        lhs: DType,
        /// Dtype of the right operand.
        rhs: DType,
    },
    /// An argument is outside its range.
    #[error("{op}: {name} must be {expected}, got {got}")]
    InvalidArgument {
        /// The op.
        op: &'static str,
        /// The argument.
        name: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// The value that was given.
        got: String,
    },
    /// The reduction of an axis without elements has no value.
    #[error("{op}: shape {shape} has no element to reduce along the given dimensions")]
    EmptyReduction {
        /// The op.
        op: &'static str,
        /// The shape.
        shape: Shape,
    },
}
