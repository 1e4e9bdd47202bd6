//! Learned state as named tensors.

use std::collections::BTreeMap;

use gradus_core::DType;
use gradus_tensor::Tensor;

use crate::{Error, Result};

/// A learned transformation that can be saved beside a model, as named tensors.
///
/// Float state is f64, so that a restored transformation gives the same bits.
///
/// # Examples
/// ```
/// use gradus_data::{Fitted, StandardScaler, StandardScalerConfig};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0, 2.0], [3.0, 6.0]]);
/// let scaler = StandardScalerConfig::default().fit(&x)?;
/// let restored = StandardScaler::from_state_dict(&scaler.state_dict())?;
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
