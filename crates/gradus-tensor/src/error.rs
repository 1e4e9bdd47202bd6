//! What can be wrong with a tensor operation.

use gradus_core::Shape;

/// A result with [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// A fault in an operation on tensors. Every variant names the op.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A fault in shapes, dimensions, dtypes or arguments.
    #[error(transparent)]
    Core(#[from] gradus_core::Error),
    /// The result would have more elements than memory can hold.
    #[error("{op}: shape {shape} has more elements than memory can hold")]
    TooLarge {
        /// The op.
        op: &'static str,
        /// The shape of the result.
        shape: Shape,
    },
    /// The elements do not lie in row-major order without gaps.
    #[error(
        "{op}: shape {shape} with strides {strides:?} is not contiguous; call contiguous first"
    )]
    NotContiguous {
        /// The op.
        op: &'static str,
        /// The shape.
        shape: Shape,
        /// The strides, in elements.
        strides: Vec<usize>,
    },
    /// An integer is divided by zero.
    #[error("{op}: integer division by zero")]
    DivisionByZero {
        /// The op.
        op: &'static str,
    },
    /// A matrix has no such decomposition, inverse or solution.
    #[error("{op}: the matrix{} {reason}", place(batch))]
    Linalg {
        /// The op.
        op: &'static str,
        /// Where the matrix is among the leading dimensions; empty if there are none.
        batch: Vec<usize>,
        /// What is wrong with the matrix.
        reason: &'static str,
    },
}

/// " at [1, 0]" for a matrix of a batch.
fn place(batch: &[usize]) -> String {
    if batch.is_empty() { String::new() } else { format!(" at {batch:?}") }
}

/// The fault that a kernel found in the data.
pub(crate) fn from_kernel(op: &'static str, error: gradus_cpu::Error, len: usize) -> Error {
    match error {
        gradus_cpu::Error::IndexOutOfRange { index, .. } => {
            gradus_core::Error::IndexOutOfRange { op, index, len }.into()
        }
        gradus_cpu::Error::NegativeExponent => gradus_core::Error::InvalidArgument {
            op,
            name: "exponent",
            expected: "not negative for integers",
            got: "a negative number".into(),
        }
        .into(),
        // The other faults are dtypes that the caller has refused already.
        _ => Error::DivisionByZero { op },
    }
}
