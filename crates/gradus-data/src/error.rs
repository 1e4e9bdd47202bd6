//! What can go wrong between a file and a batch.

use std::path::PathBuf;

/// A result with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// A fault in a data set, its file, a split or a transformation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A tensor operation failed.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
    /// An index lies outside a data set.
    #[error("index {index} is out of range for a data set of {len} items")]
    IndexOutOfRange {
        /// The index.
        index: usize,
        /// How many items there are.
        len: usize,
    },
    /// Two things that go together have different lengths.
    #[error("{op}: expected {expected} {what}, got {got}")]
    LengthMismatch {
        /// The operation.
        op: &'static str,
        /// What was counted.
        what: &'static str,
        /// The length that the first thing has.
        expected: usize,
        /// The length of the other.
        got: usize,
    },
    /// An argument is outside its range.
    #[error("{op}: {name} must be {expected}, got {got}")]
    InvalidArgument {
        /// The operation.
        op: &'static str,
        /// The argument.
        name: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// The value that was given.
        got: String,
    },
    /// A split would leave a part without items.
    #[error("{op}: part {part} would be empty ({len} items in all)")]
    EmptyPart {
        /// The operation.
        op: &'static str,
        /// Position of the part.
        part: usize,
        /// How many items are to be split.
        len: usize,
    },
    /// A column has no value to learn from.
    #[error("{op}: column {column} has no value that is not NaN")]
    NoValue {
        /// The operation.
        op: &'static str,
        /// Position of the column.
        column: usize,
    },
    /// A value to learn from is infinite.
    #[error("{op}: row {row}, column {column} is infinite")]
    Infinite {
        /// The operation.
        op: &'static str,
        /// Position of the row.
        row: usize,
        /// Position of the column.
        column: usize,
    },
    /// A value is not what a transformation can take.
    #[error("{op}: row {row}, column {column} must be {expected}, got {got}")]
    Value {
        /// The operation.
        op: &'static str,
        /// Position of the row.
        row: usize,
        /// Position of the column.
        column: usize,
        /// What would have been accepted.
        expected: &'static str,
        /// The value.
        got: f64,
    },
    /// There is nothing to learn from.
    #[error("{op}: there was no row to learn from")]
    NoRows {
        /// The operation.
        op: &'static str,
    },
    /// What was transformed cannot be told any more.
    #[error("{op}: this transformation has no inverse")]
    NoInverse {
        /// The operation.
        op: &'static str,
    },
    /// All rows are to be learned from, although they are called a part.
    #[error("all {len} rows are in the training part; use TrainRows::whole if none is held out")]
    NothingHeldOut {
        /// How many rows there are.
        len: usize,
    },
    /// An item is to be learned from and tested on.
    #[error("item {index} is in the training part and in the test part")]
    Leak {
        /// The item.
        index: usize,
    },
    /// A step of a composition failed.
    #[error("step {name:?}")]
    Step {
        /// Name of the step.
        name: String,
        /// Why it failed.
        source: Box<Error>,
    },
    /// A name was not seen while fitting.
    #[error("label {label:?} of row {row} was not seen in fit")]
    UnknownLabel {
        /// Position of the row.
        row: usize,
        /// The name.
        label: String,
    },
    /// A category was not seen while fitting.
    #[error("{op}: category {category} of column {column} was not seen in fit")]
    UnknownCategory {
        /// The operation.
        op: &'static str,
        /// Position of the column.
        column: usize,
        /// The category.
        category: i64,
    },
    /// A block of a one-hot row does not name exactly one category.
    #[error("{op}: row {row} does not have exactly one 1 among the categories of column {column}")]
    NotOneHot {
        /// The operation.
        op: &'static str,
        /// Position of the row.
        row: usize,
        /// Position of the column.
        column: usize,
    },
    /// A character is not in the vocabulary.
    #[error("character {character:?} at position {position} is not in the vocabulary")]
    UnknownCharacter {
        /// The character.
        character: char,
        /// How many characters precede it.
        position: usize,
    },
    /// A token id is not in the vocabulary.
    #[error("token id {id} is out of range for a vocabulary of {vocab_size}")]
    UnknownToken {
        /// The id.
        id: i64,
        /// How many tokens there are.
        vocab_size: usize,
    },
    /// A label is no class.
    #[error("label {label} at position {position} is out of range for {n_classes} classes")]
    LabelOutOfRange {
        /// The label.
        label: i64,
        /// Its place among the labels, in row-major order.
        position: usize,
        /// How many classes there are.
        n_classes: usize,
    },
    /// A state dictionary lacks an entry, or the entry does not fit.
    #[error("{op}: state entry {name:?} must be {expected}, got {got}")]
    State {
        /// The type that was to be restored.
        op: &'static str,
        /// Name of the entry.
        name: String,
        /// What would have been accepted.
        expected: &'static str,
        /// What was found.
        got: String,
    },
    /// The operating system refuses another worker thread.
    #[error("cannot start worker {worker} of {workers}")]
    Worker {
        /// Position of the worker.
        worker: usize,
        /// How many there should be.
        workers: usize,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// A file cannot be opened or read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's or the decompressor's reason.
        source: std::io::Error,
    },
    /// A file's bytes are not what its format asks for.
    #[error("{}, byte {offset}: expected {expected}, got {got}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Where, counted from the start of the uncompressed file.
        offset: u64,
        /// What would have been accepted.
        expected: String,
        /// What was found.
        got: String,
    },
    /// A field of a table is not what its column asks for.
    #[error("{}, line {line}, column {column:?}: expected {expected}, got {got:?}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// Name of the column.
        column: String,
        /// What would have been accepted.
        expected: &'static str,
        /// What was found.
        got: String,
    },
    /// A cell of a table without lines is not what its column asks for.
    #[error("{}, row {row}, column {column:?}: expected {expected}, got {got:?}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// The row, counted from 0.
        row: u64,
        /// Name of the column.
        column: String,
        /// What would have been accepted.
        expected: &'static str,
        /// What was found.
        got: String,
    },
    /// A line is not what its format asks for.
    #[error("{}, line {line}: expected {expected}, got {got}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What would have been accepted.
        expected: &'static str,
        /// What was found.
        got: String,
    },
    /// A line of a table has another number of fields than expected.
    #[error("{}, line {line}: expected {expected} fields, got {got}", path.display())]
    FieldCount {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// How many fields there should be.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// A table has no such column, or one of another kind.
    #[error("{table}: no {expected} column {column:?}, there are {}", listed(columns))]
    NoColumn {
        /// The file that the table came from.
        table: String,
        /// The name asked for.
        column: String,
        /// The kind asked for: number, category, text, or nothing.
        expected: &'static str,
        /// The columns that exist, with their kinds.
        columns: Vec<String>,
    },
}

fn listed(columns: &[String]) -> String {
    // An empty file has one column without a name.
    if columns.iter().all(String::is_empty) { "none".to_owned() } else { columns.join(", ") }
}
