//! Scaling to a range.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::columns::{Columns, map_columns};
use super::state::State;
use crate::{Error, Fitted, Result};

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

impl MinMaxScalerConfig {
    /// Learns the smallest and the largest value of each column.
    ///
    /// # Shapes
    /// - `x`: `[..., C]` of rank 2 or more; all dimensions but the last are rows
    ///
    /// # Errors
    /// If the target range is empty or not finite; if `x` is not a float table with at least one
    /// row and column, has an infinite value, or a column with nothing but NaN.
    pub fn fit(&self, x: &Tensor) -> Result<MinMaxScaler> {
        let op = "MinMaxScaler::fit";
        let (low, high) = self.feature_range;
        if !self.has_range() {
            let (name, expected) = ("feature_range", "finite and rising");
            let got = format!("({low}, {high})");
            return Err(Error::InvalidArgument { op, name, expected, got });
        }
        let columns = Columns::to_fit(op, x)?;
        let n = columns.n_columns();
        let (mut data_min, mut data_max) = (Vec::with_capacity(n), Vec::with_capacity(n));
        for column in 0..n {
            let values = columns.column(op, column)?;
            data_min.push(values.iter().copied().fold(f64::INFINITY, f64::min));
            data_max.push(values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        }
        Ok(MinMaxScaler::from_parts(*self, data_min, data_max))
    }

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
/// the input's dtype.
///
/// # Reference
/// scikit-learn's `MinMaxScaler`; unlike it, a column of nothing but NaN is an error.
///
/// # Examples
/// ```
/// use gradus_data::{MinMaxScalerConfig, Outside};
/// use gradus_tensor::Tensor;
/// let config = MinMaxScalerConfig { outside: Outside::Clip, ..Default::default() };
/// let scaler = config.fit(&Tensor::new([[1.0], [5.0]]))?;
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
        let range = |(min, max): (&f64, &f64)| {
            // Below this a range is rounding noise around a constant (scikit-learn's bound).
            let range = max - min;
            (high - low) / if range < 10.0 * f64::EPSILON { 1.0 } else { range }
        };
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

    /// Scales to the target range.
    ///
    /// # Shapes
    /// - `x`: `[..., C]` → `[..., C]`
    ///
    /// # Errors
    /// If `x` is not a float tensor whose last dimension is the number of columns.
    pub fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let (low, high) = self.config.feature_range;
        map_columns("MinMaxScaler::transform", x, self.scale.len(), |c, v| {
            let y = v * self.scale[c] + self.shift[c];
            match self.config.outside {
                Outside::Extrapolate => y,
                Outside::Clip => y.clamp(low, high),
            }
        })
    }

    /// Undoes [`MinMaxScaler::transform`], except for what was clipped.
    ///
    /// # Errors
    /// If `y` is not a float tensor whose last dimension is the number of columns.
    pub fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let op = "MinMaxScaler::inverse_transform";
        map_columns(op, y, self.scale.len(), |c, v| (v - self.shift[c]) / self.scale[c])
    }
}

impl Fitted for MinMaxScaler {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let entry = |name: &str, v: Vec<f64>| (name.to_owned(), Tensor::from(v));
        let (low, high) = self.config.feature_range;
        let clip = i64::from(self.config.outside == Outside::Clip);
        [
            entry("data_min", self.data_min.clone()),
            entry("data_max", self.data_max.clone()),
            entry("feature_range", vec![low, high]),
            ("clip".to_owned(), Tensor::from(vec![clip])),
        ]
        .into()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "MinMaxScaler", state };
        let [data_min, data_max] = state.float_vectors(["data_min", "data_max"])?;
        let [low, high] = state.float_array("feature_range")?;
        let outside = match state.integers("clip")?[..] {
            [0] => Outside::Extrapolate,
            [1] => Outside::Clip,
            ref other => return Err(state.error("clip", "[0] or [1]", format!("{other:?}"))),
        };
        let config = MinMaxScalerConfig { feature_range: (low, high), outside };
        if !config.has_range() {
            let got = format!("[{low}, {high}]");
            return Err(state.error("feature_range", "finite and rising", got));
        }
        Ok(Self::from_parts(config, data_min, data_max))
    }
}
