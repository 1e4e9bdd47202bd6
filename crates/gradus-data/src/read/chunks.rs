//! Tables that do not fit in memory, piece by piece.

use std::fmt;

use super::table::Table;
use crate::Result;

/// A reader in the midst of a file.
pub(super) trait Rows {
    /// The next rows, at most so many; fewer only at the end of the file.
    fn next_rows(&mut self, limit: usize) -> Result<Table>;
}

/// A file's rows in tables of a given number of rows; the last has the rest. After an error there is
/// nothing more.
///
/// Only one chunk is in memory. The codes of categories are those of the chunk: for codes that
/// hold throughout the file, see [`crate::LabelEncoder`] and [`Table::strings`].
///
/// # Examples
/// A scaler learned from a file of any size:
/// ```no_run
/// use gradus_data::{
///     ColumnKind, CsvConfig, FitStream, PartialFit, StandardScalerConfig, TrainRows,
/// };
/// use gradus_tensor::DType;
/// let config = CsvConfig::new([("x", ColumnKind::Number)]);
/// let mut stream = StandardScalerConfig::default().stream()?;
/// for chunk in config.chunks("train.csv", 10_000)? {
///     stream.partial_fit(&TrainRows::whole(&chunk?.numbers(&["x"], DType::F64)?))?;
/// }
/// let scaler = stream.finish()?;
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub struct Chunks {
    /// None after the end.
    rows: Option<Box<dyn Rows + Send>>,
    limit: usize,
}

impl Chunks {
    /// At least one row at a time.
    pub(super) fn new(rows: impl Rows + Send + 'static, limit: usize) -> Self {
        Self { rows: Some(Box::new(rows)), limit: limit.max(1) }
    }
}

impl Iterator for Chunks {
    type Item = Result<Table>;

    fn next(&mut self) -> Option<Result<Table>> {
        let table = self.rows.as_mut()?.next_rows(self.limit);
        if table.as_ref().map_or(true, |table| table.n_rows < self.limit) {
            self.rows = None;
        }
        Some(table).filter(|table| table.as_ref().map_or(true, |table| table.n_rows > 0))
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks").field("limit", &self.limit).finish_non_exhaustive()
    }
}
