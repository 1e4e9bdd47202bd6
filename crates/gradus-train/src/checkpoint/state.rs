//! The whole state of a run in one file.
//!
//! ```text
//! tensors   model.<path>          parameters and buffers after the last update
//!           best.<path>           those after the best epoch, if they are kept
//!           optim.<name>          what the optimizer remembers
//!           means.<metric>        f64 sums of the epoch that has begun, and means/examples
//! texts     run                   counters, key and history as JSON
//!           checksum              of everything above
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use gradus_autograd::Module;
use gradus_core::Key;
use gradus_tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::checksum::checksum;
use crate::error::{Error, Result};
use crate::fit::{Fit, State};
use crate::history::History;
use crate::kept::{Kept, StateDict};
use crate::number;
use crate::score::Means;

/// Grows when a file would no longer mean the same.
const VERSION: u32 = 1;
const RUN: &str = "run";
const CHECKSUM: &str = "checksum";
/// No metric's sum: those are `means.<metric>`.
const EXAMPLES: &str = "means/examples";

/// What is saved as JSON. Sums are tensors, so that they keep their bits whatever they are.
#[derive(Serialize, Deserialize)]
struct Run {
    version: u32,
    key: String,
    epoch: u64,
    batch: usize,
    n_batches: usize,
    step: u64,
    #[serde(with = "number")]
    learning_rate: f64,
    #[serde(with = "number")]
    grad_norm: f64,
    #[serde(with = "number")]
    seconds: f64,
    history: History,
}

/// Two runs with different keys draw different numbers; the text names the whole key.
fn key_text(key: Key) -> String {
    format!("{key:?}")
}

impl<M: Module, B> Fit<'_, M, B> {
    /// Writes the whole state of the run, atomically: model, optimizer, position in the data,
    /// running means, history, best parameters.
    ///
    /// # Errors
    /// [`Error::Io`] naming the path.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let mut tensors = BTreeMap::new();
        add(&mut tensors, "model", self.last_values());
        add(&mut tensors, "best", self.kept.best.clone().unwrap_or_default());
        add(&mut tensors, "optim", self.optimizer.state_dict());
        let Means { examples, sums } = &self.state.means;
        let sums = sums.iter().map(|(name, &sum)| (name.clone(), Tensor::scalar(sum)));
        add(&mut tensors, "means", sums.collect());
        tensors.insert(EXAMPLES.to_owned(), Tensor::scalar(*examples));
        let State { epoch, batch, n_batches, step, learning_rate, grad_norm, seconds, .. } =
            self.state;
        let run = Run {
            version: VERSION,
            key: key_text(self.config.key),
            epoch,
            batch,
            n_batches,
            step,
            learning_rate,
            grad_norm,
            seconds,
            history: self.state.history.clone(),
        };
        let mut texts = BTreeMap::from([(RUN.to_owned(), run.text())]);
        texts.insert(CHECKSUM.to_owned(), checksum(&tensors, &texts)?);
        Ok(gradus_io::save_safetensors(path, &tensors, &texts)?)
    }

    /// Takes up the state of a saved run. Going on is then the same, bit for bit, as not having
    /// stopped, if model, loss, optimizer, configuration and data are made in the same way.
    ///
    /// Only what is learned and counted comes from the file. Settings come from the code, so a run
    /// may go on for more epochs or with another rate.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read or is no safetensors file; [`Error::Checkpoint`]
    /// if it is altered, or was saved by another kind of model or optimizer or with another key.
    /// The run is then unchanged.
    pub fn resume(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let (tensors, texts) = gradus_io::load_safetensors(path)?;
        self.take(tensors, texts)
            .map_err(|reason| Error::Checkpoint { path: path.to_owned(), reason })
    }

    fn take(
        &mut self,
        mut tensors: StateDict,
        mut texts: BTreeMap<String, String>,
    ) -> Result<(), String> {
        let run = read_run(&tensors, &mut texts)?;
        let key = key_text(self.config.key);
        if run.key != key {
            return Err(format!("it was saved with {}, this run has {key}", run.key));
        }
        let means = read_means(&mut tensors)?;
        let best = Some(part(&mut tensors, "best")).filter(|best| !best.is_empty());
        let (model, optim) = (part(&mut tensors, "model"), part(&mut tensors, "optim"));
        // Each of these changes all or nothing; together they do, since the old values are put back.
        let old = self.model.state_dict();
        let load = |fit: &mut Self| {
            best.iter().chain([&model]).try_for_each(|values| fit.model.load_state_dict(values))?;
            fit.optimizer.load_state_dict(&optim)?;
            Ok::<_, Error>(())
        };
        if let Err(error) = load(self) {
            self.model.load_state_dict(&old).map_err(|e| e.to_string())?;
            return Err(error.to_string());
        }
        self.kept = Kept { best, last: None };
        self.state = run.state(means);
        Ok(())
    }
}

impl Run {
    fn text(&self) -> String {
        serde_json::to_string(self).expect("numbers, texts and lists are JSON")
    }

    fn state(self, means: Means) -> State {
        let Self {
            epoch, batch, n_batches, step, learning_rate, grad_norm, seconds, history, ..
        } = self;
        State { epoch, batch, n_batches, step, learning_rate, grad_norm, means, seconds, history }
    }
}

fn read_run(tensors: &StateDict, texts: &mut BTreeMap<String, String>) -> Result<Run, String> {
    let saved = texts.remove(CHECKSUM).ok_or("it has no checksum")?;
    let found = checksum(tensors, texts).map_err(|e| e.to_string())?;
    if saved != found {
        return Err("its checksum is wrong, so the file was altered".to_owned());
    }
    let run = texts.get(RUN).ok_or("it has no state of a run")?;
    let version = serde_json::from_str::<serde_json::Value>(run).map_err(|e| e.to_string())?;
    if version["version"] != VERSION {
        return Err(format!("it has version {}, expected {VERSION}", version["version"]));
    }
    serde_json::from_str(run).map_err(|e| e.to_string())
}

fn read_means(tensors: &mut StateDict) -> Result<Means, String> {
    let examples = tensors.remove(EXAMPLES).ok_or("it has no running means")?;
    let item = |t: &Tensor| t.item().map_err(|e| e.to_string());
    let sums = part(tensors, "means");
    let sums = sums.iter().map(|(name, sum)| Ok((name.clone(), item(sum)?)));
    Ok(Means { examples: item(&examples)?, sums: sums.collect::<Result<_, String>>()? })
}

/// Adds values under `prefix.`.
fn add(tensors: &mut StateDict, prefix: &str, values: StateDict) {
    tensors.extend(values.into_iter().map(|(name, value)| (format!("{prefix}.{name}"), value)));
}

/// Takes the values under `prefix.` out.
fn part(tensors: &mut StateDict, prefix: &str) -> StateDict {
    let prefix = format!("{prefix}.");
    let names: Vec<String> =
        tensors.keys().filter(|name| name.starts_with(&prefix)).cloned().collect();
    let take = |full: String| Some((full[prefix.len()..].to_owned(), tensors.remove(&full)?));
    names.into_iter().filter_map(take).collect()
}
