//! Tables of numbers, column by column, in f64.

use gradus_core::{DType, Error as CoreError};
use gradus_tensor::Tensor;

use crate::{Error, Result};

/// A float tensor `[..., C]` as rows of f64.
pub(super) struct Columns {
    values: Vec<f64>,
    n_columns: usize,
}

impl Columns {
    /// What `fit` learns from: at least two dimensions, one row, and no infinite value.
    pub(super) fn to_fit(op: &'static str, x: &Tensor) -> Result<Self> {
        if x.rank() < 2 {
            return Err(unexpected(op, "a table [..., rows, columns]".to_owned(), x));
        }
        let columns = Self::read(op, x)?;
        if columns.values.is_empty() {
            return Err(unexpected(op, "at least one row and one column".to_owned(), x));
        }
        match columns.values.iter().position(|v| v.is_infinite()) {
            None => Ok(columns),
            Some(i) => {
                let (row, column) = (i / columns.n_columns, i % columns.n_columns);
                Err(Error::Infinite { op, row, column })
            }
        }
    }

    fn read(op: &'static str, x: &Tensor) -> Result<Self> {
        if !x.dtype().is_float() {
            let (expected, got) = ("a float dtype", x.dtype());
            let error = CoreError::UnsupportedDType { op, expected, got };
            return Err(gradus_tensor::Error::from(error).into());
        }
        let n_columns = x.dims().last().copied().unwrap_or(0);
        Ok(Self { values: x.to_dtype(DType::F64)?.to_vec()?, n_columns })
    }

    pub(super) fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// The values of a column that are not NaN; never empty.
    pub(super) fn column(&self, op: &'static str, column: usize) -> Result<Vec<f64>> {
        let all = self.values.iter().skip(column).step_by(self.n_columns);
        let known: Vec<f64> = all.copied().filter(|v| !v.is_nan()).collect();
        if known.is_empty() { Err(Error::NoValue { op, column }) } else { Ok(known) }
    }
}

/// Applies `f(column, value)` to every value of `x` in f64; shape and dtype are kept.
pub(super) fn map_columns(
    op: &'static str,
    x: &Tensor,
    n_columns: usize,
    f: impl Fn(usize, f64) -> f64,
) -> Result<Tensor> {
    if x.dims().last() != Some(&n_columns) {
        return Err(unexpected(op, format!("a last dimension of {n_columns}"), x));
    }
    let mut values = Columns::read(op, x)?.values;
    for row in values.chunks_exact_mut(n_columns) {
        for (column, v) in row.iter_mut().enumerate() {
            *v = f(column, *v);
        }
    }
    Ok(Tensor::from_vec(values, x.shape())?.to_dtype(x.dtype())?)
}

/// The error of a shape that is not `expected`.
pub(super) fn unexpected(op: &'static str, expected: String, x: &Tensor) -> Error {
    let error = CoreError::UnexpectedShape { op, expected, got: x.shape().clone() };
    gradus_tensor::Error::from(error).into()
}
