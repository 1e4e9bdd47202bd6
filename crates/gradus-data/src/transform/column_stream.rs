//! Statistics of columns that grow row by row.

use super::columns::{Columns, unexpected};
use super::fit::{Fit, PartialFit};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// What is remembered of one column.
pub trait Seen: Default + Clone {
    /// Takes in a value that is not NaN.
    fn add(&mut self, v: f64);

    /// Takes in a NaN.
    fn add_nan(&mut self) {}

    /// Whether there was no value but NaN.
    fn is_empty(&self) -> bool;
}

/// A configuration that learns from statistics of single columns.
pub trait FromColumns: Fit + Clone {
    /// What is remembered of a column.
    type Seen: Seen;
    /// The name in errors.
    const OP: &'static str;
    /// Whether a column of nothing but NaN is refused.
    const NEEDS_VALUES: bool = true;

    /// What the statistics teach.
    fn learn(&self, seen: &[Self::Seen]) -> Self::Fitted;
}

/// Learns column by column from chunks of rows.
///
/// Values are taken in row by row, in order: the result has the same bits however the rows are cut
/// into chunks, and the same as with `fit`.
#[derive(Debug, Clone)]
pub struct ColumnStream<C: FromColumns> {
    config: C,
    seen: Vec<C::Seen>,
}

impl<C: FromColumns> ColumnStream<C> {
    pub(super) const fn new(config: C) -> Self {
        Self { config, seen: Vec::new() }
    }

    /// Everything at once.
    pub(super) fn fit(config: &C, rows: &TrainRows) -> Result<C::Fitted> {
        let mut stream = Self::new(config.clone());
        stream.partial_fit(rows)?;
        stream.finish()
    }
}

impl<C: FromColumns> PartialFit for ColumnStream<C> {
    type Fitted = C::Fitted;

    fn partial_fit(&mut self, rows: &TrainRows) -> Result<()> {
        let table = Columns::to_fit(C::OP, rows)?;
        if self.seen.is_empty() {
            self.seen = vec![C::Seen::default(); table.n_columns()];
        }
        if self.seen.len() != table.n_columns() {
            let expected = format!("a last dimension of {}, as before", self.seen.len());
            return Err(unexpected(C::OP, expected, rows.tensor()));
        }
        for row in table.rows() {
            for (seen, &v) in self.seen.iter_mut().zip(row) {
                if v.is_nan() { seen.add_nan() } else { seen.add(v) }
            }
        }
        Ok(())
    }

    fn finish(&self) -> Result<C::Fitted> {
        let op = C::OP;
        if self.seen.is_empty() {
            return Err(Error::NoRows { op });
        }
        match self.seen.iter().position(Seen::is_empty) {
            Some(column) if C::NEEDS_VALUES => Err(Error::NoValue { op, column }),
            _ => Ok(self.config.learn(&self.seen)),
        }
    }
}
