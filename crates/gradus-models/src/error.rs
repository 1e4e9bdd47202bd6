//! What can go wrong in a model.

use gradus_core::Shape;

/// A result with [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A fault in a model's configuration, in what it is given, or in its computation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A field of a configuration is outside its range.
    #[error("{model}: {field} must be {expected}, got {got}")]
    Config {
        /// The model.
        model: &'static str,
        /// The field of its configuration.
        field: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// What was given.
        got: String,
    },
    /// An input has another shape than the model needs.
    #[error("{model}: expected {name} of shape {expected}, got {got}")]
    InputShape {
        /// The model.
        model: &'static str,
        /// The input.
        name: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// The shape that was given.
        got: Shape,
    },
    /// More positions were given than the model knows.
    #[error("{model}: {got} positions do not fit into a context of {context}")]
    Context {
        /// The model.
        model: &'static str,
        /// How many positions were given.
        got: usize,
        /// How many the model knows; the class's own position is not counted.
        context: usize,
    },
    /// A token is not below the vocabulary size, nor the mask where a mask may stand.
    #[error("{model}: token {token} is not below {vocab}")]
    Token {
        /// The model.
        model: &'static str,
        /// The token that was given.
        token: i64,
        /// How many tokens the model knows.
        vocab: usize,
    },
    /// A row was not fed its start token first.
    #[error("{model}: a row begins with the start token {start}, got {got}")]
    Start {
        /// The model.
        model: &'static str,
        /// The start token; a class may stand in for it.
        start: u32,
        /// The token that was given.
        got: u32,
    },
    /// Classes are missing, too many or too few, or given to a model without classes.
    #[error("{model}: expected {expected} classes (one per row, none if it knows none), got {got}")]
    Classes {
        /// The model.
        model: &'static str,
        /// One for each row, or 0 if the model knows no classes.
        expected: usize,
        /// How many were given.
        got: usize,
    },
    /// A class is out of range.
    #[error("{model}: class {class} is not below {classes}")]
    Class {
        /// The model.
        model: &'static str,
        /// The class that was given.
        class: i64,
        /// How many classes the model knows.
        classes: usize,
    },
    /// Frames are missing, given to a model without, or have another number of channels.
    #[error("{model}: expected frames of {expected} channels (0: no frames), got {got}")]
    Frames {
        /// The model.
        model: &'static str,
        /// Channels of the frames that the model knows; 0 if it knows none.
        expected: usize,
        /// What was given; 0 if nothing was.
        got: usize,
    },
    /// A place to fill lies outside the canvas.
    #[error("{model}: row {row}, position {at} is outside a canvas of {rows} rows of {len}")]
    Place {
        /// The model.
        model: &'static str,
        /// The row that was asked for.
        row: usize,
        /// The position that was asked for.
        at: usize,
        /// Rows of the canvas.
        rows: usize,
        /// Positions of a row.
        len: usize,
    },
    /// A block is to be filled before what comes before it is known.
    #[error("{model}: row {row}: the block from {start} on needs position {at}, which is masked")]
    Past {
        /// The model.
        model: &'static str,
        /// The row of the canvas.
        row: usize,
        /// The position that is not known.
        at: usize,
        /// Where the block begins.
        start: usize,
    },
    /// A length is zero or above the greatest.
    #[error("{model}: length {got} is not in 1..={longest}")]
    Length {
        /// The model.
        model: &'static str,
        /// The length that was given.
        got: i64,
        /// The greatest length.
        longest: usize,
    },
    /// What was made for some rows is used for another number of them.
    #[error("{model}: expected {expected} {name}, one for each row, got {got}")]
    Rows {
        /// The model.
        model: &'static str,
        /// What there is one of for each row.
        name: &'static str,
        /// How many rows there are.
        expected: usize,
        /// How many were given.
        got: usize,
    },
    /// A layer failed.
    #[error(transparent)]
    Nn(#[from] gradus_nn::Error),
    /// A differentiable op failed.
    #[error(transparent)]
    Autograd(#[from] gradus_autograd::Error),
    /// A tensor op failed.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
}

/// Checks one field of a configuration.
pub(crate) fn require(
    ok: bool,
    model: &'static str,
    field: &'static str,
    expected: &'static str,
    got: impl std::fmt::Debug,
) -> Result<()> {
    if ok { Ok(()) } else { Err(Error::Config { model, field, expected, got: format!("{got:?}") }) }
}

/// Wraps a model's error for a strategy of `gradus-generate`.
pub(crate) fn for_strategy(error: Error) -> gradus_generate::Error {
    gradus_generate::Error::model(error)
}
