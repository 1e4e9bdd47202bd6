//! Standardization to mean 0 and variance 1.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::columns::{Columns, map_columns};
use super::state::State;
use crate::{Fitted, Result};

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

impl StandardScalerConfig {
    /// Learns mean and standard deviation of each column.
    ///
    /// # Shapes
    /// - `x`: `[..., C]` of rank 2 or more; all dimensions but the last are rows
    ///
    /// # Errors
    /// If `x` is not a float table with at least one row and column, has an infinite value, or a
    /// column with nothing but NaN.
    pub fn fit(&self, x: &Tensor) -> Result<StandardScaler> {
        let op = "StandardScaler::fit";
        let columns = Columns::to_fit(op, x)?;
        let n = columns.n_columns();
        let mut scaler = StandardScaler { mean: vec![0.0; n], scale: vec![1.0; n] };
        for column in 0..n {
            let values = columns.column(op, column)?;
            let (mean, std) = mean_and_std(&values);
            if self.with_mean {
                scaler.mean[column] = mean;
            }
            if self.with_std {
                scaler.scale[column] = std.unwrap_or(1.0);
            }
        }
        Ok(scaler)
    }
}

/// Mean and population standard deviation; no deviation if the values are constant but for
/// rounding.
fn mean_and_std(values: &[f64]) -> (f64, Option<f64>) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    // Chan, Golub & LeVeque 1983, eq. 1.7: the second sum takes out the mean's own rounding.
    let (squares, rest) = values.iter().fold((0.0, 0.0), |(squares, rest), v| {
        let d = v - mean;
        (squares + d * d, rest + d)
    });
    let variance = (squares - rest * rest / n) / n;
    // A constant column's variance is not exactly 0 in floating point; this is the bound of its
    // rounding errors that scikit-learn uses.
    let noise = n * f64::EPSILON * variance + (n * mean * f64::EPSILON).powi(2);
    (mean, (variance > noise).then(|| variance.sqrt()))
}

/// Subtracts the mean of each column and divides by its standard deviation.
///
/// y = (x − mean) / scale, with scale = sqrt(mean((x − mean)²)) (divided by n, not n − 1), and 1
/// for a constant column.
///
/// NaN is ignored in `fit` and stays NaN in `transform`. All arithmetic is in f64; the result has
/// the input's dtype. Rows are summed in order, so results do not depend on threads.
///
/// # Reference
/// scikit-learn's `StandardScaler`; unlike it, a column of nothing but NaN is an error.
///
/// # Examples
/// ```
/// use gradus_data::StandardScalerConfig;
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0, 10.0], [3.0, 10.0]]);
/// let scaler = StandardScalerConfig::default().fit(&x)?;
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

    /// Standardizes.
    ///
    /// # Shapes
    /// - `x`: `[..., C]` → `[..., C]`
    ///
    /// # Errors
    /// If `x` is not a float tensor whose last dimension is the number of columns.
    pub fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let (mean, scale) = (&self.mean, &self.scale);
        map_columns("StandardScaler::transform", x, mean.len(), |c, v| (v - mean[c]) / scale[c])
    }

    /// Undoes [`StandardScaler::transform`].
    ///
    /// # Errors
    /// If `y` is not a float tensor whose last dimension is the number of columns.
    pub fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let op = "StandardScaler::inverse_transform";
        map_columns(op, y, self.mean.len(), |c, v| v * self.scale[c] + self.mean[c])
    }
}

impl Fitted for StandardScaler {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let entry = |name: &str, v: &Vec<f64>| (name.to_owned(), Tensor::from(v.clone()));
        [entry("mean", &self.mean), entry("scale", &self.scale)].into()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "StandardScaler", state };
        let [mean, scale] = state.float_vectors(["mean", "scale"])?;
        Ok(Self { mean, scale })
    }
}
