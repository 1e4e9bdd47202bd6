//! Learned state as named tensors.

use std::collections::BTreeMap;

use gradus_core::DType;
use gradus_tensor::Tensor;

use crate::{Error, Result};

/// A learned transformation that can be saved beside a model, as named tensors.
///
/// Float state is f64, so that a restored transformation gives the same bits. The names are put
/// under a prefix of their own in the model's file, and found there again:
///
/// # Examples
/// ```
/// use gradus_data::{
///     Fit, Fitted, StandardScaler, StandardScalerConfig, TrainRows, under_prefix, with_prefix,
/// };
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0, 2.0], [3.0, 6.0]]);
/// let scaler = StandardScalerConfig::default().fit(&TrainRows::whole(&x))?;
///
/// let mut file = std::collections::BTreeMap::from([("head.weight".to_owned(), x)]);
/// file.extend(with_prefix("scaler", scaler.state_dict()));
/// assert!(file.contains_key("scaler.mean"));
/// let restored = StandardScaler::from_state_dict(&under_prefix("scaler", &file))?;
/// assert_eq!(restored, scaler);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub trait Fitted: Sized {
    /// Everything that was learned, and the options that matter after fitting.
    fn state_dict(&self) -> BTreeMap<String, Tensor>;

    /// The transformation with this state. Entries with other names are ignored.
    ///
    /// # Errors
    /// [`Error::State`] if an entry is absent or does not fit.
    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self>;
}

/// A state under a name: `mean` becomes `prefix.mean`.
pub fn with_prefix(prefix: &str, state: BTreeMap<String, Tensor>) -> BTreeMap<String, Tensor> {
    state.into_iter().map(|(name, tensor)| (format!("{prefix}.{name}"), tensor)).collect()
}

/// Undoes [`with_prefix`]; entries outside the prefix are left out.
pub fn under_prefix(prefix: &str, state: &BTreeMap<String, Tensor>) -> BTreeMap<String, Tensor> {
    let inside = |(name, tensor): (&String, &Tensor)| {
        let rest = name.strip_prefix(prefix)?.strip_prefix('.')?;
        Some((rest.to_owned(), tensor.clone()))
    };
    state.iter().filter_map(inside).collect()
}

/// Entries of a state dictionary, as they are written.
#[derive(Default)]
pub(super) struct Entries(BTreeMap<String, Tensor>);

impl Entries {
    pub(super) fn floats(mut self, name: &str, values: &[f64]) -> Self {
        self.0.insert(name.to_owned(), Tensor::from(values));
        self
    }

    pub(super) fn integers(mut self, name: &str, values: &[i64]) -> Self {
        self.0.insert(name.to_owned(), Tensor::from(values));
        self
    }

    /// A text is kept as its UTF-8 bytes.
    pub(super) fn text(mut self, name: &str, text: &str) -> Self {
        self.0.insert(name.to_owned(), Tensor::from(text.as_bytes()));
        self
    }

    pub(super) fn nested(mut self, prefix: &str, state: BTreeMap<String, Tensor>) -> Self {
        self.0.extend(with_prefix(prefix, state));
        self
    }

    pub(super) fn finish(self) -> BTreeMap<String, Tensor> {
        self.0
    }
}

/// Reads the entries of a state dictionary for one type.
pub(super) struct State<'a> {
    pub(super) op: &'static str,
    pub(super) state: &'a BTreeMap<String, Tensor>,
}

impl State<'_> {
    pub(super) fn floats(&self, name: &str) -> Result<Vec<f64>> {
        let entry = self.vector(name, DType::F64, "an f64 vector of one element or more")?;
        Ok(entry.to_vec()?)
    }

    pub(super) fn integers(&self, name: &str) -> Result<Vec<i64>> {
        let entry = self.vector(name, DType::I64, "an i64 vector of one element or more")?;
        Ok(entry.to_vec()?)
    }

    pub(super) fn text(&self, name: &str) -> Result<String> {
        let expected = "a text in UTF-8 as a u8 vector";
        let absent = || self.error(name, expected, "nothing".to_owned());
        let entry = self.state.get(name).ok_or_else(absent)?;
        let other = || self.error(name, expected, format!("{} {}", entry.dtype(), entry.shape()));
        if entry.rank() != 1 || entry.dtype() != DType::U8 {
            return Err(other());
        }
        String::from_utf8(entry.to_vec()?).map_err(|_| other())
    }

    pub(super) fn nested(&self, prefix: &str) -> BTreeMap<String, Tensor> {
        under_prefix(prefix, self.state)
    }

    /// One integer, which must be below `n`.
    pub(super) fn code(&self, name: &str, n: usize, expected: &'static str) -> Result<usize> {
        match self.integers(name)?[..] {
            [code] if code >= 0 && (code as u64) < n as u64 => Ok(code as usize),
            ref other => Err(self.error(name, expected, format!("{other:?}"))),
        }
    }

    /// An option that is on or off.
    pub(super) fn flag(&self, name: &str) -> Result<bool> {
        Ok(self.code(name, 2, "[0] or [1]")? == 1)
    }

    /// A count of things that have entries of their own.
    pub(super) fn count(&self, name: &str) -> Result<usize> {
        match self.code(name, isize::MAX as usize, "one positive count")? {
            0 => Err(self.error(name, "one positive count", "[0]".to_owned())),
            n => Ok(n),
        }
    }

    /// Exactly `N` floats.
    pub(super) fn float_array<const N: usize>(&self, name: &str) -> Result<[f64; N]> {
        let values = self.floats(name)?;
        let got = format!("{} elements", values.len());
        values.try_into().map_err(|_| self.error(name, "of another length", got))
    }

    /// Vectors that must have one length.
    pub(super) fn float_vectors<const N: usize>(&self, names: [&str; N]) -> Result<[Vec<f64>; N]> {
        let vectors = names.iter().map(|n| self.floats(n)).collect::<Result<Vec<_>>>()?;
        for (name, vector) in names.iter().zip(&vectors) {
            if vector.len() != vectors[0].len() {
                let got = format!("{} elements, not {}", vector.len(), vectors[0].len());
                return Err(self.error(name, "as long as the others", got));
            }
        }
        Ok(vectors.try_into().unwrap_or_else(|_| unreachable!("one vector for each of N names")))
    }

    /// `n` vectors of floats, one after the other.
    pub(super) fn float_rows(&self, name: &str, n: usize) -> Result<Vec<Vec<f64>>> {
        let values = self.floats(name)?;
        if values.len() % n != 0 {
            let got = format!("{} elements for {n} columns", values.len());
            return Err(self.error(name, "as many elements for each column", got));
        }
        Ok(values.chunks_exact(values.len() / n).map(<[f64]>::to_vec).collect())
    }

    pub(super) fn error(&self, name: &str, expected: &'static str, got: String) -> Error {
        Error::State { op: self.op, name: name.to_owned(), expected, got }
    }

    fn vector(&self, name: &str, dtype: DType, expected: &'static str) -> Result<&Tensor> {
        let absent = || self.error(name, expected, "nothing".to_owned());
        let entry = self.state.get(name).ok_or_else(absent)?;
        if entry.rank() == 1 && !entry.is_empty() && entry.dtype() == dtype {
            return Ok(entry);
        }
        Err(self.error(name, expected, format!("{} {}", entry.dtype(), entry.shape())))
    }
}
