//! The whole state of a run.
//!
//! ```text
//! tensors   model.<path>          parameters and buffers after the last update
//!           average.<name>        their averages, if they are taken
//!           best.<path>           those after the best epoch, if they are kept
//!           optim.<name>          what the optimizer remembers
//!           means.<metric>        f64 sums of the epoch that has begun, and means/examples
//!           gathered.<metric>     what its other metrics are read from
//!           evaluated.<metric>    the same of the last whole epoch, for the report
//! texts     run                   counters, key, history and kinds of metrics as JSON
//!           checksum              of everything above
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use gradus_autograd::Module;
use gradus_core::Key;
use gradus_nn::AveragedWeights;
use gradus_tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::Checkpoint;
use crate::error::{Error, Result};
use crate::fit::{Fit, State};
use crate::history::History;
use crate::kept::{Kept, StateDict};
use crate::measure::{Means, Metric};
use crate::number;

/// Grows when a file would no longer mean the same. Version 1 had no gathered metrics, averages
/// and skipped steps, and is read as a run without them.
const VERSION: u32 = 2;
const RUN: &str = "run";
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
    #[serde(default)]
    skipped: u64,
    #[serde(default)]
    skipped_in_row: u64,
    #[serde(with = "number")]
    learning_rate: f64,
    #[serde(with = "number")]
    grad_norm: f64,
    #[serde(with = "number")]
    seconds: f64,
    history: History,
    /// The kinds of the metrics under `gathered` and `evaluated`.
    #[serde(default)]
    gathered: BTreeMap<String, String>,
    #[serde(default)]
    evaluated: BTreeMap<String, String>,
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
        let state = &self.state;
        let mut checkpoint = Checkpoint::default();
        checkpoint.put("model", self.last_values());
        if let Some(averages) = &self.kept.averages {
            checkpoint.put("average", averages.state_dict());
        }
        checkpoint.put("best", self.kept.best.clone().unwrap_or_default());
        checkpoint.put("optim", self.optimizer.state_dict());
        let sums = state.means.sums.iter().map(|(name, &sum)| (name.clone(), Tensor::scalar(sum)));
        checkpoint.put("means", sums.collect());
        checkpoint.tensors.insert(EXAMPLES.to_owned(), Tensor::scalar(state.means.examples));
        let run = Run {
            version: VERSION,
            key: key_text(self.config.key),
            epoch: state.epoch,
            batch: state.batch,
            n_batches: state.n_batches,
            step: state.step,
            skipped: state.skipped,
            skipped_in_row: state.skipped_in_row,
            learning_rate: state.learning_rate,
            grad_norm: state.grad_norm,
            seconds: state.seconds,
            history: state.history.clone(),
            gathered: put_metrics(&mut checkpoint, "gathered", &state.means.gathered)?,
            evaluated: put_metrics(&mut checkpoint, "evaluated", &state.evaluated)?,
        };
        checkpoint.texts.insert(RUN.to_owned(), run.text());
        checkpoint.save(path)
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
        let checkpoint = Checkpoint::load(path)?;
        self.take(checkpoint)
            .map_err(|reason| Error::Checkpoint { path: path.to_owned(), reason })?;
        self.last_saved = Some(path.to_owned());
        Ok(())
    }

    fn take(&mut self, mut checkpoint: Checkpoint) -> Result<(), String> {
        let run = read_run(&checkpoint)?;
        let key = key_text(self.config.key);
        if run.key != key {
            return Err(format!("it was saved with {}, this run has {key}", run.key));
        }
        let means = read_means(&mut checkpoint, &run)?;
        let evaluated = take_metrics(&mut checkpoint, "evaluated", &run.evaluated)?;
        let mut part = |name| Some(checkpoint.take(name)).filter(|part| !part.is_empty());
        let (best, average) = (part("best"), part("average"));
        let (model, optim) = (checkpoint.take("model"), checkpoint.take("optim"));
        // Each of these changes all or nothing; together they do, since the old values are put back.
        let old = self.model.state_dict();
        let load = |fit: &mut Self| {
            best.iter().chain([&model]).try_for_each(|values| fit.model.load_state_dict(values))?;
            let averages = average.as_ref().and_then(|saved| fit.averages(saved).transpose());
            let averages = averages.transpose()?;
            fit.optimizer.load_state_dict(&optim)?;
            Ok::<_, Error>(averages)
        };
        let averages = match load(self) {
            Ok(averages) => averages,
            Err(error) => {
                self.model.load_state_dict(&old).map_err(|e| e.to_string())?;
                return Err(error.to_string());
            }
        };
        self.kept = Kept { best, averages, last: None };
        self.state = run.state(means, evaluated);
        Ok(())
    }

    /// Saved averages, if the configuration still asks for some.
    fn averages(&self, saved: &StateDict) -> Result<Option<AveragedWeights>> {
        let Some(averaging) = self.config.averaging else { return Ok(None) };
        let mut averages = AveragedWeights::new(&self.model, averaging)?;
        averages.load_state_dict(saved)?;
        Ok(Some(averages))
    }
}

impl Run {
    fn text(&self) -> String {
        serde_json::to_string(self).expect("numbers, texts and lists are JSON")
    }

    fn state(self, means: Means, evaluated: BTreeMap<String, Metric>) -> State {
        State {
            epoch: self.epoch,
            batch: self.batch,
            n_batches: self.n_batches,
            step: self.step,
            skipped: self.skipped,
            skipped_in_row: self.skipped_in_row,
            learning_rate: self.learning_rate,
            grad_norm: self.grad_norm,
            means,
            evaluated,
            seconds: self.seconds,
            history: self.history,
        }
    }
}

fn read_run(checkpoint: &Checkpoint) -> Result<Run, String> {
    let run = checkpoint.texts.get(RUN).ok_or("it has no state of a run")?;
    let json = serde_json::from_str::<serde_json::Value>(run).map_err(|e| e.to_string())?;
    let version = &json["version"];
    if !version.as_u64().is_some_and(|v| (1..=VERSION.into()).contains(&v)) {
        return Err(format!("it has version {version}, expected {VERSION} or less"));
    }
    serde_json::from_str(run).map_err(|e| e.to_string())
}

fn read_means(checkpoint: &mut Checkpoint, run: &Run) -> Result<Means, String> {
    let examples = checkpoint.tensors.remove(EXAMPLES).ok_or("it has no running means")?;
    let item = |t: &Tensor| t.item().map_err(|e| e.to_string());
    let sums = checkpoint.take("means");
    let sums = sums.iter().map(|(name, sum)| Ok((name.clone(), item(sum)?)));
    Ok(Means {
        examples: item(&examples)?,
        sums: sums.collect::<Result<_, String>>()?,
        gathered: take_metrics(checkpoint, "gathered", &run.gathered)?,
    })
}

/// Adds the values of metrics under `part.` and returns their kinds.
fn put_metrics(
    checkpoint: &mut Checkpoint,
    part: &str,
    metrics: &BTreeMap<String, Metric>,
) -> Result<BTreeMap<String, String>> {
    let values = metrics.iter().map(|(name, metric)| Ok((name.clone(), metric.values()?)));
    checkpoint.put(part, values.collect::<Result<StateDict>>()?);
    Ok(metrics.iter().map(|(name, metric)| (name.clone(), metric.kind())).collect())
}

fn take_metrics(
    checkpoint: &mut Checkpoint,
    part: &str,
    kinds: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Metric>, String> {
    let values = checkpoint.take(part);
    let metric = |(name, kind): (&String, &String)| {
        let saved = values.get(name).ok_or_else(|| format!("it has no values of {name:?}"))?;
        Ok((name.clone(), Metric::from_saved(kind, saved)?))
    };
    kinds.iter().map(metric).collect()
}
