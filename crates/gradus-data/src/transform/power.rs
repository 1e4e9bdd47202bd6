//! Powers that make columns more like a normal distribution.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::columns::{Columns, map_columns};
use super::fit::{Fit, Transform};
use super::lambda::most_likely;
use super::moments::Moments;
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::Result;

/// Which family of powers is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PowerMethod {
    /// For any values (Yeo & Johnson 2000).
    #[default]
    YeoJohnson,
    /// For positive values (Box & Cox 1964).
    BoxCox,
}

impl PowerMethod {
    /// The transformed value.
    pub(super) fn forward(self, lambda: f64, x: f64) -> f64 {
        match self {
            Self::BoxCox if x > 0.0 => power(lambda, x.ln()),
            Self::BoxCox => f64::NAN,
            Self::YeoJohnson if x < 0.0 => -power(2.0 - lambda, (-x).ln_1p()),
            Self::YeoJohnson => power(lambda, x.ln_1p()),
        }
    }

    fn backward(self, lambda: f64, y: f64) -> f64 {
        match self {
            Self::BoxCox => root(lambda, y).exp(),
            Self::YeoJohnson if y < 0.0 => -root(2.0 - lambda, -y).exp_m1(),
            Self::YeoJohnson => root(lambda, y).exp_m1(),
        }
    }
}

/// Below this, the difference between a power and a logarithm is less than a rounding.
const LOGARITHM: f64 = 1e-16;

/// (eˡ)^λ as (e^(λ l) − 1) / λ, which is l for λ = 0.
fn power(lambda: f64, l: f64) -> f64 {
    if lambda.abs() < LOGARITHM { l } else { (lambda * l).exp_m1() / lambda }
}

/// The l whose [`power`] is `y`.
fn root(lambda: f64, y: f64) -> f64 {
    if lambda.abs() < LOGARITHM { y } else { (lambda * y).ln_1p() / lambda }
}

/// How a [`PowerTransformer`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PowerTransformerConfig {
    /// Which family of powers is used.
    pub method: PowerMethod,
    /// Whether the result is brought to mean 0 and variance 1; true by default.
    pub standardize: bool,
}

impl Default for PowerTransformerConfig {
    fn default() -> Self {
        Self { method: PowerMethod::YeoJohnson, standardize: true }
    }
}

impl Fit for PowerTransformerConfig {
    type Fitted = PowerTransformer;

    fn fit(&self, rows: &TrainRows) -> Result<PowerTransformer> {
        let op = "PowerTransformer::fit";
        let columns = Columns::to_fit(op, rows)?;
        if self.method == PowerMethod::BoxCox {
            columns.require(op, "positive", |v| v > 0.0 || v.is_nan())?;
        }
        let n = columns.n_columns();
        let (mut lambdas, mut mean, mut scale) = (Vec::new(), vec![0.0; n], vec![1.0; n]);
        for column in 0..n {
            let values = columns.column(op, column)?;
            // Any power of a constant is a constant.
            let constant = Moments::of(values.iter().copied()).std().is_none();
            let lambda = if constant { 1.0 } else { most_likely(self.method, &values) };
            lambdas.push(lambda);
            if self.standardize {
                let moments = Moments::of(values.iter().map(|&v| self.method.forward(lambda, v)));
                mean[column] = moments.mean();
                scale[column] = moments.std().unwrap_or(1.0);
            }
        }
        Ok(PowerTransformer { method: self.method, lambdas, mean, scale })
    }
}

/// Raises each column to the power that makes it most like a normal distribution, and standardizes
/// it.
///
/// - Box-Cox: (x^λ − 1) / λ, or ln x for λ = 0.
/// - Yeo-Johnson: Box-Cox of x + 1 for x ≥ 0, and −Box-Cox of 1 − x with 2 − λ for x < 0.
///
/// λ is the most likely one for each column; 1 for a constant column. A λ at which the transformed
/// values would overflow or run together is not taken.
///
/// NaN is ignored in `fit` and stays NaN in `transform`; so becomes what Box-Cox cannot take, zero
/// and below, and in the inverse what no x leads to. All arithmetic is in f64; the result has
/// the input's dtype. It does not stream: λ needs all rows.
///
/// # Reference
/// scikit-learn's `PowerTransformer`. Unlike it, constant columns pass Box-Cox too, and a column of
/// nothing but NaN is an error.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, PowerMethod, PowerTransformerConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0], [10.0], [100.0], [1000.0], [10000.0]]);
/// let config = PowerTransformerConfig { method: PowerMethod::BoxCox, ..Default::default() };
/// let fitted = config.fit(&TrainRows::whole(&x))?;
/// assert!(fitted.lambdas()[0].abs() < 1e-6); // the logarithm
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PowerTransformer {
    method: PowerMethod,
    lambdas: Vec<f64>,
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl PowerTransformer {
    /// The power of each column.
    pub fn lambdas(&self) -> &[f64] {
        &self.lambdas
    }
}

impl Transform for PowerTransformer {
    fn n_features_in(&self) -> usize {
        self.lambdas.len()
    }

    fn n_features_out(&self) -> usize {
        self.lambdas.len()
    }

    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        map_columns("PowerTransformer::transform", x, self.lambdas.len(), |c, v| {
            (self.method.forward(self.lambdas[c], v) - self.mean[c]) / self.scale[c]
        })
    }

    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        map_columns("PowerTransformer::inverse_transform", y, self.lambdas.len(), |c, v| {
            self.method.backward(self.lambdas[c], v * self.scale[c] + self.mean[c])
        })
    }
}

impl Fitted for PowerTransformer {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        Entries::default()
            .floats("lambdas", &self.lambdas)
            .floats("mean", &self.mean)
            .floats("scale", &self.scale)
            .integers("box_cox", &[i64::from(self.method == PowerMethod::BoxCox)])
            .finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "PowerTransformer", state };
        let [lambdas, mean, scale] = state.float_vectors(["lambdas", "mean", "scale"])?;
        let box_cox = state.flag("box_cox")?;
        let method = if box_cox { PowerMethod::BoxCox } else { PowerMethod::YeoJohnson };
        Ok(Self { method, lambdas, mean, scale })
    }
}
