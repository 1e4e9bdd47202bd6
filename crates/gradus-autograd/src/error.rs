//! What can go wrong with gradients, and with the state of a module.

use gradus_core::{DType, Shape};

/// A result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A fault of differentiation, or of a module's state.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The op itself failed: shapes, dtypes or arguments do not fit.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
    /// Only a single number has a gradient; reduce first, or give a cotangent.
    #[error("{op}: expected one element, got shape {shape}")]
    NotScalar {
        /// What was asked for.
        op: &'static str,
        /// The shape at hand.
        shape: Shape,
    },
    /// The op has no derivative.
    #[error("{op}: has no derivative; call it on value() or detach()")]
    NotDifferentiable {
        /// The op.
        op: &'static str,
    },
    /// The variable depends on nothing that wants a gradient.
    #[error("{op}: the variable depends on no leaf that wants a gradient")]
    NoGradient {
        /// What was asked for.
        op: &'static str,
    },
    /// An op's derivative returned another number of gradients than the op has inputs.
    #[error("{op}: its derivative gave {got} gradients for {expected} inputs")]
    GradientCount {
        /// The op.
        op: &'static str,
        /// How many inputs the op has.
        expected: usize,
        /// How many gradients came.
        got: usize,
    },
    /// A gradient has another shape than its variable.
    #[error("{op}: the gradient of input {input} has shape {got}, expected {expected}")]
    GradientShape {
        /// The op.
        op: &'static str,
        /// Which input.
        input: usize,
        /// Shape of the input.
        expected: Shape,
        /// Shape of the gradient.
        got: Shape,
    },
    /// A gradient has another dtype than its variable.
    #[error("{op}: the gradient of input {input} has dtype {got}, expected {expected}")]
    GradientDType {
        /// The op.
        op: &'static str,
        /// Which input.
        input: usize,
        /// Dtype of the input.
        expected: DType,
        /// Dtype of the gradient.
        got: DType,
    },
    /// The state dictionary lacks entries that the module has.
    #[error("state dict: missing {}", paths.join(", "))]
    MissingState {
        /// Paths of the parameters and buffers.
        paths: Vec<String>,
    },
    /// The state dictionary has entries that the module lacks.
    #[error("state dict: unexpected {}", paths.join(", "))]
    UnexpectedState {
        /// The names in the dictionary.
        paths: Vec<String>,
    },
    /// A new value has another shape than the parameter or buffer.
    #[error("{path}: expected shape {expected}, got {got}")]
    StateShape {
        /// Path of the parameter or buffer in its module.
        path: String,
        /// Its shape.
        expected: Shape,
        /// Shape of the new value.
        got: Shape,
    },
    /// A new value has another dtype than the parameter or buffer.
    #[error("{path}: expected dtype {expected}, got {got}; cast with to_dtype")]
    StateDType {
        /// Path of the parameter or buffer in its module.
        path: String,
        /// Its dtype.
        expected: DType,
        /// Dtype of the new value.
        got: DType,
    },
    /// Run again, a function failed or gave something else.
    #[error("{op}: the function cannot be run again: {cause}")]
    NotRepeatable {
        /// What ran it.
        op: &'static str,
        /// What happened the second time.
        cause: String,
    },
    /// A number went wrong while it was watched.
    #[error("{0}")]
    Anomaly(crate::Anomaly),
    /// A gradient disagrees with finite differences.
    #[error(
        "gradcheck: input {input}, element {element}: derivative {analytic}, differences {numeric}"
    )]
    GradCheck {
        /// Which input.
        input: usize,
        /// Which element of it, in row-major order.
        element: usize,
        /// What the derivative says.
        analytic: f64,
        /// What finite differences say.
        numeric: f64,
    },
}

impl From<gradus_core::Error> for Error {
    fn from(error: gradus_core::Error) -> Self {
        Self::Tensor(error.into())
    }
}
