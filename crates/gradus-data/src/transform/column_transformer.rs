//! Different transformations for different columns.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::columns::unexpected;
use super::fit::{Fit, Transform, no_inverse};
use super::pipeline::in_step;
use super::state::{Entries, Fitted, State};
use super::step::{FittedStep, Step};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// What becomes of columns that no part takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Remainder {
    /// They are left out.
    #[default]
    Drop,
    /// They follow the parts as they are.
    Keep,
}

/// How a [`ColumnTransformer`] is fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnTransformerConfig {
    /// Name, transformation and columns of each part. A column may be in several.
    pub parts: Vec<(String, Step, Vec<usize>)>,
    /// What becomes of columns that no part takes.
    pub remainder: Remainder,
}

impl ColumnTransformerConfig {
    /// These parts; other columns are left out.
    pub fn new<S: Into<String>>(parts: impl IntoIterator<Item = (S, Step, Vec<usize>)>) -> Self {
        let part = |(name, step, columns): (S, Step, Vec<usize>)| (name.into(), step, columns);
        Self { parts: parts.into_iter().map(part).collect(), remainder: Remainder::Drop }
    }
}

/// A damaged state must not ask for all memory.
const MAX_COLUMNS: usize = 1 << 24;

const OP: &str = "ColumnTransformer::fit";

impl Fit for ColumnTransformerConfig {
    type Fitted = ColumnTransformer;

    /// # Errors
    /// Also [`Error::InvalidArgument`] if there is no part or one without columns,
    /// [`Error::IndexOutOfRange`] for a column that does not exist, and [`Error::Step`] with the
    /// name of the part that fails.
    fn fit(&self, rows: &TrainRows) -> Result<ColumnTransformer> {
        let x = rows.tensor();
        if x.rank() < 2 {
            return Err(unexpected(OP, "a table [..., rows, columns]".to_owned(), x));
        }
        let n_columns = x.dims()[x.rank() - 1];
        if self.parts.is_empty() || self.parts.iter().any(|part| part.2.is_empty()) {
            let (name, expected) = ("parts", "one or more, with columns");
            let got = format!("columns {:?}", self.parts.iter().map(|p| &p.2).collect::<Vec<_>>());
            return Err(Error::InvalidArgument { op: OP, name, expected, got });
        }
        let outside = self.parts.iter().flat_map(|part| &part.2).find(|&&c| c >= n_columns);
        if let Some(&index) = outside {
            return Err(Error::IndexOutOfRange { index, len: n_columns });
        }
        let fit = |(name, step, columns): &(String, Step, Vec<usize>)| {
            let fitted = in_step(name, step.fit(&rows.map(|x| pick(x, columns))?))?;
            Ok(Part { name: name.clone(), step: fitted, columns: columns.clone() })
        };
        let parts = self.parts.iter().map(fit).collect::<Result<_>>()?;
        Ok(ColumnTransformer { parts, remainder: self.remainder, n_columns })
    }
}

/// These columns, in this order.
fn pick(x: &Tensor, columns: &[usize]) -> Result<Tensor> {
    let ids: Vec<i64> = columns.iter().map(|&c| c as i64).collect();
    Ok(x.index_select(-1, &Tensor::from(ids))?)
}

#[derive(Debug, Clone, PartialEq)]
struct Part {
    name: String,
    step: FittedStep,
    columns: Vec<usize>,
}

/// Applies to each set of columns a transformation of its own, and puts the results side by side.
///
/// Parts come out in order, then the columns that no part takes, if they are kept. There is an
/// inverse if every column is in exactly one part or kept, and every part has one.
///
/// All columns are of one float dtype; codes of categories are whole numbers in it, as
/// [`crate::Table::features`] gives them. The result has that dtype.
///
/// # Reference
/// scikit-learn's `ColumnTransformer`, which has no inverse.
///
/// # Examples
/// ```
/// use gradus_data::{
///     ColumnTransformerConfig, Fit, OneHotEncoderConfig, StandardScalerConfig, TrainRows, Transform,
/// };
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0, 0.0], [3.0, 1.0]]);
/// let fitted = ColumnTransformerConfig::new([
///     ("size", StandardScalerConfig::default().into(), vec![0]),
///     ("kind", OneHotEncoderConfig::default().into(), vec![1]),
/// ])
/// .fit(&TrainRows::whole(&x))?;
/// let y = fitted.transform(&x)?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
/// assert!(fitted.inverse_transform(&y)?.equal(&x));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnTransformer {
    parts: Vec<Part>,
    remainder: Remainder,
    n_columns: usize,
}

impl ColumnTransformer {
    /// The learned transformation of a part; of the first, if several have the name.
    pub fn part(&self, name: &str) -> Option<&FittedStep> {
        self.parts.iter().find(|part| part.name == name).map(|part| &part.step)
    }

    /// The columns that no part takes and that are kept.
    fn kept(&self) -> Vec<usize> {
        let taken = |c: &usize| self.parts.iter().any(|part| part.columns.contains(c));
        match self.remainder {
            Remainder::Drop => vec![],
            Remainder::Keep => (0..self.n_columns).filter(|c| !taken(c)).collect(),
        }
    }

    fn check(op: &'static str, x: &Tensor, n: usize) -> Result<()> {
        if x.dims().last() == Some(&n) {
            return super::columns::require_float(op, x);
        }
        Err(unexpected(op, format!("a last dimension of {n}"), x))
    }
}

impl Transform for ColumnTransformer {
    fn n_features_in(&self) -> usize {
        self.n_columns
    }

    fn n_features_out(&self) -> usize {
        let parts = self.parts.iter().map(|part| part.step.n_features_out());
        parts.sum::<usize>() + self.kept().len()
    }

    /// # Errors
    /// [`Error::Step`] with the name of the part that fails.
    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        Self::check("ColumnTransformer::transform", x, self.n_columns)?;
        let part = |part: &Part| {
            let y = in_step(&part.name, part.step.transform(&pick(x, &part.columns)?))?;
            Ok(y.to_dtype(x.dtype())?)
        };
        let mut out = self.parts.iter().map(part).collect::<Result<Vec<_>>>()?;
        out.push(pick(x, &self.kept())?);
        Ok(Tensor::cat(&out, -1)?)
    }

    /// # Errors
    /// [`Error::NoInverse`] if a column is in several parts or was left out; [`Error::Step`] with
    /// the name of a part that fails, as one without an inverse does.
    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let op = "ColumnTransformer::inverse_transform";
        Self::check(op, y, self.n_features_out())?;
        let kept = self.kept();
        let columns = self.parts.iter().flat_map(|part| &part.columns).chain(&kept);
        let mut place = vec![None; self.n_columns];
        for (i, &column) in columns.enumerate() {
            if place[column].replace(i).is_some() {
                return no_inverse(op);
            }
        }
        let Some(place) = place.into_iter().collect::<Option<Vec<usize>>>() else {
            return no_inverse(op);
        };
        let mut start = 0;
        let mut back = Vec::with_capacity(self.parts.len() + 1);
        for part in &self.parts {
            let own = y.narrow(-1, start, part.step.n_features_out())?;
            start += part.step.n_features_out();
            back.push(in_step(&part.name, part.step.inverse_transform(&own))?.to_dtype(y.dtype())?);
        }
        back.push(y.narrow(-1, start, kept.len())?);
        pick(&Tensor::cat(&back, -1)?, &place)
    }
}

impl Fitted for ColumnTransformer {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let head = Entries::default()
            .integers("n_parts", &[self.parts.len() as i64])
            .integers("n_columns", &[self.n_columns as i64])
            .integers("keep_remainder", &[i64::from(self.remainder == Remainder::Keep)]);
        let parts = self.parts.iter().enumerate();
        let all = parts.fold(head, |entries, (i, part)| {
            let columns: Vec<i64> = part.columns.iter().map(|&c| c as i64).collect();
            entries
                .text(&format!("{i}.name"), &part.name)
                .integers(&format!("{i}.columns"), &columns)
                .nested(&format!("{i}.step"), part.step.state_dict())
        });
        all.finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "ColumnTransformer", state };
        let n_columns = state.code("n_columns", MAX_COLUMNS, "a count below 2^24")?;
        let part = |i: usize| {
            let name = format!("{i}.columns");
            let columns = state.integers(&name)?;
            let step = FittedStep::from_state_dict(&state.nested(&format!("{i}.step")))?;
            let inside = |&c: &i64| c >= 0 && (c as u64) < n_columns as u64;
            if !columns.iter().all(inside) || columns.len() != step.n_features_in() {
                let expected = "as many columns as the step has, all below n_columns";
                return Err(state.error(&name, expected, format!("{columns:?}")));
            }
            let columns = columns.into_iter().map(|c| c as usize).collect();
            Ok(Part { name: state.text(&format!("{i}.name"))?, step, columns })
        };
        // An absent part ends this before a forged count can ask for memory.
        let parts = (0..state.count("n_parts")?).map(part).collect::<Result<_>>()?;
        let keep = state.flag("keep_remainder")?;
        let remainder = if keep { Remainder::Keep } else { Remainder::Drop };
        Ok(Self { parts, remainder, n_columns })
    }
}
