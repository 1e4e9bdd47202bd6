//! What can go wrong in a search.

use std::path::PathBuf;

use gradus_train::BoxError;

/// A result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A fault in a search space, a study or its journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter has no values, or its bounds make no sense.
    #[error("parameter `{name}`: expected {expected}, got {got}")]
    Domain {
        /// The parameter.
        name: String,
        /// What would have been accepted.
        expected: &'static str,
        /// What was given.
        got: String,
    },
    /// Two parameters of a space have the same name.
    #[error("space `{space}`: the parameter `{name}` is there twice")]
    DuplicateName {
        /// The space.
        space: String,
        /// The name.
        name: String,
    },
    /// A space has no name or no parameter.
    #[error("space `{space}`: expected a name and at least one parameter")]
    EmptySpace {
        /// The space.
        space: String,
    },
    /// A parameter depends on one that cannot decide about it.
    #[error("parameter `{name}` depends on `{parent}`: expected {expected}, got {got}")]
    Condition {
        /// The parameter.
        name: String,
        /// What it depends on.
        parent: String,
        /// What would have been accepted.
        expected: &'static str,
        /// What was given.
        got: String,
    },
    /// A point does not have the parameter: it is not in the space, or not there at this point.
    #[error("the point has no parameter `{name}`, only: {have}")]
    NoParameter {
        /// The parameter that was asked for.
        name: String,
        /// Those that there are.
        have: String,
    },
    /// A parameter has another type than was asked for.
    #[error("parameter `{name}`: expected {expected}, got {got}")]
    WrongKind {
        /// The parameter.
        name: String,
        /// What was asked for.
        expected: &'static str,
        /// Its value.
        got: String,
    },
    /// A point does not lie in a space.
    #[error("space `{space}`: the parameter `{name}` is {got}, expected {expected}")]
    Outside {
        /// The space.
        space: String,
        /// The parameter.
        name: String,
        /// Its values.
        expected: String,
        /// What the point has.
        got: String,
    },
    /// A sampler, a pruner or a study is configured in a way that contradicts itself.
    #[error("{field}: expected {expected}, got {got}")]
    Config {
        /// The field.
        field: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// What was given.
        got: String,
    },
    /// The next trial depends on results that are not there yet.
    #[error("trial {number} depends on trials that are not finished: {unfinished}")]
    Waiting {
        /// The trial that would be next.
        number: u64,
        /// The first trial that it waits for.
        unfinished: u64,
    },
    /// A trial was told that this study has not asked for, or that is already finished.
    #[error("trial {number} is not under way in this study")]
    UnknownTrial {
        /// The trial.
        number: u64,
    },
    /// A line of a journal is not what was written.
    #[error("{path}, line {line}: {reason}")]
    Journal {
        /// The file.
        path: PathBuf,
        /// The line, counted from one.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A journal belongs to another study.
    #[error("{path}: the journal is of another study: its {field} is {got}, here it is {expected}")]
    OtherStudy {
        /// The file.
        path: PathBuf,
        /// What differs.
        field: &'static str,
        /// As this study has it.
        expected: String,
        /// As the journal has it.
        got: String,
    },
    /// Another process, or another study of this one, writes the journal.
    #[error("{path}: the journal is in use")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The objective failed; the trial is not finished and will be made again.
    #[error("trial {number}: {source}")]
    Objective {
        /// The trial.
        number: u64,
        /// What it failed with.
        source: BoxError,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Io(#[from] gradus_io::Error),
    /// A page or a chart cannot be made.
    #[error(transparent)]
    Train(Box<gradus_train::Error>),
}

impl From<gradus_train::Error> for Error {
    fn from(error: gradus_train::Error) -> Self {
        Self::Train(Box::new(error))
    }
}
