//! What can go wrong in a training run.

use std::path::PathBuf;

/// A result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A fault in a training run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The loss is NaN or infinite. The parameters are those of the step before.
    #[error("step {step}: the loss is {loss}; try a smaller learning rate or clip the gradient")]
    NonFiniteLoss {
        /// The step, counted from zero.
        step: u64,
        /// The loss.
        loss: f64,
    },
    /// The data source gave no batch.
    #[error("epoch {epoch}: the training data hold no batch")]
    NoBatches {
        /// The epoch.
        epoch: u64,
    },
    /// Early stopping watches a metric that nobody reports.
    #[error("early stopping watches `{monitor}`, but the metrics are: {have}")]
    UnknownMetric {
        /// The metric that was asked for.
        monitor: String,
        /// The metrics that there are.
        have: String,
    },
    /// A configuration contradicts itself.
    #[error("{field}: expected {expected}, got {got}")]
    Config {
        /// The field.
        field: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// What was given.
        got: String,
    },
    /// A checkpoint does not hold a training run of this kind.
    #[error("{path}: not a checkpoint that can be resumed here: {reason}")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A log or a page cannot be written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A chart cannot be drawn.
    #[error("plot: {reason}")]
    Plot {
        /// What the drawing backend said.
        reason: String,
    },
    /// The user's model or loss failed in its own way.
    #[error(transparent)]
    Custom(#[from] Box<dyn std::error::Error + Send + Sync>),
}
