//! One checkpoint file.

use std::collections::BTreeMap;
use std::path::Path;

use gradus_tensor::Tensor;

use super::checksum::checksum;
use crate::error::{Error, Result};

const CHECKSUM: &str = "checksum";

/// Named tensors and texts in one safetensors file with a checksum: what [`Fit`](crate::Fit) saves
/// and resumes, and what a loop of your own can save.
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Linear, Module};
/// use gradus_train::Checkpoint;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("run.safetensors");
/// let mut model = Linear::new(2, 1, &mut Keys::new(7))?;
/// let mut checkpoint = Checkpoint::default();
/// checkpoint.put("model", model.state_dict());
/// checkpoint.texts.insert("step".to_owned(), "12".to_owned());
/// checkpoint.save(&path)?;
///
/// let mut checkpoint = Checkpoint::load(&path)?;
/// model.load_state_dict(&checkpoint.take("model"))?;
/// assert_eq!(checkpoint.texts["step"], "12");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Checkpoint {
    /// The tensors by name.
    pub tensors: BTreeMap<String, Tensor>,
    /// The texts by name; `checksum` is taken.
    pub texts: BTreeMap<String, String>,
}

impl Checkpoint {
    /// Adds tensors under `part.`.
    pub fn put(&mut self, part: &str, values: BTreeMap<String, Tensor>) {
        let named = |(name, value)| (format!("{part}.{name}"), value);
        self.tensors.extend(values.into_iter().map(named));
    }

    /// Takes the tensors under `part.` out. The parameters of a run are its part `model`.
    pub fn take(&mut self, part: &str) -> BTreeMap<String, Tensor> {
        let prefix = format!("{part}.");
        let is_of_part = |name: &String| name.starts_with(&prefix);
        let names: Vec<String> =
            self.tensors.keys().filter(|name| is_of_part(name)).cloned().collect();
        let take =
            |full: String| Some((full[prefix.len()..].to_owned(), self.tensors.remove(&full)?));
        names.into_iter().filter_map(take).collect()
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`] naming the path.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let mut texts = self.texts.clone();
        texts.remove(CHECKSUM);
        texts.insert(CHECKSUM.to_owned(), checksum(&self.tensors, &texts)?);
        Ok(gradus_io::save_safetensors(path, &self.tensors, &texts)?)
    }

    /// Reads a file and holds it against its checksum.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read or is truncated, [`Error::Checkpoint`] if it has no
    /// checksum or another.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let (tensors, mut texts) = gradus_io::load_safetensors(path)?;
        let fault =
            |reason: &str| Error::Checkpoint { path: path.to_owned(), reason: reason.to_owned() };
        let saved = texts.remove(CHECKSUM).ok_or_else(|| fault("it has no checksum"))?;
        if saved != checksum(&tensors, &texts)? {
            return Err(fault("its checksum is wrong, so the file was altered"));
        }
        Ok(Self { tensors, texts })
    }
}
