//! Replacing missing values.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::columns::{Columns, map_columns};
use super::state::State;
use crate::{Error, Fitted, Result};

/// What takes the place of a missing value.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Statistic {
    /// The mean of the column.
    #[default]
    Mean,
    /// The median of the column; between two middle values, their mean.
    Median,
    /// The most frequent value of the column; of several, the smallest.
    MostFrequent,
    /// A given value, the same for all columns.
    Constant(f64),
}

/// How an [`Imputer`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ImputerConfig {
    /// What takes the place of a missing value.
    pub statistic: Statistic,
}

impl ImputerConfig {
    /// Learns the replacement for each column, from its values that are not NaN.
    ///
    /// # Shapes
    /// - `x`: `[..., C]` of rank 2 or more; all dimensions but the last are rows
    ///
    /// # Errors
    /// If `x` is not a float table with at least one row and column, or has an infinite value; if
    /// a column has nothing but NaN, unless the replacement is constant; if the constant is NaN.
    pub fn fit(&self, x: &Tensor) -> Result<Imputer> {
        let op = "Imputer::fit";
        let columns = Columns::to_fit(op, x)?;
        let statistic = |column| {
            let values = || columns.column(op, column);
            Ok(match self.statistic {
                Statistic::Mean => mean(&values()?),
                Statistic::Median => median(values()?),
                Statistic::MostFrequent => most_frequent(values()?),
                Statistic::Constant(v) if v.is_nan() => {
                    let (name, expected) = ("constant", "a number");
                    let got = v.to_string();
                    return Err(Error::InvalidArgument { op, name, expected, got });
                }
                Statistic::Constant(v) => v,
            })
        };
        let statistics = (0..columns.n_columns()).map(statistic).collect::<Result<_>>()?;
        Ok(Imputer { statistics })
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let (upper, n) = (values.len() / 2, values.len());
    if n % 2 == 1 { values[upper] } else { f64::midpoint(values[upper - 1], values[upper]) }
}

fn most_frequent(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let runs = values.chunk_by(|a, b| a == b);
    // `max_by_key` returns the last of equals; reversed, that is the smallest value.
    runs.rev().max_by_key(|run| run.len()).map_or(f64::NAN, |run| run[0])
}

/// Replaces NaN by a number learned for each column.
///
/// # Reference
/// scikit-learn's `SimpleImputer`; unlike it, a column of nothing but NaN is an error rather than
/// left out.
///
/// # Examples
/// ```
/// use gradus_data::{ImputerConfig, Statistic};
/// use gradus_tensor::Tensor;
/// let x = Tensor::from([[1.0f32], [f32::NAN], [2.0], [6.0]]);
/// let imputer = ImputerConfig { statistic: Statistic::Median }.fit(&x)?;
/// assert_eq!(imputer.transform(&x)?.to_vec::<f32>()?, [1.0, 2.0, 2.0, 6.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Imputer {
    statistics: Vec<f64>,
}

impl Imputer {
    /// What takes the place of NaN in each column.
    pub fn statistics(&self) -> &[f64] {
        &self.statistics
    }

    /// Replaces NaN.
    ///
    /// # Shapes
    /// - `x`: `[..., C]` → `[..., C]`
    ///
    /// # Errors
    /// If `x` is not a float tensor whose last dimension is the number of columns.
    pub fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let replace = |c: usize, v: f64| if v.is_nan() { self.statistics[c] } else { v };
        map_columns("Imputer::transform", x, self.statistics.len(), replace)
    }
}

impl Fitted for Imputer {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        [("statistics".to_owned(), Tensor::from(self.statistics.clone()))].into()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "Imputer", state };
        Ok(Self { statistics: state.floats("statistics")? })
    }
}
