//! Tables of numbers, column by column, in f64.

use gradus_core::{DType, Error as CoreError};
use gradus_tensor::Tensor;

use super::train_rows::TrainRows;
use crate::{Error, Result};

/// A float tensor `[..., C]` as rows of f64.
pub(super) struct Columns {
    values: Vec<f64>,
    n_columns: usize,
}

impl Columns {
    /// What `fit` learns from: at least two dimensions, one row, and no infinite value.
    pub(super) fn to_fit(op: &'static str, rows: &TrainRows) -> Result<Self> {
        let x = rows.tensor();
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

    pub(super) fn read(op: &'static str, x: &Tensor) -> Result<Self> {
        require_float(op, x)?;
        let n_columns = x.dims().last().copied().unwrap_or(0);
        Ok(Self { values: x.to_dtype(DType::F64)?.to_vec()?, n_columns })
    }

    pub(super) const fn n_columns(&self) -> usize {
        self.n_columns
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.n_columns)
    }

    /// The values of a column that are not NaN; never empty.
    pub(super) fn column(&self, op: &'static str, column: usize) -> Result<Vec<f64>> {
        let all = self.values.iter().skip(column).step_by(self.n_columns);
        let known: Vec<f64> = all.copied().filter(|v| !v.is_nan()).collect();
        if known.is_empty() { Err(Error::NoValue { op, column }) } else { Ok(known) }
    }

    /// Refuses the first value that does not hold.
    pub(super) fn require(
        &self,
        op: &'static str,
        expected: &'static str,
        holds: impl Fn(f64) -> bool,
    ) -> Result<()> {
        match self.values.iter().position(|&v| !holds(v)) {
            None => Ok(()),
            Some(i) => {
                let (row, column) = (i / self.n_columns, i % self.n_columns);
                Err(Error::Value { op, row, column, expected, got: self.values[i] })
            }
        }
    }
}

/// Applies `f(column, value)` to every value of `x` in f64; shape and dtype are kept.
pub(super) fn map_columns(
    op: &'static str,
    x: &Tensor,
    n_columns: usize,
    f: impl Fn(usize, f64) -> f64,
) -> Result<Tensor> {
    map_rows(op, x, [n_columns; 2], |row, out| {
        for (column, (v, y)) in row.iter().zip(out).enumerate() {
            *y = f(column, *v);
        }
    })
}

/// Applies `f(row, out)` to every row of `x` in f64: the last dimension goes from `n[0]` to `n[1]`
/// columns, the dtype is kept.
pub(super) fn map_rows(
    op: &'static str,
    x: &Tensor,
    n: [usize; 2],
    f: impl Fn(&[f64], &mut [f64]),
) -> Result<Tensor> {
    let [n_in, n_out] = n;
    if x.dims().last() != Some(&n_in) {
        return Err(unexpected(op, format!("a last dimension of {n_in}"), x));
    }
    let columns = Columns::read(op, x)?;
    let mut shape = x.dims().to_vec();
    shape[x.rank() - 1] = n_out;
    let mut out = vec![0.0; shape.iter().product()];
    for (row, out) in columns.rows().zip(out.chunks_exact_mut(n_out.max(1))) {
        f(row, out);
    }
    Ok(Tensor::from_vec(out, shape)?.to_dtype(x.dtype())?)
}

/// The error of a shape that is not `expected`.
pub(super) fn unexpected(op: &'static str, expected: String, x: &Tensor) -> Error {
    let error = CoreError::UnexpectedShape { op, expected, got: x.shape().clone() };
    gradus_tensor::Error::from(error).into()
}

pub(super) fn require_float(op: &'static str, x: &Tensor) -> Result<()> {
    if x.dtype().is_float() {
        return Ok(());
    }
    let (expected, got) = ("a float dtype", x.dtype());
    let error = CoreError::UnsupportedDType { op, expected, got };
    Err(gradus_tensor::Error::from(error).into())
}
