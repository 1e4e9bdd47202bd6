//! What can go wrong while generating.

use thiserror::Error;

/// Why a request was refused, or why a run stopped early.
///
/// A contradictory request is an error, never a warning and never a silently ignored field.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// Every id was removed: all logits are −∞, or all weights are 0.
    #[error("row {row}, position {pos}: no id is left to draw")]
    EmptySupport {
        /// Row of the request.
        row: usize,
        /// Position in the row.
        pos: usize,
    },
    /// A logit is NaN or +∞, or a weight is not a finite number ≥ 0.
    #[error("row {row}, position {pos}: logits must be finite or −∞")]
    NotFinite {
        /// Row of the request.
        row: usize,
        /// Position in the row.
        pos: usize,
    },
    /// Two parts of a request exclude each other.
    #[error("{what} contradicts {with}")]
    Contradiction {
        /// One side.
        what: &'static str,
        /// The other side.
        with: &'static str,
    },
    /// A request leaves out what it needs.
    #[error("the request needs {what}")]
    Missing {
        /// What is needed.
        what: &'static str,
    },
    /// A length is wrong.
    #[error("{what}: expected {expected}, got {got}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// The length that was needed; a bound if `what` says so.
        expected: usize,
        /// The length that was there.
        got: usize,
    },
    /// A number is outside its allowed range.
    #[error("{name} must be {expected}, got {got}")]
    Parameter {
        /// Name of the parameter.
        name: &'static str,
        /// What is allowed.
        expected: &'static str,
        /// What was given.
        got: f64,
    },
    /// Something measured is NaN, or infinite where no measure exists.
    #[error("{what} {index} is not a number that can be measured")]
    NotANumber {
        /// What was measured.
        what: &'static str,
        /// Which of them, from 0.
        index: usize,
    },
    /// A token id is not below the vocabulary size.
    #[error("{what}: id {id} is outside the vocabulary of {vocab}")]
    OutOfVocab {
        /// Where the id stands.
        what: &'static str,
        /// The id.
        id: u32,
        /// Number of ids the model knows.
        vocab: usize,
    },
    /// The prompt is empty and the model has no start token.
    #[error("row {row}: the prompt is empty and the model has no start token")]
    EmptyPrompt {
        /// Row of the request.
        row: usize,
    },
    /// A model of continuous values answered NaN or infinity.
    #[error("call {call}: the model's estimate is not finite")]
    Diverged {
        /// Number of the call, from 1.
        call: usize,
    },
    /// A run of continuous values was stopped, or its time was over, before its last step.
    #[error("stopped after {made} of {of} steps")]
    Interrupted {
        /// Steps that were made.
        made: usize,
        /// Steps there are.
        of: usize,
    },
    /// A regular expression has a fault, or needs too large an automaton.
    #[error("pattern {pattern:?}")]
    Pattern {
        /// The expression.
        pattern: String,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A tensor operation failed.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
    /// The model failed.
    #[error("the model failed")]
    Model(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A result with this crate's [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Wraps the error of a model, for implementors of [`Causal`](crate::Causal) and
    /// [`Masked`](crate::Masked).
    pub fn model(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Model(error.into())
    }

    /// Sets the place of errors that have one.
    pub(crate) fn at(self, at_row: usize, at_pos: usize) -> Self {
        match self {
            Self::EmptySupport { .. } => Self::EmptySupport { row: at_row, pos: at_pos },
            Self::NotFinite { .. } => Self::NotFinite { row: at_row, pos: at_pos },
            other => other,
        }
    }
}
