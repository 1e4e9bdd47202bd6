//! What can go wrong in a training run.

use std::fmt;
use std::path::PathBuf;

use gradus_autograd::Anomaly;

/// A result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error, as a loss function may return it; `?` makes one of every error, of `anyhow`'s too.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A fault in a training run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The loss is NaN or infinite. The parameters are those of the step before.
    #[error(
        "step {step}: the loss is {loss}{origin}; try a smaller learning rate or clip the gradient"
    )]
    NonFiniteLoss {
        /// The step, counted from zero.
        step: u64,
        /// The loss.
        loss: f64,
        /// Where it comes from, and what there is to return to.
        origin: Box<Origin>,
    },
    /// The gradient is NaN or infinite while the loss is not. The parameters are those of the step
    /// before.
    #[error("step {step}: the gradient is not finite{origin}; try a smaller learning rate")]
    NonFiniteGradient {
        /// The step, counted from zero.
        step: u64,
        /// The first parameter whose gradient is not finite, and what there is to return to.
        origin: Box<Origin>,
    },
    /// Every batch of an epoch was left out, since its loss or gradient was not finite.
    #[error("epoch {epoch}: the losses or gradients of all {skipped} batches are not finite")]
    AllSkipped {
        /// The epoch.
        epoch: u64,
        /// How many batches it has.
        skipped: usize,
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
                .or_else(unbox::<gradus_optim::Error>)
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

/// Where in a model numbers first were not finite, as far as it is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Origin {
    /// The layer or, for a gradient, the parameter, as in the state dict: `blocks.3.attn.q`.
    pub path: Option<String>,
    /// The op that made the first such number, found by making the step again.
    pub anomaly: Option<Anomaly>,
    /// The last checkpoint of the run. It holds finite numbers: nothing else is saved.
    pub checkpoint: Option<PathBuf>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.path, &self.anomaly) {
            (Some(path), Some(anomaly)) if *path != anomaly.path => {
                write!(f, ", first in {path} ({anomaly})")?;
            }
            (_, Some(anomaly)) => write!(f, ", first in {anomaly}")?,
            (Some(path), None) => write!(f, ", first in {path}")?,
            (None, None) => {}
        }
        let checkpoint = self.checkpoint.as_ref();
        checkpoint.map_or(Ok(()), |path| write!(f, "; the last checkpoint is {}", path.display()))
    }
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
