//! What a transformation remembers about each parameter.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use crate::{Error, Result};

/// A few named tensors per parameter path, such as `exp_avg` and `exp_avg_sq`.
///
/// # Examples
/// ```
/// use gradus_optim::Memory;
/// use gradus_tensor::Tensor;
///
/// let mut memory = Memory::new(&["sum"]);
/// let grad = Tensor::from([1.0f32, 2.0]);
/// assert!(memory.get("0.weight", &grad)?.is_none());
/// memory.set("0.weight", vec![grad.square()?]);
/// assert!(memory.get("0.weight", &grad)?.is_some());
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Memory {
    names: &'static [&'static str],
    values: BTreeMap<String, Vec<Tensor>>,
}

impl Memory {
    /// Nothing remembered yet. The names become prefixes in the state dict and hold no dot.
    pub const fn new(names: &'static [&'static str]) -> Self {
        Self { names, values: BTreeMap::new() }
    }

    /// The names of the tensors.
    pub const fn names(&self) -> &'static [&'static str] {
        self.names
    }

    /// What is remembered of a parameter, in the order of the names. Floating-point tensors must
    /// have the shape of `like`.
    ///
    /// # Errors
    /// [`Error::Shape`] if one has another shape: the state is that of another model.
    pub fn get(&self, path: &str, like: &Tensor) -> Result<Option<&[Tensor]>> {
        let Some(values) = self.values.get(path) else { return Ok(None) };
        for (name, value) in self.names.iter().zip(values) {
            if value.dtype().is_float() && value.dims() != like.dims() {
                return Err(Error::Shape {
                    name: format!("{name}.{path}"),
                    expected: like.shape().clone(),
                    got: value.shape().clone(),
                });
            }
        }
        Ok(Some(values))
    }

    /// Remembers one tensor per name.
    ///
    /// # Panics
    /// If the counts differ.
    pub fn set(&mut self, path: &str, values: Vec<Tensor>) {
        assert_eq!(values.len(), self.names.len(), "one tensor per name");
        match self.values.get_mut(path) {
            Some(old) => *old = values,
            None => {
                self.values.insert(path.to_owned(), values);
            }
        }
    }

    /// What is remembered of a parameter, unchecked; nothing if there is nothing.
    pub(crate) fn values(&self, path: &str) -> &[Tensor] {
        self.values.get(path).map_or(&[], Vec::as_slice)
    }

    /// Takes out what is remembered of a parameter, to be [`set`](Self::set) again.
    pub(crate) fn take(&mut self, path: &str) -> Option<Vec<Tensor>> {
        self.values.get_mut(path).map(std::mem::take).filter(|values| !values.is_empty())
    }

    /// The paths and what is remembered of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &[Tensor])> {
        self.values.iter().map(|(path, values)| (path, values.as_slice()))
    }

    /// Remembers this instead.
    pub(crate) fn replace(&mut self, values: BTreeMap<String, Vec<Tensor>>) {
        self.values = values;
    }
}
