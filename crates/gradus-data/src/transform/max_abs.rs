//! Scaling by the largest magnitude.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::column_stream::{ColumnStream, FromColumns};
use super::columns::map_columns;
use super::fit::{Fit, FitStream, Transform};
use super::moments::{Extremes, divisor};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::Result;

/// How a [`MaxAbsScaler`] is fitted; there is nothing to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MaxAbsScalerConfig;

impl Fit for MaxAbsScalerConfig {
    type Fitted = MaxAbsScaler;

    fn fit(&self, rows: &TrainRows) -> Result<MaxAbsScaler> {
        ColumnStream::fit(self, rows)
    }
}

impl FitStream for MaxAbsScalerConfig {
    type Stream = ColumnStream<Self>;

    fn stream(&self) -> Result<Self::Stream> {
        Ok(ColumnStream::new(*self))
    }
}

impl FromColumns for MaxAbsScalerConfig {
    type Seen = Extremes;
    const OP: &'static str = "MaxAbsScaler::fit";

    fn learn(&self, seen: &[Extremes]) -> MaxAbsScaler {
        let scale = |e: &Extremes| divisor(e.max.abs().max(e.min.abs()));
        MaxAbsScaler { scale: seen.iter().map(scale).collect() }
    }
}

/// Divides each column by its largest magnitude, so that it lies in −1..=1 and 0 stays 0.
///
/// y = x / max|x|, with 1 for a column of zeros.
///
/// NaN is ignored in `fit` and stays NaN in `transform`. All arithmetic is in f64; the result has
/// the input's dtype. It streams: chunks of rows teach the same bits as all rows at once.
///
/// # Reference
/// scikit-learn's `MaxAbsScaler`; unlike it, a column of nothing but NaN is an error.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, MaxAbsScalerConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0], [-4.0]]);
/// let scaler = MaxAbsScalerConfig.fit(&TrainRows::whole(&x))?;
/// assert_eq!(scaler.transform(&x)?.to_vec::<f32>()?, [0.25, -1.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MaxAbsScaler {
    scale: Vec<f64>,
}

impl MaxAbsScaler {
    /// What each column is divided by.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }
}

impl Transform for MaxAbsScaler {
    fn n_features_in(&self) -> usize {
        self.scale.len()
    }

    fn n_features_out(&self) -> usize {
        self.scale.len()
    }

    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        map_columns("MaxAbsScaler::transform", x, self.scale.len(), |c, v| v / self.scale[c])
    }

    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let op = "MaxAbsScaler::inverse_transform";
        map_columns(op, y, self.scale.len(), |c, v| v * self.scale[c])
    }
}

impl Fitted for MaxAbsScaler {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        Entries::default().floats("scale", &self.scale).finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "MaxAbsScaler", state };
        Ok(Self { scale: state.floats("scale")? })
    }
}
