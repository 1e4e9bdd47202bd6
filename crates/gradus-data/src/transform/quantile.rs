//! Any distribution to a uniform or a normal one.

use std::collections::BTreeMap;

use gradus_core::DType;
use gradus_tensor::Tensor;

use super::columns::{Columns, map_columns};
use super::fit::{Fit, Transform};
use super::normal::{normal_cdf, normal_quantile};
use super::percentile::{linear, sorted};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// The distribution that the columns get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Distribution {
    /// Uniform in 0..=1.
    #[default]
    Uniform,
    /// Standard normal, cut at ±5.2.
    Normal,
}

/// How a [`QuantileTransformer`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuantileTransformerConfig {
    /// How many quantiles are remembered, 2 or more; 1000 by default, and not more than rows.
    pub n_quantiles: usize,
    /// The distribution that the columns get.
    pub output: Distribution,
}

impl Default for QuantileTransformerConfig {
    fn default() -> Self {
        Self { n_quantiles: 1000, output: Distribution::Uniform }
    }
}

impl Fit for QuantileTransformerConfig {
    type Fitted = QuantileTransformer;

    fn fit(&self, rows: &TrainRows) -> Result<QuantileTransformer> {
        let op = "QuantileTransformer::fit";
        if self.n_quantiles < 2 {
            let (name, expected) = ("n_quantiles", "2 or more");
            let got = self.n_quantiles.to_string();
            return Err(Error::InvalidArgument { op, name, expected, got });
        }
        let columns = Columns::to_fit(op, rows)?;
        // One row has one quantile, given twice so that there is something to go along.
        let n = self.n_quantiles.min(columns.rows().count()).max(2);
        let quantiles = |column| {
            let values = sorted(columns.column(op, column)?);
            let mut largest = f64::NEG_INFINITY;
            Ok((0..n)
                .map(|i| linear(&values, place(i, n)))
                // Rounding between equal neighbours must not make the quantiles fall.
                .map(|q| {
                    largest = q.max(largest);
                    largest
                })
                .collect())
        };
        let quantiles = (0..columns.n_columns()).map(quantiles).collect::<Result<_>>()?;
        Ok(QuantileTransformer { quantiles, output: self.output })
    }
}

/// The share of values that quantile `i` of `n` is not below.
fn place(i: usize, n: usize) -> f64 {
    i as f64 / (n - 1) as f64
}

/// How near to 0 or 1 a share is taken as the end itself, for the normal distribution.
const BOUNDS: f64 = 1e-7;

/// Maps each column through its own distribution function, so that it becomes uniform or normal.
///
/// y = F(x), or Φ⁻¹(F(x)), with F linear between the remembered quantiles. It keeps the order of
/// the values and nothing else; outliers come to lie beside their neighbours.
///
/// Values outside the range seen in `fit` go to its ends. A repeated value gets the middle of the
/// shares that it spans. NaN is ignored in `fit` and stays NaN in `transform`. All arithmetic is in
/// f64; the result has the input's dtype. It does not stream: quantiles need all rows.
///
/// # Reference
/// scikit-learn's `QuantileTransformer`; unlike it, all rows are used rather than a sample, and a
/// column of nothing but NaN is an error.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, QuantileTransformerConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0], [10.0], [100.0], [1000.0], [10000.0]]);
/// let fitted = QuantileTransformerConfig::default().fit(&TrainRows::whole(&x))?;
/// assert_eq!(fitted.transform(&x)?.to_vec::<f32>()?, [0.0, 0.25, 0.5, 0.75, 1.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileTransformer {
    /// For each column, rising quantiles at even shares; 2 or more.
    quantiles: Vec<Vec<f64>>,
    output: Distribution,
}

impl QuantileTransformer {
    /// For each column, the values at even shares from 0 to 1.
    pub fn quantiles(&self) -> &[Vec<f64>] {
        &self.quantiles
    }

    fn forward(&self, quantiles: &[f64], v: f64) -> f64 {
        let (first, last) = (quantiles[0], quantiles[quantiles.len() - 1]);
        let margin = match self.output {
            Distribution::Uniform => 0.0,
            Distribution::Normal => BOUNDS,
        };
        let share = if v.is_nan() {
            v
        } else if v <= first || v - margin < first {
            0.0
        } else if v >= last || v + margin > last {
            1.0
        } else {
            share(quantiles, v)
        };
        match self.output {
            Distribution::Uniform => share,
            // What lies at the ends must stay finite.
            Distribution::Normal => {
                let end = normal_quantile(BOUNDS - f64::EPSILON);
                normal_quantile(share).clamp(end, -end)
            }
        }
    }

    fn backward(&self, quantiles: &[f64], share: f64) -> f64 {
        let last = quantiles.len() - 1;
        let margin = match self.output {
            Distribution::Uniform => 0.0,
            Distribution::Normal => BOUNDS,
        };
        if share.is_nan() {
            share
        } else if share <= 0.0 || share - margin < 0.0 {
            quantiles[0]
        } else if share >= 1.0 || share + margin > 1.0 {
            quantiles[last]
        } else {
            let along = share * last as f64;
            let below = (along as usize).min(last - 1);
            let (a, b) = (quantiles[below], quantiles[below + 1]);
            a + (b - a) * (along - below as f64)
        }
    }
}

/// The share of values below `v`, which lies inside the quantiles; for a repeated quantile the mean
/// of its lowest and its highest share.
fn share(quantiles: &[f64], v: f64) -> f64 {
    let n = quantiles.len();
    let (below, upto) =
        (quantiles.partition_point(|&q| q < v), quantiles.partition_point(|&q| q <= v));
    if below < upto {
        return f64::midpoint(place(below, n), place(upto - 1, n));
    }
    let (a, b) = (quantiles[below - 1], quantiles[below]);
    let (low, high) = (place(below - 1, n), place(below, n));
    low + (high - low) * ((v - a) / (b - a))
}

impl Transform for QuantileTransformer {
    fn n_features_in(&self) -> usize {
        self.quantiles.len()
    }

    fn n_features_out(&self) -> usize {
        self.quantiles.len()
    }

    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let op = "QuantileTransformer::transform";
        map_columns(op, x, self.quantiles.len(), |c, v| self.forward(&self.quantiles[c], v))
    }

    /// What was outside the range seen in fit comes back as its end.
    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let op = "QuantileTransformer::inverse_transform";
        let n = self.quantiles.len();
        let back = |shares: &Tensor| {
            map_columns(op, shares, n, |c, v| self.backward(&self.quantiles[c], v))
        };
        match self.output {
            Distribution::Uniform => back(y),
            // A first pass checks shape and dtype.
            Distribution::Normal => {
                let checked = map_columns(op, y, n, |_, v| v)?.to_dtype(DType::F64)?;
                let shares = normal_cdf(&checked.to_vec()?)?;
                Ok(back(&Tensor::from_vec(shares, y.shape())?)?.to_dtype(y.dtype())?)
            }
        }
    }
}

impl Fitted for QuantileTransformer {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        Entries::default()
            .floats("quantiles", &self.quantiles.concat())
            .integers("n_columns", &[self.quantiles.len() as i64])
            .integers("normal", &[i64::from(self.output == Distribution::Normal)])
            .finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "QuantileTransformer", state };
        let quantiles = state.float_rows("quantiles", state.count("n_columns")?)?;
        if quantiles.iter().any(|q| q.len() < 2 || !q.is_sorted()) {
            let expected = "two or more rising quantiles for each column";
            return Err(state.error("quantiles", expected, "others".to_owned()));
        }
        let output =
            if state.flag("normal")? { Distribution::Normal } else { Distribution::Uniform };
        Ok(Self { quantiles, output })
    }
}
