//! What a kernel can find wrong with the data.

/// A fault in values that only the kernel sees. Shapes are checked by callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The op has no meaning for the element type.
    Unsupported,
    /// An integer was divided by zero.
    DivisionByZero,
    /// An integer was raised to a negative power.
    NegativeExponent,
    /// An index lies outside its axis.
    IndexOutOfRange {
        /// The index.
        index: i64,
        /// Where it stands among the indices.
        position: usize,
    },
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unsupported => f.write_str("the op is not defined for this element type"),
            Self::DivisionByZero => f.write_str("integer division by zero"),
            Self::NegativeExponent => f.write_str("integer to a negative power"),
            Self::IndexOutOfRange { index, position } => {
                write!(f, "index {index} at position {position} is out of range")
            }
        }
    }
}

impl std::error::Error for Error {}

/// A result with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;
