//! Categories as unit vectors.

use std::collections::BTreeMap;

use gradus_core::DType;
use gradus_tensor::Tensor;

use super::categories::{CategoryStream, FromCategories, float_like, whole};
use super::columns::unexpected;
use super::fit::{Fit, FitStream, Transform};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// What becomes of a category that was not seen in fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownCategory {
    /// It is an error.
    #[default]
    Error,
    /// Its columns are all 0.
    Zeros,
}

/// Whether a category is left out, so that the columns of the others are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Drop {
    /// None.
    #[default]
    None,
    /// The first of each column.
    First,
    /// The first of each column that has two.
    IfBinary,
}

/// How a [`OneHotEncoder`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OneHotEncoderConfig {
    /// What becomes of a category that was not seen in fit.
    pub unknown: UnknownCategory,
    /// Whether a category is left out. Not together with [`UnknownCategory::Zeros`], which then
    /// could not be told from it.
    pub drop: Drop,
}

impl Fit for OneHotEncoderConfig {
    type Fitted = OneHotEncoder;

    fn fit(&self, rows: &TrainRows) -> Result<OneHotEncoder> {
        CategoryStream::fit(self, rows)
    }
}

impl FitStream for OneHotEncoderConfig {
    type Stream = CategoryStream<Self>;

    fn stream(&self) -> Result<Self::Stream> {
        Ok(CategoryStream::new(*self))
    }
}

impl FromCategories for OneHotEncoderConfig {
    const OP: &'static str = "OneHotEncoder::fit";

    fn learn(&self, categories: Vec<Vec<i64>>) -> Result<OneHotEncoder> {
        if self.unknown == UnknownCategory::Zeros && self.drop != Drop::None {
            let (op, name, expected) = (Self::OP, "drop", "None with UnknownCategory::Zeros");
            let got = format!("{:?}", self.drop);
            return Err(Error::InvalidArgument { op, name, expected, got });
        }
        Ok(OneHotEncoder { config: *self, categories })
    }
}

/// Turns each column of categories into as many columns as it has categories: 1 for the category
/// at hand, 0 for the others.
///
/// Categories are whole numbers, as integers or floats; NaN is refused. A table of floats keeps its
/// dtype, integers become f32. It streams: chunks of rows teach the same as all rows at once.
///
/// # Reference
/// scikit-learn's `OneHotEncoder` with dense output.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, OneHotEncoderConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[3, 0], [7, 1]]);
/// let encoder = OneHotEncoderConfig::default().fit(&TrainRows::whole(&x))?;
/// assert_eq!(encoder.categories(), [vec![3, 7], vec![0, 1]]);
/// let y = encoder.transform(&Tensor::new([[7, 0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 1.0, 1.0, 0.0]);
/// assert_eq!(encoder.inverse_transform(&y)?.to_vec::<i64>()?, [7, 0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneHotEncoder {
    config: OneHotEncoderConfig,
    categories: Vec<Vec<i64>>,
}

impl OneHotEncoder {
    /// The categories of each column, in rising order.
    pub fn categories(&self) -> &[Vec<i64>] {
        &self.categories
    }

    /// How many categories of a column are left out.
    fn dropped(&self, known: &[i64]) -> usize {
        usize::from(match self.config.drop {
            Drop::None => false,
            Drop::First => true,
            Drop::IfBinary => known.len() == 2,
        })
    }

    /// Where the category goes in its block; nowhere if it is left out.
    fn place(&self, op: &'static str, column: usize, category: i64) -> Result<Option<usize>> {
        let known = &self.categories[column];
        match (known.binary_search(&category), self.config.unknown) {
            (Ok(place), _) => Ok(place.checked_sub(self.dropped(known))),
            (Err(_), UnknownCategory::Zeros) => Ok(None),
            (Err(_), UnknownCategory::Error) => {
                Err(Error::UnknownCategory { op, column, category })
            }
        }
    }
}

impl Transform for OneHotEncoder {
    fn n_features_in(&self) -> usize {
        self.categories.len()
    }

    fn n_features_out(&self) -> usize {
        self.categories.iter().map(|known| known.len() - self.dropped(known)).sum()
    }

    /// # Errors
    /// [`Error::Value`] for what is no whole number; [`Error::UnknownCategory`] if one was not seen
    /// in fit and the policy is [`UnknownCategory::Error`].
    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let op = "OneHotEncoder::transform";
        let values = whole(op, x, Some(self.categories.len()))?;
        let (n_rows, n_features) = (values.len() / self.categories.len(), self.n_features_out());
        let mut out = vec![0.0f32; n_rows * n_features];
        let mut start = 0;
        for (i, &category) in values.iter().enumerate() {
            let column = i % self.categories.len();
            if let Some(place) = self.place(op, column, category)? {
                out[start + place] = 1.0;
            }
            let known = &self.categories[column];
            start += known.len() - self.dropped(known);
        }
        let mut shape = x.dims().to_vec();
        shape[x.rank() - 1] = n_features;
        Ok(Tensor::from_vec(out, shape)?.to_dtype(float_like(x))?)
    }

    /// The categories as i64.
    ///
    /// # Errors
    /// [`Error::NotOneHot`] if a column's block is not one 1 among 0s, as for a category that was
    /// not seen in fit.
    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let op = "OneHotEncoder::inverse_transform";
        let n_features = self.n_features_out();
        if y.dims().last() != Some(&n_features) {
            return Err(unexpected(op, format!("a last dimension of {n_features}"), y));
        }
        let values: Vec<f32> = y.to_dtype(DType::F32)?.to_vec()?;
        let mut shape = y.dims().to_vec();
        shape[y.rank() - 1] = self.categories.len();
        let n_rows: usize = y.dims()[..y.rank() - 1].iter().product();
        let mut out = Vec::with_capacity(n_rows * self.categories.len());
        for row in 0..n_rows {
            let mut features = &values[row * n_features..][..n_features];
            for (column, known) in self.categories.iter().enumerate() {
                let dropped = self.dropped(known);
                let (block, rest) = features.split_at(known.len() - dropped);
                features = rest;
                let place = match the_one(block) {
                    Some(place) => place + dropped,
                    // A block of zeros is the category that was left out.
                    None if dropped > 0 && block.iter().all(|&v| v == 0.0) => 0,
                    None => return Err(Error::NotOneHot { op, row, column }),
                };
                out.push(known[place]);
            }
        }
        Ok(Tensor::from_vec(out, shape)?)
    }
}

/// Where the only 1 is, among nothing but 0s.
fn the_one(block: &[f32]) -> Option<usize> {
    let place = block.iter().position(|&v| v == 1.0)?;
    let others = block.iter().enumerate().all(|(i, &v)| i == place || v == 0.0);
    others.then_some(place)
}

impl Fitted for OneHotEncoder {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let zeros = i64::from(self.config.unknown == UnknownCategory::Zeros);
        Entries::default()
            .categories(&self.categories)
            .integers("unknown_as_zeros", &[zeros])
            .integers("drop", &[self.config.drop as i64])
            .finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "OneHotEncoder", state };
        let zeros = state.flag("unknown_as_zeros")?;
        let unknown = if zeros { UnknownCategory::Zeros } else { UnknownCategory::Error };
        let drops = [Drop::None, Drop::First, Drop::IfBinary];
        let drop = drops[state.code("drop", drops.len(), "[0], [1] or [2]")?];
        OneHotEncoderConfig { unknown, drop }.learn(state.categories()?)
    }
}
