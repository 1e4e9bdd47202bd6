//! Products of columns.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::columns::{Columns, map_rows};
use super::fit::{Fit, Transform, no_inverse};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// How [`PolynomialFeatures`] are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolynomialFeaturesConfig {
    /// The highest number of factors; 2 by default.
    pub degree: usize,
    /// Whether only products of different columns are made; false by default.
    pub interaction_only: bool,
    /// Whether the first column is 1; true by default.
    pub include_bias: bool,
}

impl Default for PolynomialFeaturesConfig {
    fn default() -> Self {
        Self { degree: 2, interaction_only: false, include_bias: true }
    }
}

/// More columns than this are refused: a wrong degree must not ask for all memory.
const MAX_FEATURES: usize = 1 << 20;
/// Nor may all products together have more factors.
const MAX_FACTORS: usize = 1 << 24;

impl PolynomialFeaturesConfig {
    /// Products of `n` columns as lists of their positions, shorter ones first.
    fn products(self, n: usize) -> Option<Vec<Vec<usize>>> {
        let mut last: Vec<Vec<usize>> = vec![vec![]];
        let mut all = if self.include_bias { last.clone() } else { vec![] };
        let mut n_factors = 0;
        for degree in 1..=self.degree {
            let longer = last.iter().flat_map(|product| {
                let from = product.last().map_or(0, |&c| c + usize::from(self.interaction_only));
                (from..n).map(|c| [&product[..], &[c]].concat())
            });
            last = longer.take(MAX_FEATURES + 1).collect();
            all.extend_from_slice(&last);
            n_factors += degree * last.len();
            if all.len() > MAX_FEATURES || n_factors > MAX_FACTORS {
                return None;
            }
            if last.is_empty() {
                break;
            }
        }
        Some(all)
    }

    fn features(self, n_in: usize) -> Result<PolynomialFeatures> {
        let (op, name) = ("PolynomialFeatures::fit", "degree");
        let invalid =
            |expected| Error::InvalidArgument { op, name, expected, got: self.degree.to_string() };
        let products = self.products(n_in);
        let products = products.ok_or_else(|| invalid("low enough for a million columns"))?;
        if products.is_empty() {
            return Err(invalid("1 or more, or there is nothing but a bias"));
        }
        Ok(PolynomialFeatures { config: self, n_in, products })
    }
}

impl Fit for PolynomialFeaturesConfig {
    type Fitted = PolynomialFeatures;

    /// # Errors
    /// Also [`Error::InvalidArgument`] for no column or more than a million.
    fn fit(&self, rows: &TrainRows) -> Result<PolynomialFeatures> {
        let columns = Columns::to_fit("PolynomialFeatures::fit", rows)?;
        self.features(columns.n_columns())
    }
}

/// All products of up to `degree` columns, so that a linear model can learn a polynomial.
///
/// Columns a, b of degree 2 become 1, a, b, a², ab, b². NaN stays NaN in every product. All
/// arithmetic is in f64; the result has the input's dtype. The inverse gives the columns of degree
/// 1 back; there is none for degree 0.
///
/// # Reference
/// scikit-learn's `PolynomialFeatures`, in its order.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, PolynomialFeaturesConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[2.0, 3.0]]);
/// let fitted = PolynomialFeaturesConfig::default().fit(&TrainRows::whole(&x))?;
/// assert_eq!(fitted.transform(&x)?.to_vec::<f32>()?, [1.0, 2.0, 3.0, 4.0, 6.0, 9.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolynomialFeatures {
    config: PolynomialFeaturesConfig,
    n_in: usize,
    products: Vec<Vec<usize>>,
}

impl PolynomialFeatures {
    /// For each column that comes out, the positions of its factors.
    pub fn products(&self) -> &[Vec<usize>] {
        &self.products
    }
}

impl Transform for PolynomialFeatures {
    fn n_features_in(&self) -> usize {
        self.n_in
    }

    fn n_features_out(&self) -> usize {
        self.products.len()
    }

    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let n = [self.n_in, self.products.len()];
        map_rows("PolynomialFeatures::transform", x, n, |row, out| {
            for (product, y) in self.products.iter().zip(out) {
                *y = product.iter().map(|&c| row[c]).product();
            }
        })
    }

    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let op = "PolynomialFeatures::inverse_transform";
        if self.config.degree == 0 {
            return no_inverse(op);
        }
        let first = usize::from(self.config.include_bias);
        map_rows(op, y, [self.products.len(), self.n_in], |row, out| {
            out.copy_from_slice(&row[first..first + self.n_in]);
        })
    }
}

impl Fitted for PolynomialFeatures {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let PolynomialFeaturesConfig { degree, interaction_only, include_bias } = self.config;
        Entries::default()
            .integers("n_features_in", &[self.n_in as i64])
            .integers("degree", &[degree as i64])
            .integers("interaction_only", &[i64::from(interaction_only)])
            .integers("include_bias", &[i64::from(include_bias)])
            .finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "PolynomialFeatures", state };
        let config = PolynomialFeaturesConfig {
            degree: state.code("degree", isize::MAX as usize, "one count")?,
            interaction_only: state.flag("interaction_only")?,
            include_bias: state.flag("include_bias")?,
        };
        let n_in = state.count("n_features_in")?;
        config.features(n_in).map_err(|e| state.error("degree", "a usable degree", e.to_string()))
    }
}
