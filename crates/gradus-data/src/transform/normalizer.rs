//! Rows of unit norm.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::columns::{Columns, map_rows};
use super::fit::{Fit, Transform, no_inverse};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::Result;

/// The length of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Norm {
    /// √Σ x².
    #[default]
    L2,
    /// Σ |x|.
    L1,
    /// max |x|.
    Max,
}

impl Norm {
    const ALL: [Self; 3] = [Self::L2, Self::L1, Self::Max];

    /// The length; NaN if a value is NaN.
    fn of(self, row: &[f64]) -> f64 {
        if row.iter().any(|v| v.is_nan()) {
            return f64::NAN;
        }
        let largest = row.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        match self {
            Self::Max => largest,
            Self::L1 => row.iter().map(|v| v.abs()).sum(),
            Self::L2 if largest == 0.0 || largest.is_infinite() => largest,
            // Squares of the largest and smallest numbers would leave the range of f64.
            Self::L2 => largest * row.iter().map(|v| (v / largest).powi(2)).sum::<f64>().sqrt(),
        }
    }
}

/// How a [`Normalizer`] is fitted: it learns nothing but how many columns there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NormalizerConfig {
    /// The length that becomes 1.
    pub norm: Norm,
}

impl Fit for NormalizerConfig {
    type Fitted = Normalizer;

    fn fit(&self, rows: &TrainRows) -> Result<Normalizer> {
        let columns = Columns::to_fit("Normalizer::fit", rows)?;
        Ok(Normalizer { norm: self.norm, n_features: columns.n_columns() })
    }
}

/// Divides each row by its length. A row of zeros stays as it is.
///
/// A row with a NaN becomes NaN. All arithmetic is in f64; the result has the input's dtype. There
/// is no inverse: the length is lost.
///
/// # Reference
/// scikit-learn's `Normalizer`.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, NormalizerConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[3.0, 4.0], [0.0, 0.0]]);
/// let fitted = NormalizerConfig::default().fit(&TrainRows::whole(&x))?;
/// assert_eq!(fitted.transform(&x)?.to_vec::<f32>()?, [0.6, 0.8, 0.0, 0.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Normalizer {
    norm: Norm,
    n_features: usize,
}

impl Transform for Normalizer {
    fn n_features_in(&self) -> usize {
        self.n_features
    }

    fn n_features_out(&self) -> usize {
        self.n_features
    }

    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        map_rows("Normalizer::transform", x, [self.n_features; 2], |row, out| {
            let norm = self.norm.of(row);
            let norm = if norm == 0.0 { 1.0 } else { norm };
            row.iter().zip(out).for_each(|(v, y)| *y = v / norm);
        })
    }

    fn inverse_transform(&self, _y: &Tensor) -> Result<Tensor> {
        no_inverse("Normalizer::inverse_transform")
    }
}

impl Fitted for Normalizer {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        Entries::default()
            .integers("norm", &[self.norm as i64])
            .integers("n_features", &[self.n_features as i64])
            .finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "Normalizer", state };
        let norm = Norm::ALL[state.code("norm", 3, "[0], [1] or [2]")?];
        Ok(Self { norm, n_features: state.count("n_features")? })
    }
}
