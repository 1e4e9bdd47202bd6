//! A run as events.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::EventFile;
use crate::callback::{Callback, StepRecord};
use crate::config::TensorBoard;
use crate::error::Result;
use crate::history::EpochRecord;
use crate::report::Picture;

/// Writes a run for TensorBoard; see [`TensorBoard`].
#[derive(Debug)]
pub(crate) struct TensorBoardLog {
    log: TensorBoard,
    file: Option<EventFile>,
}

impl TensorBoardLog {
    pub(crate) fn new(log: TensorBoard) -> Self {
        Self { log, file: None }
    }

    /// The file of this call of a run; `step` is the first that it holds.
    fn file(&mut self, step: u64) -> Result<&mut EventFile> {
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                let mut file = EventFile::create(&self.log.folder)?;
                file.restart(step)?;
                file
            }
        };
        Ok(self.file.insert(file))
    }

    fn scalars(&mut self, step: u64, values: Vec<(String, f64)>) -> Result<()> {
        let values = values.iter().map(|(tag, value)| (tag.as_str(), *value));
        self.file(step)?.scalars(step, values)
    }
}

fn tagged(group: &str, values: &BTreeMap<String, f64>) -> Vec<(String, f64)> {
    values.iter().map(|(name, &value)| (format!("{group}/{name}"), value)).collect()
}

impl Callback for TensorBoardLog {
    fn on_step(&mut self, record: &StepRecord) -> Result<()> {
        let mut values = tagged("gradient", &record.gradients);
        if record.step.is_multiple_of(self.log.every) {
            values.extend(tagged("step", &record.metrics));
            values.push(("step/loss".to_owned(), record.loss));
            values.push(("step/learning_rate".to_owned(), record.learning_rate));
            values.push(("step/grad_norm".to_owned(), record.grad_norm));
        }
        // The file begins with the first step, written or not, so that it forgets enough.
        self.file(record.step)?;
        if values.is_empty() { Ok(()) } else { self.scalars(record.step, values) }
    }

    fn on_epoch(&mut self, record: &EpochRecord) -> Result<ControlFlow<()>> {
        let mut values = tagged("train", &record.train);
        values.extend(tagged("valid", &record.valid));
        self.scalars(record.step, values)?;
        Ok(ControlFlow::Continue(()))
    }

    fn on_pictures(&mut self, step: u64, pictures: &[Picture]) -> Result<()> {
        let file = self.file(step)?;
        pictures.iter().enumerate().try_for_each(|(i, picture)| {
            file.picture(step, &format!("{}/{i}", picture.caption()), picture)
        })
    }

    /// The next call may follow a resume.
    fn on_end(&mut self) {
        self.file = None;
    }
}
