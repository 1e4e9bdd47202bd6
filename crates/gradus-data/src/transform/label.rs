//! Names as class numbers.

use std::collections::{BTreeMap, BTreeSet};

use gradus_core::DType;
use gradus_tensor::Tensor;

use super::state::{Entries, Fitted, State};
use crate::{Error, Result};

/// Numbers names: 0, 1, 2, … in rising order (by bytes).
///
/// The names of all classes, known beforehand or met in the training rows, are what is learned. It
/// can be fitted on several files, so that a name has the same number in each of them.
///
/// # Reference
/// scikit-learn's `LabelEncoder`.
///
/// # Examples
/// ```
/// use gradus_data::LabelEncoder;
/// let encoder = LabelEncoder::fit(["spam", "ham", "ham"])?;
/// let y = encoder.transform(["ham", "spam"])?;
/// assert_eq!(y.to_vec::<i64>()?, [0, 1]);
/// assert_eq!(encoder.inverse_transform(&y)?, ["ham", "spam"]);
/// let error = encoder.transform(["ham", "eggs"]).unwrap_err();
/// assert_eq!(error.to_string(), "label \"eggs\" of row 1 was not seen in fit");
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelEncoder {
    classes: Vec<String>,
}

impl LabelEncoder {
    /// Learns the distinct names.
    ///
    /// # Errors
    /// [`Error::NoRows`] if there is none.
    pub fn fit<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut classes: BTreeSet<String> = BTreeSet::new();
        for name in names {
            if !classes.contains(name.as_ref()) {
                classes.insert(name.as_ref().to_owned());
            }
        }
        if classes.is_empty() {
            return Err(Error::NoRows { op: "LabelEncoder::fit" });
        }
        Ok(Self { classes: classes.into_iter().collect() })
    }

    /// The names; each one's place is its number.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The numbers of names.
    ///
    /// # Shapes
    /// - → `[number of names]`, i64
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] for a name that was not seen in fit.
    pub fn transform<S: AsRef<str>>(&self, names: impl IntoIterator<Item = S>) -> Result<Tensor> {
        let number = |(row, name): (usize, S)| {
            let place = self.classes.binary_search_by(|class| class.as_str().cmp(name.as_ref()));
            let unknown = |_| Error::UnknownLabel { row, label: name.as_ref().to_owned() };
            place.map(|place| place as i64).map_err(unknown)
        };
        let numbers = names.into_iter().enumerate().map(number).collect::<Result<Vec<_>>>()?;
        Ok(Tensor::from(numbers))
    }

    /// The names of numbers.
    ///
    /// # Errors
    /// [`Error::UnknownToken`] for a number that no class has; if `y` is not of integers.
    pub fn inverse_transform(&self, y: &Tensor) -> Result<Vec<&str>> {
        if y.dtype().is_float() {
            let (op, expected, got) = ("LabelEncoder::inverse_transform", "an integer", y.dtype());
            let error = gradus_core::Error::UnsupportedDType { op, expected, got };
            return Err(gradus_tensor::Error::from(error).into());
        }
        let name = |id: i64| {
            let class = usize::try_from(id).ok().and_then(|i| self.classes.get(i));
            let vocab_size = self.classes.len();
            class.map(String::as_str).ok_or(Error::UnknownToken { id, vocab_size })
        };
        y.to_dtype(DType::I64)?.to_vec::<i64>()?.into_iter().map(name).collect()
    }
}

impl Fitted for LabelEncoder {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let lengths: Vec<i64> = self.classes.iter().map(|class| class.len() as i64).collect();
        let all = self.classes.concat();
        Entries::default().text("classes", &all).integers("lengths", &lengths).finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "LabelEncoder", state };
        let (all, lengths) = (state.text("classes")?, state.integers("lengths")?);
        let error = || state.error("lengths", "those of rising names", format!("{lengths:?}"));
        let (mut rest, mut classes) = (&all[..], Vec::new());
        for &length in &lengths {
            let cut = usize::try_from(length).ok().and_then(|n| rest.split_at_checked(n));
            let (class, after) = cut.ok_or_else(error)?;
            classes.push(class.to_owned());
            rest = after;
        }
        let rising = classes.is_sorted_by(|a, b| a < b);
        if rest.is_empty() && rising { Ok(Self { classes }) } else { Err(error()) }
    }
}
