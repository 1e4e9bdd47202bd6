//! Numbers to intervals.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::columns::{Columns, map_columns};
use super::fit::{Fit, Transform};
use super::k_means::k_means;
use super::percentile::{averaged_inverted_cdf, sorted};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// Where the ends of bins lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BinStrategy {
    /// Bins have the same number of values.
    #[default]
    Quantile,
    /// Bins have the same width.
    Uniform,
    /// A value goes to the nearest of the means of the bins (k-means from bins of one width).
    KMeans,
}

/// How a [`KBinsDiscretizer`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KBinsDiscretizerConfig {
    /// How many bins each column gets, 2 or more; 5 by default.
    pub n_bins: usize,
    /// Where their ends lie.
    pub strategy: BinStrategy,
}

impl Default for KBinsDiscretizerConfig {
    fn default() -> Self {
        Self { n_bins: 5, strategy: BinStrategy::Quantile }
    }
}

/// Narrower bins are joined with the next (scikit-learn's bound).
const NARROWEST: f64 = 1e-8;

impl KBinsDiscretizerConfig {
    /// The ends of the bins of sorted values.
    fn edges(self, values: &[f64]) -> Vec<f64> {
        let (low, high, k) = (values[0], values[values.len() - 1], self.n_bins);
        if low == high {
            return vec![low, high];
        }
        let edges: Vec<f64> = match self.strategy {
            BinStrategy::Uniform => return even(low, high, k),
            BinStrategy::Quantile => (0..=k).map(|i| averaged_inverted_cdf(values, i, k)).collect(),
            BinStrategy::KMeans => {
                let starts = even(low, high, k);
                let starts = starts.windows(2).map(|e| 0.5 * (e[1] + e[0])).collect();
                let centers = k_means(values, starts);
                let between = centers.windows(2).map(|c| 0.5 * (c[1] + c[0]));
                std::iter::once(low).chain(between).chain([high]).collect()
            }
        };
        let wide = |&i: &usize| i == 0 || edges[i] - edges[i - 1] > NARROWEST;
        let mut kept: Vec<f64> = (0..edges.len()).filter(wide).map(|i| edges[i]).collect();
        if kept.len() == 1 {
            kept.push(high);
        }
        kept
    }
}

/// `k + 1` evenly spaced numbers from `low` to `high`.
fn even(low: f64, high: f64, k: usize) -> Vec<f64> {
    let step = (high - low) / k as f64;
    (0..k).map(|i| low + i as f64 * step).chain([high]).collect()
}

impl Fit for KBinsDiscretizerConfig {
    type Fitted = KBinsDiscretizer;

    /// # Errors
    /// Also [`Error::InvalidArgument`] for fewer than 2 bins.
    fn fit(&self, rows: &TrainRows) -> Result<KBinsDiscretizer> {
        let op = "KBinsDiscretizer::fit";
        if !(2..=1 << 20).contains(&self.n_bins) {
            let (name, expected) = ("n_bins", "2 or more, and not above a million");
            let got = self.n_bins.to_string();
            return Err(Error::InvalidArgument { op, name, expected, got });
        }
        let columns = Columns::to_fit(op, rows)?;
        let edges = |column| Ok(self.edges(&sorted(columns.column(op, column)?)));
        let edges = (0..columns.n_columns()).map(edges).collect::<Result<_>>()?;
        Ok(KBinsDiscretizer { edges })
    }
}

/// Replaces each value by the number of its bin: 0, 1, 2, …
///
/// A bin has its lower end and not its upper; values outside the range seen in `fit` go to the first
/// or last bin. A constant column has one bin. The inverse gives the middle of the bin.
///
/// NaN is ignored in `fit` and stays NaN in `transform`. The result has the input's dtype, so that
/// a [`crate::OneHotEncoder`] can follow in a [`crate::Pipeline`]. It does not stream.
///
/// # Reference
/// scikit-learn's `KBinsDiscretizer` with `encode="ordinal"` and
/// `quantile_method="averaged_inverted_cdf"`; unlike it, NaN is allowed, and the inverse of a
/// constant column is its value.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, KBinsDiscretizerConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0], [2.0], [3.0], [100.0]]);
/// let config = KBinsDiscretizerConfig { n_bins: 2, ..Default::default() };
/// let bins = config.fit(&TrainRows::whole(&x))?;
/// assert_eq!(bins.edges(), [vec![1.0, 2.5, 100.0]]);
/// assert_eq!(bins.transform(&x)?.to_vec::<f32>()?, [0.0, 0.0, 1.0, 1.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct KBinsDiscretizer {
    edges: Vec<Vec<f64>>,
}

impl KBinsDiscretizer {
    /// The ends of the bins of each column: one more than there are bins.
    pub fn edges(&self) -> &[Vec<f64>] {
        &self.edges
    }
}

impl Transform for KBinsDiscretizer {
    fn n_features_in(&self) -> usize {
        self.edges.len()
    }

    fn n_features_out(&self) -> usize {
        self.edges.len()
    }

    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        map_columns("KBinsDiscretizer::transform", x, self.edges.len(), |c, v| {
            let edges = &self.edges[c];
            let inner = &edges[1..edges.len() - 1];
            if v.is_nan() { v } else { inner.partition_point(|&e| e <= v) as f64 }
        })
    }

    /// The middle of the bin; for a number that is no bin's, that of the nearest.
    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        map_columns("KBinsDiscretizer::inverse_transform", y, self.edges.len(), |c, v| {
            let edges = &self.edges[c];
            // Casting saturates, so that -3 is bin 0.
            let bin = (v as usize).min(edges.len() - 2);
            if v.is_nan() { v } else { f64::midpoint(edges[bin], edges[bin + 1]) }
        })
    }
}

impl Fitted for KBinsDiscretizer {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let lengths: Vec<i64> = self.edges.iter().map(|e| e.len() as i64).collect();
        Entries::default()
            .floats("edges", &self.edges.concat())
            .integers("lengths", &lengths)
            .finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "KBinsDiscretizer", state };
        let (all, lengths) = (state.floats("edges")?, state.integers("lengths")?);
        let error =
            || state.error("lengths", "two or more rising edges each", format!("{lengths:?}"));
        let mut rest = &all[..];
        let mut edges = Vec::with_capacity(lengths.len());
        for &length in &lengths {
            let length = usize::try_from(length).ok().filter(|&n| n >= 2);
            let cut = length.and_then(|n| rest.split_at_checked(n));
            let (column, after) = cut.filter(|(c, _)| c.is_sorted()).ok_or_else(error)?;
            edges.push(column.to_vec());
            rest = after;
        }
        if rest.is_empty() { Ok(Self { edges }) } else { Err(error()) }
    }
}
