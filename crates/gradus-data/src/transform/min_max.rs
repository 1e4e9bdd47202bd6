//! Scaling to a range.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::column_stream::{ColumnStream, FromColumns};
use super::columns::map_columns;
use super::fit::{Fit, FitStream, PartialFit, Transform};
use super::moments::{Extremes, divisor};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// What becomes of values outside the range seen in fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outside {
    /// They are scaled like the others and land outside the target range.
    #[default]
    Extrapolate,
    /// They are moved to the ends of the target range.
    Clip,
}

/// How a [`MinMaxScaler`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MinMaxScalerConfig {
    /// The target range; (0, 1) by default.
    pub feature_range: (f64, f64),
    /// What becomes of values outside the range seen in fit.
    pub outside: Outside,
}

impl Default for MinMaxScalerConfig {
    fn default() -> Self {
        Self { feature_range: (0.0, 1.0), outside: Outside::Extrapolate }
    }
}

impl Fit for MinMaxScalerConfig {
    type Fitted = MinMaxScaler;

    /// # Errors
    /// Also if the target range is empty or not finite.
    fn fit(&self, rows: &TrainRows) -> Result<MinMaxScaler> {
        let mut stream = self.stream()?;
        stream.partial_fit(rows)?;
        stream.finish()
    }
}

impl FitStream for MinMaxScalerConfig {
    type Stream = ColumnStream<Self>;

    fn stream(&self) -> Result<Self::Stream> {
        if self.has_range() {
            return Ok(ColumnStream::new(*self));
        }
        let (low, high) = self.feature_range;
        let (op, name, expected) = (Self::OP, "feature_range", "finite and rising");
        Err(Error::InvalidArgument { op, name, expected, got: format!("({low}, {high})") })
    }
}

impl FromColumns for MinMaxScalerConfig {
    type Seen = Extremes;
    const OP: &'static str = "MinMaxScaler::fit";

    fn learn(&self, seen: &[Extremes]) -> MinMaxScaler {
        let min = seen.iter().map(|e| e.min).collect();
        MinMaxScaler::from_parts(*self, min, seen.iter().map(|e| e.max).collect())
    }
}

impl MinMaxScalerConfig {
    /// Whether the target range is one; false with NaN.
    fn has_range(&self) -> bool {
        let (low, high) = self.feature_range;
        low < high && (high - low).is_finite()
    }
}

/// Scales each column linearly so that the values seen in fit fill a target range.
///
/// y = low + (x − min) · (high − low) / (max − min), with max − min taken as 1 for a constant
/// column, which therefore becomes `low`.
///
/// NaN is ignored in `fit` and stays NaN in `transform`. All arithmetic is in f64; the result has
/// the input's dtype. It streams: chunks of rows teach the same bits as all rows at once.
///
/// # Reference
/// scikit-learn's `MinMaxScaler`; unlike it, a column of nothing but NaN is an error.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, MinMaxScalerConfig, Outside, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let config = MinMaxScalerConfig { outside: Outside::Clip, ..Default::default() };
/// let scaler = config.fit(&TrainRows::whole(&Tensor::new([[1.0], [5.0]])))?;
/// let y = scaler.transform(&Tensor::new([[2.0], [9.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [0.25, 1.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MinMaxScaler {
    config: MinMaxScalerConfig,
    data_min: Vec<f64>,
    data_max: Vec<f64>,
    scale: Vec<f64>,
    shift: Vec<f64>,
}

impl MinMaxScaler {
    fn from_parts(config: MinMaxScalerConfig, data_min: Vec<f64>, data_max: Vec<f64>) -> Self {
        let (low, high) = config.feature_range;
        let range = |(min, max): (&f64, &f64)| (high - low) / divisor(max - min);
        let scale: Vec<f64> = data_min.iter().zip(&data_max).map(range).collect();
        let shift = data_min.iter().zip(&scale).map(|(min, scale)| low - min * scale).collect();
        Self { config, data_min, data_max, scale, shift }
    }

    /// The smallest value of each column.
    pub fn data_min(&self) -> &[f64] {
        &self.data_min
    }

    /// The largest value of each column.
    pub fn data_max(&self) -> &[f64] {
        &self.data_max
    }
}

impl Transform for MinMaxScaler {
    fn n_features_in(&self) -> usize {
        self.scale.len()
    }

    fn n_features_out(&self) -> usize {
        self.scale.len()
    }

    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let (low, high) = self.config.feature_range;
        map_columns("MinMaxScaler::transform", x, self.scale.len(), |c, v| {
            let y = v * self.scale[c] + self.shift[c];
            match self.config.outside {
                Outside::Extrapolate => y,
                Outside::Clip => y.clamp(low, high),
            }
        })
    }

    /// What was clipped comes back as the end of the range seen in fit.
    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let op = "MinMaxScaler::inverse_transform";
        map_columns(op, y, self.scale.len(), |c, v| (v - self.shift[c]) / self.scale[c])
    }
}

impl Fitted for MinMaxScaler {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let (low, high) = self.config.feature_range;
        let clip = i64::from(self.config.outside == Outside::Clip);
        Entries::default()
            .floats("data_min", &self.data_min)
            .floats("data_max", &self.data_max)
            .floats("feature_range", &[low, high])
            .integers("clip", &[clip])
            .finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "MinMaxScaler", state };
        let [data_min, data_max] = state.float_vectors(["data_min", "data_max"])?;
        let [low, high] = state.float_array("feature_range")?;
        let outside = if state.flag("clip")? { Outside::Clip } else { Outside::Extrapolate };
        let config = MinMaxScalerConfig { feature_range: (low, high), outside };
        if !config.has_range() {
            let got = format!("[{low}, {high}]");
            return Err(state.error("feature_range", "finite and rising", got));
        }
        Ok(Self::from_parts(config, data_min, data_max))
    }
}
