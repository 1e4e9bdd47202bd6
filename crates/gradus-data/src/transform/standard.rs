//! Standardization to mean 0 and variance 1.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::column_stream::{ColumnStream, FromColumns};
use super::columns::map_columns;
use super::fit::{Fit, FitStream, Transform};
use super::moments::Moments;
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::Result;

/// How a [`StandardScaler`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandardScalerConfig {
    /// Whether the mean is subtracted; true by default.
    pub with_mean: bool,
    /// Whether columns are divided by their standard deviation; true by default.
    pub with_std: bool,
}

impl Default for StandardScalerConfig {
    fn default() -> Self {
        Self { with_mean: true, with_std: true }
    }
}

impl Fit for StandardScalerConfig {
    type Fitted = StandardScaler;

    fn fit(&self, rows: &TrainRows) -> Result<StandardScaler> {
        ColumnStream::fit(self, rows)
    }
}

impl FitStream for StandardScalerConfig {
    type Stream = ColumnStream<Self>;

    fn stream(&self) -> Result<Self::Stream> {
        Ok(ColumnStream::new(*self))
    }
}

impl FromColumns for StandardScalerConfig {
    type Seen = Moments;
    const OP: &'static str = "StandardScaler::fit";

    fn learn(&self, seen: &[Moments]) -> StandardScaler {
        let mean = |m: &Moments| if self.with_mean { m.mean() } else { 0.0 };
        let scale = |m: &Moments| if self.with_std { m.std().unwrap_or(1.0) } else { 1.0 };
        StandardScaler {
            mean: seen.iter().map(mean).collect(),
            scale: seen.iter().map(scale).collect(),
        }
    }
}

/// Subtracts the mean of each column and divides by its standard deviation.
///
/// y = (x − mean) / scale, with scale = sqrt(mean((x − mean)²)) (divided by n, not n − 1), and 1
/// for a constant column.
///
/// NaN is ignored in `fit` and stays NaN in `transform`. All arithmetic is in f64; the result has
/// the input's dtype. It streams: chunks of rows teach the same bits as all rows at once.
///
/// # Reference
/// scikit-learn's `StandardScaler`; unlike it, a column of nothing but NaN is an error.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, StandardScalerConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0, 10.0], [3.0, 10.0]]);
/// let scaler = StandardScalerConfig::default().fit(&TrainRows::whole(&x))?;
/// let y = scaler.transform(&x)?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 0.0, 1.0, 0.0]); // the constant column becomes 0
/// assert!(scaler.inverse_transform(&y)?.equal(&x));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StandardScaler {
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl StandardScaler {
    /// What is subtracted from each column.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// What each column is divided by.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }
}

impl Transform for StandardScaler {
    fn n_features_in(&self) -> usize {
        self.mean.len()
    }

    fn n_features_out(&self) -> usize {
        self.mean.len()
    }

    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let (mean, scale) = (&self.mean, &self.scale);
        map_columns("StandardScaler::transform", x, mean.len(), |c, v| (v - mean[c]) / scale[c])
    }

    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let op = "StandardScaler::inverse_transform";
        map_columns(op, y, self.mean.len(), |c, v| v * self.scale[c] + self.mean[c])
    }
}

impl Fitted for StandardScaler {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        Entries::default().floats("mean", &self.mean).floats("scale", &self.scale).finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "StandardScaler", state };
        let [mean, scale] = state.float_vectors(["mean", "scale"])?;
        Ok(Self { mean, scale })
    }
}
