//! Categories as unit vectors.

use std::collections::BTreeMap;

use gradus_core::{DType, Error as CoreError};
use gradus_tensor::Tensor;

use super::columns::unexpected;
use super::state::State;
use crate::{Error, Fitted, Result};

/// What becomes of a category that was not seen in fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownCategory {
    /// It is an error.
    #[default]
    Error,
    /// Its columns are all 0.
    Zeros,
}

/// How a [`OneHotEncoder`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OneHotEncoderConfig {
    /// What becomes of a category that was not seen in fit.
    pub unknown: UnknownCategory,
}

impl OneHotEncoderConfig {
    /// Learns the distinct categories of each column, in rising order.
    ///
    /// # Shapes
    /// - `x`: `[N, C]`, i64
    ///
    /// # Errors
    /// If `x` is not an i64 matrix with at least one row and column.
    pub fn fit(&self, x: &Tensor) -> Result<OneHotEncoder> {
        let op = "OneHotEncoder::fit";
        let rows = matrix(op, x, None)?;
        let n_columns = x.dims()[1];
        if rows.is_empty() {
            return Err(unexpected(op, "at least one row and one column".to_owned(), x));
        }
        let distinct = |column: usize| {
            let mut categories: Vec<i64> =
                rows.iter().skip(column).step_by(n_columns).copied().collect();
            categories.sort_unstable();
            categories.dedup();
            categories
        };
        let categories = (0..n_columns).map(distinct).collect();
        Ok(OneHotEncoder { categories, unknown: self.unknown })
    }
}

/// The values of an i64 matrix, row by row.
fn matrix(op: &'static str, x: &Tensor, n_columns: Option<usize>) -> Result<Vec<i64>> {
    if x.dtype() != DType::I64 {
        let (expected, got) = ("i64", x.dtype());
        let error = CoreError::UnsupportedDType { op, expected, got };
        return Err(gradus_tensor::Error::from(error).into());
    }
    if x.rank() != 2 || n_columns.is_some_and(|n| x.dims()[1] != n) {
        let n = n_columns.map_or("columns".to_owned(), |n| n.to_string());
        return Err(unexpected(op, format!("a matrix [rows, {n}]"), x));
    }
    Ok(x.to_vec()?)
}

/// Turns each column of categories into as many columns as it has categories: 1 for the category
/// at hand, 0 for the others.
///
/// # Reference
/// scikit-learn's `OneHotEncoder` with dense f32 output and no dropped column.
///
/// # Examples
/// ```
/// use gradus_data::OneHotEncoderConfig;
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[3, 0], [7, 1]]);
/// let encoder = OneHotEncoderConfig::default().fit(&x)?;
/// assert_eq!(encoder.categories(), [vec![3, 7], vec![0, 1]]);
/// let y = encoder.transform(&Tensor::new([[7, 0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 1.0, 1.0, 0.0]);
/// assert_eq!(encoder.inverse_transform(&y)?.to_vec::<i64>()?, [7, 0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneHotEncoder {
    categories: Vec<Vec<i64>>,
    unknown: UnknownCategory,
}

impl OneHotEncoder {
    /// The categories of each column, in rising order.
    pub fn categories(&self) -> &[Vec<i64>] {
        &self.categories
    }

    /// How many columns the encoding has.
    pub fn n_features(&self) -> usize {
        self.categories.iter().map(Vec::len).sum()
    }

    /// Encodes.
    ///
    /// # Shapes
    /// - `x`: `[N, C]`, i64 → `[N, n_features]`, f32
    ///
    /// # Errors
    /// If `x` is not an i64 matrix of C columns; [`Error::UnknownCategory`] if one was not seen in
    /// fit and the policy is [`UnknownCategory::Error`].
    pub fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let op = "OneHotEncoder::transform";
        let values = matrix(op, x, Some(self.categories.len()))?;
        let (n_rows, n_features) = (x.dims()[0], self.n_features());
        let mut out = vec![0.0f32; n_rows * n_features];
        let mut start = 0;
        for (i, &category) in values.iter().enumerate() {
            let column = i % self.categories.len();
            let known = &self.categories[column];
            match (known.binary_search(&category), self.unknown) {
                (Ok(place), _) => out[start + place] = 1.0,
                (Err(_), UnknownCategory::Zeros) => {}
                (Err(_), UnknownCategory::Error) => {
                    return Err(Error::UnknownCategory { op, column, category });
                }
            }
            start += known.len();
        }
        Ok(Tensor::from_vec(out, [n_rows, n_features])?)
    }

    /// Undoes [`OneHotEncoder::transform`].
    ///
    /// # Shapes
    /// - `y`: `[N, n_features]` of any float dtype → `[N, C]`, i64
    ///
    /// # Errors
    /// If the shape does not fit; [`Error::NotOneHot`] if a column's block is not one 1 among 0s,
    /// as for a category that was not seen in fit.
    pub fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let op = "OneHotEncoder::inverse_transform";
        let n_features = self.n_features();
        if y.rank() != 2 || y.dims()[1] != n_features {
            return Err(unexpected(op, format!("a matrix [rows, {n_features}]"), y));
        }
        let values: Vec<f32> = y.to_dtype(DType::F32)?.to_vec()?;
        let mut out = Vec::with_capacity(y.dims()[0] * self.categories.len());
        for (row, mut features) in values.chunks_exact(n_features).enumerate() {
            for (column, known) in self.categories.iter().enumerate() {
                let (block, rest) = features.split_at(known.len());
                features = rest;
                let place = the_one(block).ok_or(Error::NotOneHot { op, row, column })?;
                out.push(known[place]);
            }
        }
        Ok(Tensor::from_vec(out, [y.dims()[0], self.categories.len()])?)
    }
}

/// Where the only 1 is, among nothing but 0s.
fn the_one(block: &[f32]) -> Option<usize> {
    let place = block.iter().position(|&v| v == 1.0)?;
    let others = block.iter().enumerate().all(|(i, &v)| i == place || v == 0.0);
    others.then_some(place)
}

impl Fitted for OneHotEncoder {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let zeros = i64::from(self.unknown == UnknownCategory::Zeros);
        let columns = self.categories.iter().enumerate();
        columns
            .map(|(i, known)| (format!("categories.{i}"), Tensor::from(known.clone())))
            .chain([
                ("n_columns".to_owned(), Tensor::from(vec![self.categories.len() as i64])),
                ("unknown_as_zeros".to_owned(), Tensor::from(vec![zeros])),
            ])
            .collect()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "OneHotEncoder", state };
        let unknown = match state.integers("unknown_as_zeros")?[..] {
            [0] => UnknownCategory::Error,
            [1] => UnknownCategory::Zeros,
            ref v => return Err(state.error("unknown_as_zeros", "[0] or [1]", format!("{v:?}"))),
        };
        let n_columns = match state.integers("n_columns")?[..] {
            [n] if n > 0 => n,
            ref v => return Err(state.error("n_columns", "one positive count", format!("{v:?}"))),
        };
        let column = |i: i64| {
            let name = format!("categories.{i}");
            let known = state.integers(&name)?;
            let rising = known.is_sorted_by(|a, b| a < b) && !known.is_empty();
            let error = || state.error(&name, "rising categories", format!("{known:?}"));
            if rising { Ok(known) } else { Err(error()) }
        };
        // An absent column ends this before a forged count can ask for memory.
        let categories = (0..n_columns).map(column).collect::<Result<_>>()?;
        Ok(Self { categories, unknown })
    }
}
