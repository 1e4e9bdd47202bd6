//! What can go wrong in a training run.

use std::path::PathBuf;

/// A result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error, as a loss function may return it; `?` makes one of every error, of `anyhow`'s too.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

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
    #[error("epoch {epoch}: the {part} data hold no batch")]
    NoBatches {
        /// Training or validation.
        part: &'static str,
        /// The epoch.
        epoch: u64,
    },
    /// An epoch goes on with other data than it began with.
    #[error("the epoch began with {expected} batches, but the data now hold {got}")]
    BatchCount {
        /// Batches when the epoch began.
        expected: usize,
        /// Batches now.
        got: usize,
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
    /// A file cannot be read or written.
    #[error(transparent)]
    Io(#[from] gradus_io::Error),
    /// The data failed.
    #[error(transparent)]
    Data(#[from] gradus_data::Error),
    /// The optimizer failed.
    #[error(transparent)]
    Optim(#[from] gradus_optim::Error),
    /// A layer failed.
    #[error(transparent)]
    Nn(#[from] gradus_nn::Error),
    /// A differentiable op failed.
    #[error(transparent)]
    Autograd(#[from] gradus_autograd::Error),
    /// A tensor op failed.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
    /// The user's model or loss failed in its own way.
    #[error(transparent)]
    Custom(BoxError),
}

impl From<BoxError> for Error {
    /// Finds the variant of an error that a loss function returned.
    fn from(error: BoxError) -> Self {
        let found = match error.downcast::<Self>() {
            Ok(error) => return *error,
            Err(error) => unbox::<gradus_nn::Error>(error)
                .or_else(unbox::<gradus_autograd::Error>)
                .or_else(unbox::<gradus_tensor::Error>)
                .or_else(unbox::<gradus_data::Error>)
                .or_else(unbox::<gradus_io::Error>),
        };
        found.unwrap_or_else(Self::Custom)
    }
}

fn unbox<E>(error: BoxError) -> Result<Error, BoxError>
where
    E: std::error::Error + Into<Error> + 'static,
{
    Ok((*error.downcast::<E>()?).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_error_comes_out_of_its_box() {
        let boxed = |error: BoxError| Error::from(error);
        assert!(matches!(boxed(gradus_nn::Error::NoKey.into()), Error::Nn(_)));
        let own = Error::BatchCount { expected: 1, got: 2 };
        assert!(matches!(boxed(own.into()), Error::BatchCount { .. }));
        let io = std::io::Error::other("a file of the loss");
        assert!(matches!(boxed(io.into()), Error::Custom(_)));
        assert_eq!(boxed("in words".into()).to_string(), "in words");
        assert!(matches!(boxed(anyhow::anyhow!("anyhow").into()), Error::Custom(_)));
    }
}
