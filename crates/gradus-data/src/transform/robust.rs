//! Scaling that outliers do not disturb.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::columns::{Columns, map_columns};
use super::fit::{Fit, Transform};
use super::moments::divisor;
use super::normal::normal_quantile;
use super::percentile::{linear, sorted};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// How a [`RobustScaler`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RobustScalerConfig {
    /// Whether the median is subtracted; true by default.
    pub with_centering: bool,
    /// Whether columns are divided by their range between quantiles; true by default.
    pub with_scaling: bool,
    /// The quantiles that span the range, in 0..=1; the quartiles (0.25, 0.75) by default.
    pub quantile_range: (f64, f64),
    /// Whether the range is measured in that of a normal distribution, so that normal columns get
    /// variance 1; false by default.
    pub unit_variance: bool,
}

impl Default for RobustScalerConfig {
    fn default() -> Self {
        Self {
            with_centering: true,
            with_scaling: true,
            quantile_range: (0.25, 0.75),
            unit_variance: false,
        }
    }
}

impl Fit for RobustScalerConfig {
    type Fitted = RobustScaler;

    fn fit(&self, rows: &TrainRows) -> Result<RobustScaler> {
        let op = "RobustScaler::fit";
        let (low, high) = self.quantile_range;
        // With unit variance the ends have no finite place in a normal distribution.
        let finite = !self.unit_variance || (low > 0.0 && high < 1.0);
        if !(0.0 <= low && low < high && high <= 1.0 && finite) {
            let expected = "rising in 0..=1, inside of it for unit variance";
            let (name, got) = ("quantile_range", format!("({low}, {high})"));
            return Err(Error::InvalidArgument { op, name, expected, got });
        }
        let columns = Columns::to_fit(op, rows)?;
        let unit = match self.unit_variance {
            true => normal_quantile(high) - normal_quantile(low),
            false => 1.0,
        };
        let (mut center, mut scale) = (Vec::new(), Vec::new());
        for column in 0..columns.n_columns() {
            let values = sorted(columns.column(op, column)?);
            let range = linear(&values, high) - linear(&values, low);
            center.push(if self.with_centering { linear(&values, 0.5) } else { 0.0 });
            scale.push(if self.with_scaling { divisor(range) / unit } else { 1.0 });
        }
        Ok(RobustScaler { center, scale })
    }
}

/// Subtracts the median of each column and divides by the range between two quantiles.
///
/// y = (x − median) / (q₇₅ − q₂₅), with 1 for a range of 0. A few wild values move neither.
///
/// NaN is ignored in `fit` and stays NaN in `transform`. All arithmetic is in f64; the result has
/// the input's dtype. It does not stream: a quantile needs all rows.
///
/// # Reference
/// scikit-learn's `RobustScaler`; unlike it, quantiles are given in 0..=1 and a column of nothing
/// but NaN is an error.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, RobustScalerConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0], [2.0], [3.0], [4.0], [1000.0]]);
/// let scaler = RobustScalerConfig::default().fit(&TrainRows::whole(&x))?;
/// assert_eq!(scaler.transform(&x)?.to_vec::<f32>()?, [-1.0, -0.5, 0.0, 0.5, 498.5]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RobustScaler {
    center: Vec<f64>,
    scale: Vec<f64>,
}

impl RobustScaler {
    /// What is subtracted from each column.
    pub fn center(&self) -> &[f64] {
        &self.center
    }

    /// What each column is divided by.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }
}

impl Transform for RobustScaler {
    fn n_features_in(&self) -> usize {
        self.scale.len()
    }

    fn n_features_out(&self) -> usize {
        self.scale.len()
    }

    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let (center, scale) = (&self.center, &self.scale);
        map_columns("RobustScaler::transform", x, scale.len(), |c, v| (v - center[c]) / scale[c])
    }

    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let op = "RobustScaler::inverse_transform";
        map_columns(op, y, self.scale.len(), |c, v| v * self.scale[c] + self.center[c])
    }
}

impl Fitted for RobustScaler {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        Entries::default().floats("center", &self.center).floats("scale", &self.scale).finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "RobustScaler", state };
        let [center, scale] = state.float_vectors(["center", "scale"])?;
        Ok(Self { center, scale })
    }
}
