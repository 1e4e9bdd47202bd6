//! Distinct whole numbers of columns.

use std::collections::BTreeSet;

use gradus_core::DType;
use gradus_tensor::Tensor;

use super::columns::unexpected;
use super::fit::{Fit, PartialFit};
use super::state::{Entries, State};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// Whole numbers up to this size have a f64 of their own.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// The values of a table `[..., columns]` of whole numbers, row by row.
///
/// Integers of any dtype, and floats that are whole; NaN is refused.
pub(super) fn whole(op: &'static str, x: &Tensor, n_columns: Option<usize>) -> Result<Vec<i64>> {
    if n_columns.is_some_and(|n| x.dims().last() != Some(&n)) {
        let n = n_columns.unwrap_or(0);
        return Err(unexpected(op, format!("a last dimension of {n}"), x));
    }
    if !x.dtype().is_float() {
        return Ok(x.to_dtype(DType::I64)?.to_vec()?);
    }
    let values: Vec<f64> = x.to_dtype(DType::F64)?.to_vec()?;
    let n = x.dims().last().copied().unwrap_or(1);
    match values.iter().position(|v| v.fract() != 0.0 || v.abs() > LARGEST) {
        None => Ok(values.into_iter().map(|v| v as i64).collect()),
        Some(i) => {
            let expected = "a category: a whole number";
            let (row, column, got) = (i / n, i % n, values[i]);
            Err(Error::Value { op, row, column, expected, got })
        }
    }
}

/// The dtype that encodes a table: its own if it is one of floats.
pub(super) fn float_like(x: &Tensor) -> DType {
    if x.dtype().is_float() { x.dtype() } else { DType::F32 }
}

/// A configuration that learns from the distinct categories of each column.
pub trait FromCategories: Fit + Clone {
    /// The name in errors.
    const OP: &'static str;

    /// What the categories teach.
    ///
    /// # Errors
    /// If they do not fit the configuration.
    fn learn(&self, categories: Vec<Vec<i64>>) -> Result<Self::Fitted>;
}

/// Collects the categories of columns from chunks of rows: exactly as all rows at once.
#[derive(Debug, Clone)]
pub struct CategoryStream<C: FromCategories> {
    config: C,
    columns: Vec<BTreeSet<i64>>,
}

impl<C: FromCategories> CategoryStream<C> {
    pub(super) const fn new(config: C) -> Self {
        Self { config, columns: Vec::new() }
    }

    /// Everything at once.
    pub(super) fn fit(config: &C, rows: &TrainRows) -> Result<C::Fitted> {
        let mut stream = Self::new(config.clone());
        stream.partial_fit(rows)?;
        stream.finish()
    }
}

impl<C: FromCategories> PartialFit for CategoryStream<C> {
    type Fitted = C::Fitted;

    fn partial_fit(&mut self, rows: &TrainRows) -> Result<()> {
        let x = rows.tensor();
        if x.rank() < 2 {
            return Err(unexpected(C::OP, "a table [..., rows, columns]".to_owned(), x));
        }
        let before = Some(self.columns.len()).filter(|&n| n > 0);
        let values = whole(C::OP, x, before)?;
        if values.is_empty() {
            return Err(unexpected(C::OP, "at least one row and one column".to_owned(), x));
        }
        self.columns.resize(x.dims()[x.rank() - 1], BTreeSet::new());
        for row in values.chunks_exact(self.columns.len()) {
            for (categories, &category) in self.columns.iter_mut().zip(row) {
                categories.insert(category);
            }
        }
        Ok(())
    }

    fn finish(&self) -> Result<C::Fitted> {
        if self.columns.is_empty() {
            return Err(Error::NoRows { op: C::OP });
        }
        let rising = |categories: &BTreeSet<i64>| categories.iter().copied().collect();
        self.config.learn(self.columns.iter().map(rising).collect())
    }
}

impl Entries {
    /// The categories of each column.
    pub(super) fn categories(self, categories: &[Vec<i64>]) -> Self {
        let columns = categories.iter().enumerate();
        let all = columns
            .fold(self, |entries, (i, known)| entries.integers(&format!("categories.{i}"), known));
        all.integers("n_columns", &[categories.len() as i64])
    }
}

impl State<'_> {
    /// Undoes [`Entries::categories`].
    pub(super) fn categories(&self) -> Result<Vec<Vec<i64>>> {
        let column = |i: usize| {
            let name = format!("categories.{i}");
            let known = self.integers(&name)?;
            let rising = known.is_sorted_by(|a, b| a < b);
            let error = || self.error(&name, "rising categories", format!("{known:?}"));
            if rising { Ok(known) } else { Err(error()) }
        };
        // An absent column ends this before a forged count can ask for memory.
        (0..self.count("n_columns")?).map(column).collect()
    }
}
