//! What can go wrong in a layer, a loss or an initialiser.

use gradus_core::Shape;

/// A result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A fault in a layer, a loss or an initialiser.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A layer inside a model failed.
    #[error("{path}: {source}")]
    At {
        /// Where the layer is, as in the state dict: `blocks.3.attn.q`.
        path: String,
        /// What happened there; never itself an `At`.
        source: Box<Self>,
    },
    /// A field of a configuration, or an argument, is outside its range.
    #[error("{layer}: {field} must be {expected}, got {got}")]
    InvalidConfig {
        /// The layer, loss or initialiser.
        layer: &'static str,
        /// The field or argument.
        field: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// The value that was given.
        got: String,
    },
    /// An input has another shape than the layer needs.
    #[error("{layer}: expected input of shape {expected}, got {got}")]
    InputShape {
        /// The layer or loss.
        layer: &'static str,
        /// What would have been accepted.
        expected: String,
        /// The shape that was given.
        got: Shape,
    },
    /// Randomness was asked of a context that has no key.
    #[error("the context has no key: make it with Ctx::train(key) or Ctx::eval().with_key(key)")]
    NoKey,
    /// Batch statistics need more than one value per channel.
    #[error("{layer}: training needs more than one value per channel, got input of shape {got}")]
    SingleValue {
        /// The layer.
        layer: &'static str,
        /// The shape that was given.
        got: Shape,
    },
    /// The mean of a loss was asked over no target.
    #[error("{loss}: there is no target to take the mean over")]
    NoTarget {
        /// The loss.
        loss: &'static str,
    },
    /// A key-value cache does not fit what is asked of it.
    #[error("key-value cache: {name} must be {expected}, got {got}")]
    Cache {
        /// What does not fit.
        name: &'static str,
        /// What would have been accepted.
        expected: String,
        /// The value that was given.
        got: String,
    },
    /// A differentiable op failed.
    #[error(transparent)]
    Autograd(#[from] gradus_autograd::Error),
    /// A tensor op failed.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
}

impl From<gradus_core::Error> for Error {
    fn from(error: gradus_core::Error) -> Self {
        Self::Tensor(error.into())
    }
}

/// Checks one field of a configuration.
pub(crate) fn require(
    ok: bool,
    layer: &'static str,
    field: &'static str,
    expected: &'static str,
    got: impl std::fmt::Debug,
) -> Result<()> {
    if ok {
        return Ok(());
    }
    Err(Error::InvalidConfig { layer, field, expected, got: format!("{got:?}") })
}
