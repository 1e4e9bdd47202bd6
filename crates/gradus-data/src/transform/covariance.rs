//! Mean and covariance of chunks, which can be joined.

use gradus_core::DType;
use gradus_tensor::Tensor;

use super::columns::{Columns, unexpected};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// Count, mean and sum of outer products of deviations.
#[derive(Debug, Clone)]
pub(super) struct Covariance {
    n_rows: usize,
    mean: Tensor,
    /// Σ (x − mean) (x − mean)ᵀ
    products: Tensor,
}

impl Covariance {
    /// That of the rows of a table without NaN.
    pub(super) fn of(op: &'static str, rows: &TrainRows) -> Result<Self> {
        let columns = Columns::to_fit(op, rows)?;
        columns.require(op, "a number", |v| !v.is_nan())?;
        let (n, x) = (columns.n_columns(), rows.tensor());
        let n_rows = x.len() / n;
        let x = x.to_dtype(DType::F64)?.reshape([n_rows, n])?;
        let mean = x.mean(0)?;
        let centred = x.sub(&mean)?;
        let products = centred.t()?.matmul(&centred)?;
        Ok(Self { n_rows, mean, products })
    }

    /// That of both chunks.
    ///
    /// # Reference
    /// Chan, Golub and `LeVeque` 1983, "Algorithms for computing the sample variance", eq. 2.1.
    pub(super) fn join(&self, op: &'static str, other: &Self, rows: &TrainRows) -> Result<Self> {
        if self.mean.len() != other.mean.len() {
            let expected = format!("a last dimension of {}, as before", self.mean.len());
            return Err(unexpected(op, expected, rows.tensor()));
        }
        let (n, m) = (self.n_rows as f64, other.n_rows as f64);
        let delta = other.mean.sub(&self.mean)?;
        let outer = delta.unsqueeze(1)?.mul(&delta)?.mul_scalar(n * m / (n + m))?;
        Ok(Self {
            n_rows: self.n_rows + other.n_rows,
            mean: self.mean.add(&delta.mul_scalar(m / (n + m))?)?,
            products: self.products.add(&other.products)?.add(&outer)?,
        })
    }

    pub(super) const fn n_rows(&self) -> usize {
        self.n_rows
    }

    pub(super) const fn mean(&self) -> &Tensor {
        &self.mean
    }

    /// The unbiased covariance.
    pub(super) fn matrix(&self, op: &'static str) -> Result<Tensor> {
        if self.n_rows < 2 {
            let (name, expected) = ("number of rows", "2 or more");
            return Err(Error::InvalidArgument { op, name, expected, got: "1".to_owned() });
        }
        Ok(self.products.div_scalar((self.n_rows - 1) as f64)?)
    }
}
