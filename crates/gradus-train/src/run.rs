//! The loop over epochs and batches.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Instant;

use gradus_autograd::Module;

use crate::batches::Batches;
use crate::error::{Error, Result};
use crate::fit::Fit;
use crate::history::EpochRecord;
use crate::measure::Means;
use crate::stopping::{EarlyStopping, Stop};

impl<M: Module, B> Fit<'_, M, B> {
    /// Trains until one of the ends that the configuration names. A run that has ended in the
    /// middle goes on where it was.
    ///
    /// A schedule of the rate goes by steps; a [plateau](gradus_optim::Plateau) is told after every
    /// epoch what early stopping watches, or else the loss: of validation, if there is any.
    ///
    /// # Errors
    /// - [`Error::NonFiniteLoss`] and [`Error::NonFiniteGradient`], unless the configuration says
    ///   that such steps are left out: the model is as before the step.
    /// - [`Error::AllSkipped`] if every step of an epoch was left out.
    /// - [`Error::NoBatches`] if an epoch has no batch, [`Error::BatchCount`] if an epoch goes on
    ///   with other data than it began with.
    /// - [`Error::UnknownMetric`] if early stopping watches what the loss does not report.
    /// - Those of the data, the loss, the optimizer, the callbacks and the checkpoint.
    pub fn run<S>(&mut self, train: &S) -> Result<Stop>
    where
        S: Batches<Batch = B> + ?Sized,
    {
        self.until_the_end(train, None::<&S>)
    }

    /// Trains as [`Fit::run`], and evaluates on other data after every epoch: without gradients,
    /// in the mode of evaluation.
    ///
    /// # Errors
    /// Those of [`Fit::run`] and [`Fit::evaluate`].
    pub fn run_validated<S, V>(&mut self, train: &S, valid: &V) -> Result<Stop>
    where
        S: Batches<Batch = B> + ?Sized,
        V: Batches<Batch = B> + ?Sized,
    {
        self.until_the_end(train, Some(valid))
    }

    fn until_the_end<S, V>(&mut self, train: &S, valid: Option<&V>) -> Result<Stop>
    where
        S: Batches<Batch = B> + ?Sized,
        V: Batches<Batch = B> + ?Sized,
    {
        self.show_last()?;
        let result = self.epochs(train, valid);
        for callback in &mut self.callbacks {
            callback.on_end();
        }
        let stop = result?;
        self.show_kept()?;
        self.save_checkpoint()?;
        Ok(stop)
    }

    fn epochs<S, V>(&mut self, train: &S, valid: Option<&V>) -> Result<Stop>
    where
        S: Batches<Batch = B> + ?Sized,
        V: Batches<Batch = B> + ?Sized,
    {
        let start = Instant::now();
        loop {
            if self.state.epoch >= self.config.epochs {
                return Ok(Stop::Epochs);
            }
            if self.patience_is_over() {
                return Ok(Stop::EarlyStopping);
            }
            let epoch_start = Instant::now();
            let in_time = self.batches(train, start);
            self.state.seconds += epoch_start.elapsed().as_secs_f64();
            if !in_time? {
                return Ok(Stop::TimeLimit);
            }
            let record = self.finish_epoch(valid)?;
            let mut wishes = ControlFlow::Continue(());
            for callback in &mut self.callbacks {
                // Every callback sees the epoch, also after one that wants to stop.
                let wish = callback.on_epoch(&record)?;
                wishes = if wishes.is_break() { wishes } else { wish };
            }
            if wishes.is_break() {
                return Ok(Stop::Callback);
            }
        }
    }

    /// Goes through the rest of an epoch; `false` if time was up before its end.
    fn batches<S>(&mut self, train: &S, start: Instant) -> Result<bool>
    where
        S: Batches<Batch = B> + ?Sized,
    {
        let n_batches = train.len();
        if self.state.batch > 0 && self.state.n_batches != n_batches {
            return Err(Error::BatchCount { expected: self.state.n_batches, got: n_batches });
        }
        self.state.n_batches = n_batches;
        for batch in train.epoch(self.state.epoch, self.state.batch) {
            self.step(&batch?)?;
            if let Some(checkpoint) = &self.config.checkpoint
                && self.state.step.is_multiple_of(checkpoint.every)
            {
                self.save_checkpoint()?;
            }
            if self.config.time_limit.is_some_and(|limit| start.elapsed() >= limit) {
                return Ok(false);
            }
        }
        if self.state.batch == 0 {
            return Err(Error::NoBatches { part: "training", epoch: self.state.epoch + 1 });
        }
        if self.state.means.is_empty() {
            let (epoch, skipped) = (self.state.epoch + 1, self.state.batch);
            return Err(Error::AllSkipped { epoch, skipped });
        }
        Ok(true)
    }

    /// Evaluates, enters the epoch into the history, and begins the next.
    fn finish_epoch<V>(&mut self, valid: Option<&V>) -> Result<EpochRecord>
    where
        V: Batches<Batch = B> + ?Sized,
    {
        let start = Instant::now();
        self.show_average()?;
        let looked = self.look(valid);
        let valid = match looked {
            Ok(valid) => valid,
            Err(error) => {
                self.show_last()?;
                return Err(error);
            }
        };
        let record = EpochRecord {
            epoch: self.state.epoch + 1,
            step: self.state.step,
            learning_rate: self.state.learning_rate,
            grad_norm: self.state.grad_norm,
            train: self.state.means.values(),
            valid: valid.as_ref().map_or_else(BTreeMap::new, Means::values),
            seconds: self.state.seconds + start.elapsed().as_secs_f64(),
        };
        let (value, is_best) = match self.judge(&record) {
            Ok(judged) => judged,
            Err(error) => {
                self.show_last()?;
                return Err(error);
            }
        };
        self.optimizer.observe(value);
        let state = &mut self.state;
        state.history.epochs.push(record.clone());
        state.epoch += 1;
        (state.batch, state.n_batches, state.seconds) = (0, 0, 0.0);
        let trained = std::mem::take(&mut state.means);
        state.evaluated = valid.unwrap_or(trained).gathered;
        if is_best {
            state.history.best = Some(state.history.epochs.len() - 1);
            self.keep_best();
        }
        self.show_last()?;
        let best = self.config.checkpoint.as_ref().and_then(|checkpoint| checkpoint.best.as_ref());
        if let Some(path) = best.filter(|_| is_best) {
            self.save(path)?;
        }
        Ok(record)
    }

    /// Measures on validation data, and takes the samples.
    fn look<V>(&mut self, valid: Option<&V>) -> Result<Option<Means>>
    where
        V: Batches<Batch = B> + ?Sized,
    {
        let means = valid.map(|valid| self.measure(valid)).transpose()?;
        self.take_samples()?;
        Ok(means)
    }

    /// The number by which epochs are compared, and whether it is the best.
    fn judge(&self, record: &EpochRecord) -> Result<(f64, bool)> {
        let stopping = self.stopping();
        let value = stopping.value(record)?;
        let best = self.state.history.best().map(|best| stopping.value(best)).transpose()?;
        Ok((value, stopping.improves(value, best)))
    }

    /// What decides which epoch is best: the loss, unless early stopping says otherwise.
    fn stopping(&self) -> EarlyStopping {
        self.config.early_stopping.clone().unwrap_or_default()
    }

    /// Whether early stopping is on and the last best epoch is too long ago.
    fn patience_is_over(&self) -> bool {
        let history = &self.state.history;
        let since_best = history.epochs.len() - history.best.map_or(0, |best| best + 1);
        let patience = self.config.early_stopping.as_ref().map(|stopping| stopping.patience);
        patience.is_some_and(|patience| since_best as u64 >= patience)
    }

    fn save_checkpoint(&mut self) -> Result<()> {
        let Some(checkpoint) = &self.config.checkpoint else { return Ok(()) };
        checkpoint.replace(|path| self.save(path))?;
        self.last_saved = Some(checkpoint.path.clone());
        Ok(())
    }
}
