//! What a contract reports.

use crate::Claim;

/// A result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A broken claim, or a failure on the way to it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A claim does not hold.
    #[error("{name}: {claim}, but {found}")]
    Broken {
        /// What was checked.
        name: String,
        /// The claim.
        claim: Claim,
        /// What was found instead.
        found: String,
    },
    /// A layer or a loss failed where it should not.
    #[error(transparent)]
    Nn(#[from] gradus_nn::Error),
    /// An optimizer failed where it should not.
    #[error(transparent)]
    Optim(#[from] gradus_optim::Error),
    /// A differentiable op failed.
    #[error(transparent)]
    Autograd(#[from] gradus_autograd::Error),
    /// A tensor op failed.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
}

/// The claim holds, or is broken by what `found` says.
pub(crate) fn require(
    holds: bool,
    name: &str,
    claim: Claim,
    found: impl FnOnce() -> String,
) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Broken { name: name.to_owned(), claim, found: found() }) }
}
