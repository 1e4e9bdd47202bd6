//! One update.

use std::collections::BTreeMap;

use gradus_autograd::{Anomaly, Module, Watch, detect_anomaly, no_grad};
use gradus_core::{Key, Kind};
use gradus_nn::Ctx;
use gradus_optim::StepInfo;
use gradus_tensor::Tensor;

use crate::batches::Batches;
use crate::callback::{NextStep, StepRecord};
use crate::config::NonFinite;
use crate::error::{Error, Origin, Result};
use crate::fit::Fit;
use crate::measure::{Means, Score};
use crate::parts::{Norms, Parts};

impl<M: Module, B> Fit<'_, M, B> {
    /// Makes one update and tells the callbacks. On an error of the loss or the optimizer the
    /// model is as before: its parameters are not touched, and its buffers are put back.
    pub(crate) fn step(&mut self, batch: &B) -> Result<()> {
        let next = NextStep { step: self.state.step, epoch: self.state.epoch + 1 };
        for callback in &mut self.callbacks {
            callback.before_step(&next, &mut self.model)?;
        }
        let buffers: Vec<Tensor> =
            self.model.named_buffers().into_iter().map(|(_, buffer)| buffer.value()).collect();
        let record = match self.update(batch) {
            Ok(record) => record,
            Err(error) => {
                let error = self.explained(error, batch);
                for ((_, buffer), value) in self.model.named_buffers().into_iter().zip(buffers) {
                    buffer.set(value)?;
                }
                return self.skip_or_stop(error);
            }
        };
        self.state.history.add_step(&record);
        self.callbacks.iter_mut().try_for_each(|callback| callback.on_step(&record))
    }

    /// Where the randomness of the next update comes from.
    fn step_key(&self) -> Key {
        self.config.key.kind(Kind::Dropout).fold_in(self.state.step)
    }

    fn update(&mut self, batch: &B) -> Result<StepRecord> {
        let (score, info, gradients) = self.made_step(batch)?;
        let loss = score.loss.item()?;
        let step = self.state.step;
        if !loss.is_finite() {
            return Err(Error::NonFiniteLoss { step, loss, origin: Box::default() });
        }
        self.add_to_average()?;
        let state = &mut self.state;
        state.means.add(loss, &score)?;
        state.step += 1;
        state.batch += 1;
        state.skipped_in_row = 0;
        state.learning_rate = info.learning_rate;
        state.grad_norm = info.grad_norm;
        Ok(StepRecord {
            step: state.step,
            epoch: state.epoch + 1,
            batch: state.batch,
            n_batches: state.n_batches,
            n_epochs: self.config.epochs,
            loss,
            mean_loss: state.means.loss(),
            metrics: score.values(),
            learning_rate: info.learning_rate,
            grad_norm: info.grad_norm,
            gradients,
        })
    }

    /// Takes the usual step or the user's, and finds the norms of gradients if they are due.
    fn made_step(&mut self, batch: &B) -> Result<(Score, StepInfo, BTreeMap<String, f64>)> {
        let key = self.step_key();
        let step = self.state.step;
        let is_due = |every: u64| (step + 1).is_multiple_of(every);
        let norms = if self.config.gradients_every.is_some_and(is_due) {
            Norms::Asked
        } else {
            Norms::Unasked
        };
        let mut parts = Parts {
            model: &mut self.model,
            optimizer: &mut self.optimizer,
            batch,
            key,
            step,
            loss: &self.loss,
            callbacks: &mut self.callbacks,
            norms,
        };
        let (score, info) = match &mut self.own_step {
            Some(own) => own(&mut parts)?,
            None => {
                let score = parts.score()?;
                let info = parts.apply(&score.loss.backward()?)?;
                (score, info)
            }
        };
        let gradients = match parts.norms {
            Norms::Found(norms) => norms,
            Norms::Asked | Norms::Unasked => BTreeMap::new(),
        };
        Ok((score, info, gradients))
    }

    /// Adds to a loss or gradient that is not finite what can be found out about it.
    fn explained(&self, error: Error, batch: &B) -> Error {
        let (step, checkpoint) = (self.state.step, self.last_saved.clone());
        match error {
            Error::NonFiniteLoss { step, loss, .. } => {
                let anomaly = self.first_anomaly(batch, Passes::Forward);
                let path = anomaly.as_ref().map(|anomaly| anomaly.path.clone());
                let path = path.filter(|path| !path.is_empty());
                let origin = Box::new(Origin { path, anomaly, checkpoint });
                Error::NonFiniteLoss { step, loss, origin }
            }
            Error::Optim(gradus_optim::Error::NonFiniteGradient { path }) => {
                let anomaly = self.first_anomaly(batch, Passes::Both);
                let origin = Box::new(Origin { path: Some(path), anomaly, checkpoint });
                Error::NonFiniteGradient { step, origin }
            }
            other => other,
        }
    }

    /// Makes the step again, up to the loss or to its gradients, and looks where the first NaN is,
    /// or else the first infinity.
    fn first_anomaly(&self, batch: &B, passes: Passes) -> Option<Anomaly> {
        let again = || {
            let score = (self.loss)(&self.model, batch, &mut Ctx::train(self.step_key()))?;
            Ok::<_, Error>(match passes {
                Passes::Forward => None,
                Passes::Both => Some(score.loss.backward()?),
            })
        };
        [Watch::Nan, Watch::NonFinite].into_iter().find_map(|watch| {
            match detect_anomaly(watch, again) {
                Err(Error::Autograd(gradus_autograd::Error::Anomaly(anomaly))) => Some(anomaly),
                Err(_) | Ok(_) => None,
            }
        })
    }

    fn skip_or_stop(&mut self, error: Error) -> Result<()> {
        let is_skippable =
            matches!(error, Error::NonFiniteLoss { .. } | Error::NonFiniteGradient { .. });
        match self.config.non_finite {
            NonFinite::Skip { at_most } if is_skippable && self.state.skipped_in_row < at_most => {
                self.state.skipped += 1;
                self.state.skipped_in_row += 1;
                self.state.batch += 1;
                Ok(())
            }
            NonFinite::Skip { .. } | NonFinite::Stop => Err(error),
        }
    }

    /// The means of loss and metrics over data that the model does not learn from.
    ///
    /// # Errors
    /// [`Error::NoBatches`] if there is no batch, and those of the data and the loss.
    pub fn evaluate<S>(&self, data: &S) -> Result<BTreeMap<String, f64>>
    where
        S: Batches<Batch = B> + ?Sized,
    {
        Ok(self.measure(data)?.values())
    }

    /// The same as [`Fit::evaluate`], with what the metrics are read from: confusion matrices,
    /// rankings, calibrations.
    ///
    /// # Errors
    /// Those of [`Fit::evaluate`].
    pub fn measure<S>(&self, data: &S) -> Result<Means>
    where
        S: Batches<Batch = B> + ?Sized,
    {
        let mut means = Means::default();
        no_grad(|| {
            for batch in data.epoch(0, 0) {
                let score = (self.loss)(&self.model, &batch?, &mut Ctx::eval())?;
                means.add(score.loss.item()?, &score)?;
            }
            Ok(())
        })
        .and_then(|()| match means.is_empty() {
            true => Err(Error::NoBatches { part: "validation", epoch: self.state.epoch + 1 }),
            false => Ok(means),
        })
    }
}

/// How far a step is made again.
#[derive(Debug, Clone, Copy)]
enum Passes {
    Forward,
    Both,
}
