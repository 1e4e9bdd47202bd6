//! Categories as 0, 1, 2, …

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::categories::{CategoryStream, FromCategories, float_like, whole};
use super::columns::unexpected;
use super::fit::{Fit, FitStream, Transform};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// How an [`OrdinalEncoder`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OrdinalEncoderConfig {
    /// The code of a category that was not seen in fit: a negative number or NaN. None makes it
    /// an error.
    pub unknown_value: Option<f64>,
}

impl Fit for OrdinalEncoderConfig {
    type Fitted = OrdinalEncoder;

    fn fit(&self, rows: &TrainRows) -> Result<OrdinalEncoder> {
        CategoryStream::fit(self, rows)
    }
}

impl FitStream for OrdinalEncoderConfig {
    type Stream = CategoryStream<Self>;

    fn stream(&self) -> Result<Self::Stream> {
        Ok(CategoryStream::new(*self))
    }
}

impl FromCategories for OrdinalEncoderConfig {
    const OP: &'static str = "OrdinalEncoder::fit";

    fn learn(&self, categories: Vec<Vec<i64>>) -> Result<OrdinalEncoder> {
        match self.unknown_value {
            Some(v) if v >= 0.0 => {
                let (op, name, expected) = (Self::OP, "unknown_value", "negative or NaN");
                Err(Error::InvalidArgument { op, name, expected, got: v.to_string() })
            }
            unknown => Ok(OrdinalEncoder { categories, unknown }),
        }
    }
}

/// Replaces each category by its place among the column's categories: 0, 1, 2, … in rising order.
///
/// Categories are whole numbers, as integers or floats; NaN is refused. A table of floats keeps its
/// dtype, integers become f32. It streams: chunks of rows teach the same as all rows at once.
///
/// # Reference
/// scikit-learn's `OrdinalEncoder`.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, OrdinalEncoderConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[30], [7], [30]]);
/// let encoder = OrdinalEncoderConfig::default().fit(&TrainRows::whole(&x))?;
/// assert_eq!(encoder.transform(&x)?.to_vec::<f32>()?, [1.0, 0.0, 1.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct OrdinalEncoder {
    categories: Vec<Vec<i64>>,
    unknown: Option<f64>,
}

/// NaN is a code like any other here.
impl PartialEq for OrdinalEncoder {
    fn eq(&self, other: &Self) -> bool {
        let bits = |encoder: &Self| encoder.unknown.map(f64::to_bits);
        self.categories == other.categories && bits(self) == bits(other)
    }
}

impl OrdinalEncoder {
    /// The categories of each column, in rising order.
    pub fn categories(&self) -> &[Vec<i64>] {
        &self.categories
    }
}

impl Transform for OrdinalEncoder {
    fn n_features_in(&self) -> usize {
        self.categories.len()
    }

    fn n_features_out(&self) -> usize {
        self.categories.len()
    }

    /// # Errors
    /// [`Error::Value`] for what is no whole number; [`Error::UnknownCategory`] if one was not seen
    /// in fit and has no code.
    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let (op, n) = ("OrdinalEncoder::transform", self.categories.len());
        let code = |(i, &category): (usize, &i64)| {
            let column = i % n;
            let unknown = || self.unknown.ok_or(Error::UnknownCategory { op, column, category });
            let place = self.categories[column].binary_search(&category);
            place.map_or_else(|_| unknown(), |place| Ok(place as f64))
        };
        let values = whole(op, x, Some(n))?;
        let codes: Vec<f64> = values.iter().enumerate().map(code).collect::<Result<_>>()?;
        Ok(Tensor::from_vec(codes, x.shape())?.to_dtype(float_like(x))?)
    }

    /// The categories, in the dtype of the codes.
    ///
    /// # Errors
    /// [`Error::Value`] for a number that is no category's code.
    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let (op, n) = ("OrdinalEncoder::inverse_transform", self.categories.len());
        if y.dims().last() != Some(&n) {
            return Err(unexpected(op, format!("a last dimension of {n}"), y));
        }
        let codes = whole(op, y, Some(n))?;
        let known = |(i, &code): (usize, &i64)| {
            let (row, column, expected) = (i / n, i % n, "the code of a category");
            let category = usize::try_from(code).ok().and_then(|c| self.categories[column].get(c));
            category.copied().ok_or(Error::Value { op, row, column, expected, got: code as f64 })
        };
        let categories: Vec<i64> = codes.iter().enumerate().map(known).collect::<Result<_>>()?;
        Ok(Tensor::from_vec(categories, y.shape())?.to_dtype(float_like(y))?)
    }
}

impl Fitted for OrdinalEncoder {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let has_code = i64::from(self.unknown.is_some());
        Entries::default()
            .categories(&self.categories)
            .integers("has_unknown_value", &[has_code])
            .floats("unknown_value", &[self.unknown.unwrap_or(-1.0)])
            .finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "OrdinalEncoder", state };
        let [code] = state.float_array("unknown_value")?;
        let unknown_value = state.flag("has_unknown_value")?.then_some(code);
        OrdinalEncoderConfig { unknown_value }.learn(state.categories()?)
    }
}
