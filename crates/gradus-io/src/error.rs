//! What can be wrong with a file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A result with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// A file, and the tensor in it that an error is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The tensor, if the error is about one in particular.
    pub tensor: Option<String>,
}

impl Place {
    pub(crate) fn file(path: &Path) -> Self {
        Self { path: path.to_owned(), tensor: None }
    }

    pub(crate) fn tensor(&self, name: &str) -> Self {
        Self { path: self.path.clone(), tensor: Some(name.to_owned()) }
    }

    pub(crate) fn read(&self, source: io::Error) -> Error {
        Error::Read { place: self.clone(), source }
    }

    pub(crate) fn write(&self, source: io::Error) -> Error {
        Error::Write { place: self.clone(), source }
    }

    pub(crate) fn format(&self, expected: impl Into<String>, got: impl Into<String>) -> Error {
        Error::Format { place: self.clone(), expected: expected.into(), got: got.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)?;
        self.tensor.as_ref().map_or(Ok(()), |name| write!(f, ", tensor {name:?}"))
    }
}

/// A fault in reading or writing a file. Every variant names it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {place}")]
    Read {
        /// The file.
        place: Place,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The file cannot be written. What was there before is untouched.
    #[error("cannot write {place}")]
    Write {
        /// The file.
        place: Place,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The bytes are not what the format asks for.
    #[error("{place}: expected {expected}, got {got}")]
    Format {
        /// The file, and the tensor if it is about one.
        place: Place,
        /// What would have been accepted.
        expected: String,
        /// What was found.
        got: String,
    },
    /// A dtype exists on one side only: in the file format or in Gradus.
    #[error("{place}: dtype {dtype} is not supported, expected one of {expected}")]
    DType {
        /// The file and the tensor.
        place: Place,
        /// The dtypes that are supported.
        expected: &'static str,
        /// The dtype at hand.
        dtype: String,
    },
    /// The file was written by a later Gradus.
    #[error("{place}: format version {got:?} is not supported, expected {supported} or less")]
    Version {
        /// The file.
        place: Place,
        /// The latest version that can be read.
        supported: u32,
        /// The version in the file.
        got: String,
    },
    /// A name has a meaning of its own in the format.
    #[error("{place}: the name {name:?} is reserved by the format")]
    ReservedName {
        /// The file.
        place: Place,
        /// The name.
        name: String,
    },
    /// A tensor cannot be made.
    #[error("{place}")]
    Tensor {
        /// The file and the tensor.
        place: Place,
        /// Why not.
        source: gradus_tensor::Error,
    },
}
