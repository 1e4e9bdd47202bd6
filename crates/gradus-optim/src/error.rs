//! What can go wrong in a step.

use gradus_tensor::Shape;

/// A result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A fault of an optimizer's settings, its state, or a step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is outside its range.
    #[error("{optimizer}: {field} must be {expected}, got {got}")]
    InvalidConfig {
        /// The optimizer, transformation or schedule.
        optimizer: &'static str,
        /// The setting.
        field: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// The value that was given.
        got: f64,
    },
    /// A gradient is infinite or not a number; nothing was changed.
    #[error("{path}: the gradient is not finite")]
    NonFiniteGradient {
        /// The parameter.
        path: String,
    },
    /// The loss that a closure gave is infinite or not a number; nothing was changed.
    #[error("the loss is {loss}")]
    NonFiniteLoss {
        /// The loss.
        loss: f64,
    },
    /// A gradient, or an entry of the state, has another shape than its parameter.
    #[error("{name}: expected shape {expected}, got {got}")]
    Shape {
        /// Name of the entry, or path of the parameter.
        name: String,
        /// Shape of the parameter.
        expected: Shape,
        /// The shape that was found.
        got: Shape,
    },
    /// The saved state lacks an entry.
    #[error("optimizer state: missing {name}")]
    MissingState {
        /// Name of the entry.
        name: String,
    },
    /// The saved state has an entry that the optimizer does not know.
    #[error("optimizer state: unexpected {name}")]
    UnexpectedState {
        /// Name of the entry.
        name: String,
    },
    /// The state was saved by another kind of optimizer.
    #[error("optimizer state: saved by [{got}], cannot be loaded by [{expected}]")]
    OtherOptimizer {
        /// The links of this optimizer that matter to its state.
        expected: String,
        /// Those of the optimizer that saved it.
        got: String,
    },
    /// An entry of the saved state is not what it should be.
    #[error("optimizer state: {name} must be {expected}")]
    InvalidState {
        /// Name of the entry.
        name: String,
        /// What would have been accepted.
        expected: &'static str,
    },
    /// A parameter could not be set.
    #[error(transparent)]
    Autograd(#[from] gradus_autograd::Error),
    /// A tensor op failed.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
}

/// Checks one setting.
pub(crate) fn require(
    ok: bool,
    optimizer: &'static str,
    field: &'static str,
    expected: &'static str,
    got: f64,
) -> Result<()> {
    if ok { Ok(()) } else { Err(Error::InvalidConfig { optimizer, field, expected, got }) }
}

/// Checks that a setting is a decay rate: in `0.0..1.0`.
pub(crate) fn require_decay(optimizer: &'static str, field: &'static str, got: f64) -> Result<()> {
    require((0.0..1.0).contains(&got), optimizer, field, "in 0.0..1.0", got)
}

/// Checks that a setting is finite and not negative.
pub(crate) fn require_size(optimizer: &'static str, field: &'static str, got: f64) -> Result<()> {
    require(got.is_finite() && got >= 0.0, optimizer, field, "finite and not negative", got)
}
