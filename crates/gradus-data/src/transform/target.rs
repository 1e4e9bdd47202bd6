//! Categories as the mean of what is to be predicted.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::categories::{float_like, whole};
use super::columns::{Columns, unexpected};
use super::fit::{Transform, no_inverse};
use super::moments::Moments;
use super::state::{Entries, Fitted, State};
use super::train_rows::{TrainRows, rows_at};
use crate::split::k_fold;
use crate::{Error, Result, Shuffle};

/// How much the mean of a category is drawn to the mean of all.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Smoothing {
    /// By empirical Bayes: the more, the fewer rows a category has and the more they scatter.
    #[default]
    Auto,
    /// As if each category had so many more rows with the mean of all; 0 or more.
    Rows(f64),
}

/// How a [`TargetEncoder`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TargetEncoderConfig {
    /// How much the mean of a category is drawn to the mean of all.
    pub smoothing: Smoothing,
    /// How many folds cross-fitting has; 5 by default.
    pub n_folds: usize,
    /// How rows are dealt to folds.
    pub shuffle: Shuffle,
}

impl Default for TargetEncoderConfig {
    fn default() -> Self {
        Self { smoothing: Smoothing::Auto, n_folds: 5, shuffle: Shuffle::No }
    }
}

const OP: &str = "TargetEncoder::fit";

impl TargetEncoderConfig {
    /// Learns the mean target of each category.
    ///
    /// To train a model on the encoded training rows themselves, use
    /// [`TargetEncoderConfig::fit_transform`]: here each row's own target is in its code.
    ///
    /// # Shapes
    /// - `x`: `[N, C]` categories; `y`: `[N]` or `[N, K]` floats. For two classes 0 and 1 as
    ///   floats, for K classes a one-hot row.
    ///
    /// # Errors
    /// If shapes or dtypes do not fit; [`Error::Value`] for NaN; [`Error::InvalidArgument`] for a
    /// smoothing below 0.
    pub fn fit(&self, x: &TrainRows, y: &TrainRows) -> Result<TargetEncoder> {
        match self.smoothing {
            Smoothing::Rows(n) if !(n >= 0.0 && n.is_finite()) => {
                let (name, expected) = ("smoothing", "0 or more rows");
                return Err(Error::InvalidArgument { op: OP, name, expected, got: n.to_string() });
            }
            _ => {}
        }
        let targets = targets(y)?;
        let x = x.tensor();
        if x.rank() != 2 || x.dims()[0] != targets[0].len() || x.dims()[1] == 0 {
            return Err(unexpected(OP, format!("[{}, columns]", targets[0].len()), x));
        }
        let values = whole(OP, x, None)?;
        let n_columns = x.dims()[1];
        let mean: Vec<f64> =
            targets.iter().map(|t| Moments::of(t.iter().copied()).mean()).collect();
        let mut categories = Vec::with_capacity(n_columns);
        let mut encodings = Vec::with_capacity(n_columns);
        for column in 0..n_columns {
            let mut rows: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
            for (row, &category) in values.iter().skip(column).step_by(n_columns).enumerate() {
                rows.entry(category).or_default().push(row);
            }
            let codes = |rows: &Vec<usize>| targets.iter().map(|t| self.code(t, rows)).collect();
            encodings.push(rows.values().map(codes).collect::<Vec<Vec<f64>>>().concat());
            categories.push(rows.into_keys().collect());
        }
        Ok(TargetEncoder { categories, encodings, mean })
    }

    /// Learns from all rows, and encodes the rows themselves by cross-fitting: the codes of each
    /// fold are learned from the other folds, so that no row's own target is in its code.
    ///
    /// # Shapes
    /// - as [`TargetEncoderConfig::fit`]; → `[N, C · K]`
    ///
    /// # Errors
    /// Those of [`TargetEncoderConfig::fit`], and [`Error::InvalidArgument`] if there are fewer
    /// than 2 folds, or more than rows.
    pub fn fit_transform(&self, x: &TrainRows, y: &TrainRows) -> Result<(TargetEncoder, Tensor)> {
        let encoder = self.fit(x, y)?;
        let n_rows = x.tensor().size(0)?;
        let mut out = vec![0.0; n_rows * encoder.n_features_out()];
        for fold in k_fold(n_rows, self.n_folds, self.shuffle)? {
            let (x_rest, y_rest) = (fold.train_rows(x.tensor())?, fold.train_rows(y.tensor())?);
            let codes = self.fit(&x_rest, &y_rest)?;
            let held_out = whole(OP, &rows_at(x.tensor(), fold.test())?, None)?;
            for (categories, &row) in held_out.chunks_exact(codes.categories.len()).zip(fold.test())
            {
                let n = encoder.n_features_out();
                codes.encode(categories, &mut out[row * n..][..n]);
            }
        }
        let shape = [n_rows, encoder.n_features_out()];
        let y = Tensor::from_vec(out, shape)?.to_dtype(float_like(x.tensor()))?;
        Ok((encoder, y))
    }

    /// The code of a category with these rows.
    fn code(&self, target: &[f64], rows: &[usize]) -> f64 {
        let all = Moments::of(target.iter().copied());
        let own = Moments::of(rows.iter().map(|&row| target[row]));
        let n = rows.len() as f64;
        let weight = match self.smoothing {
            Smoothing::Rows(extra) => n / (n + extra),
            // Micci-Barreca 2001: variance between rows of a category against that of all.
            Smoothing::Auto if all.variance() == 0.0 => 0.0,
            Smoothing::Auto => all.variance() * n / (all.variance() * n + own.variance()),
        };
        weight * own.mean() + (1.0 - weight) * all.mean()
    }
}

/// The columns of `[N]` or `[N, K]`, N and K not 0.
fn targets(y: &TrainRows) -> Result<Vec<Vec<f64>>> {
    let table = match y.tensor().rank() {
        1 => y.map(|y| Ok(y.unsqueeze(1)?))?,
        2 => y.clone(),
        _ => {
            return Err(unexpected(OP, "targets [rows] or [rows, targets]".to_owned(), y.tensor()));
        }
    };
    let columns = Columns::to_fit(OP, &table)?;
    columns.require(OP, "a number", |v| !v.is_nan())?;
    (0..columns.n_columns()).map(|c| columns.column(OP, c)).collect()
}

/// Replaces each category by the mean target of its rows, drawn to the mean of all.
///
/// Each column becomes one for each target. A category that was not seen in `fit` gets the mean of
/// all. Categories are whole numbers, as integers or floats; NaN is refused. A table of floats
/// keeps its dtype, integers become f32. There is no inverse: categories may share a code.
///
/// # Reference
/// scikit-learn's `TargetEncoder`; unlike it, cross-fitting deals rows to folds without regard to
/// classes. Micci-Barreca 2001, "A preprocessing scheme for high-cardinality categorical
/// attributes".
///
/// # Examples
/// ```
/// use gradus_data::{Smoothing, TargetEncoderConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = TrainRows::whole(&Tensor::new([[1], [1], [2], [2]]));
/// let y = TrainRows::whole(&Tensor::new([1.0, 3.0, 10.0, 20.0]));
/// let config = TargetEncoderConfig { smoothing: Smoothing::Rows(0.0), ..Default::default() };
/// let encoder = config.fit(&x, &y)?;
/// let codes = encoder.transform(&Tensor::new([[2], [1], [3]]))?;
/// assert_eq!(codes.to_vec::<f32>()?, [15.0, 2.0, 8.5]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TargetEncoder {
    categories: Vec<Vec<i64>>,
    /// For each column, the codes of its categories: one for each target.
    encodings: Vec<Vec<f64>>,
    mean: Vec<f64>,
}

impl TargetEncoder {
    /// The categories of each column, in rising order.
    pub fn categories(&self) -> &[Vec<i64>] {
        &self.categories
    }

    /// The mean of each target, which a category that was not seen gets.
    pub fn target_mean(&self) -> &[f64] {
        &self.mean
    }

    fn encode(&self, row: &[i64], out: &mut [f64]) {
        let n_targets = self.mean.len();
        for (column, (category, out)) in row.iter().zip(out.chunks_exact_mut(n_targets)).enumerate()
        {
            out.copy_from_slice(match self.categories[column].binary_search(category) {
                Ok(place) => &self.encodings[column][place * n_targets..][..n_targets],
                Err(_) => &self.mean,
            });
        }
    }
}

impl Transform for TargetEncoder {
    fn n_features_in(&self) -> usize {
        self.categories.len()
    }

    fn n_features_out(&self) -> usize {
        self.categories.len() * self.mean.len()
    }

    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let (n_in, n_out) = (self.n_features_in(), self.n_features_out());
        let values = whole("TargetEncoder::transform", x, Some(n_in))?;
        let mut out = vec![0.0; values.len() / n_in * n_out];
        for (row, out) in values.chunks_exact(n_in).zip(out.chunks_exact_mut(n_out)) {
            self.encode(row, out);
        }
        let mut shape = x.dims().to_vec();
        shape[x.rank() - 1] = n_out;
        Ok(Tensor::from_vec(out, shape)?.to_dtype(float_like(x))?)
    }

    fn inverse_transform(&self, _y: &Tensor) -> Result<Tensor> {
        no_inverse("TargetEncoder::inverse_transform")
    }
}

impl Fitted for TargetEncoder {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        Entries::default()
            .categories(&self.categories)
            .floats("encodings", &self.encodings.concat())
            .floats("target_mean", &self.mean)
            .finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "TargetEncoder", state };
        let (categories, mean) = (state.categories()?, state.floats("target_mean")?);
        let all = state.floats("encodings")?;
        let mut rest = &all[..];
        let mut encodings = Vec::with_capacity(categories.len());
        let error = || {
            let got = format!("{} codes", all.len());
            state.error("encodings", "one code for each category and target", got)
        };
        for known in &categories {
            let cut = rest.split_at_checked(known.len() * mean.len());
            let (codes, after) = cut.ok_or_else(error)?;
            encodings.push(codes.to_vec());
            rest = after;
        }
        if rest.is_empty() { Ok(Self { categories, encodings, mean }) } else { Err(error()) }
    }
}
