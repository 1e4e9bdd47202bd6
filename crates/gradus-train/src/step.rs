//! One update.

use std::collections::BTreeMap;

use gradus_autograd::{Module, no_grad};
use gradus_core::Kind;
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use crate::batches::Batches;
use crate::callback::StepRecord;
use crate::error::{Error, Result};
use crate::fit::Fit;
use crate::score::Means;

impl<M: Module, B> Fit<'_, M, B> {
    /// Makes one update and tells the callbacks. On an error of the loss or the optimizer the
    /// model is as before: its parameters are not touched, and its buffers are put back.
    pub(crate) fn step(&mut self, batch: &B) -> Result<()> {
        let buffers: Vec<Tensor> =
            self.model.named_buffers().into_iter().map(|(_, buffer)| buffer.value()).collect();
        let record = match self.update(batch) {
            Ok(record) => record,
            Err(error) => {
                for ((_, buffer), value) in self.model.named_buffers().into_iter().zip(buffers) {
                    buffer.set(value)?;
                }
                return Err(error);
            }
        };
        self.state.history.add_step(&record);
        self.callbacks.iter_mut().try_for_each(|callback| callback.on_step(&record))
    }

    fn update(&mut self, batch: &B) -> Result<StepRecord> {
        let key = self.config.key.kind(Kind::Dropout).fold_in(self.state.step);
        let score = (self.loss)(&self.model, batch, &mut Ctx::train(key))?;
        let loss = score.loss.item()?;
        if !loss.is_finite() {
            return Err(Error::NonFiniteLoss { step: self.state.step, loss });
        }
        let info = self.optimizer.step(&mut self.model, &score.loss.backward()?)?;
        let state = &mut self.state;
        state.means.add(loss, &score);
        state.step += 1;
        state.batch += 1;
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
            metrics: score.metrics,
            learning_rate: info.learning_rate,
            grad_norm: info.grad_norm,
        })
    }

    /// The means of loss and metrics over data that the model does not learn from.
    ///
    /// # Errors
    /// [`Error::NoBatches`] if there is no batch, and those of the data and the loss.
    pub fn evaluate<S>(&self, data: &S) -> Result<BTreeMap<String, f64>>
    where
        S: Batches<Batch = B> + ?Sized,
    {
        let mut means = Means::default();
        no_grad(|| {
            for batch in data.epoch(0, 0) {
                let score = (self.loss)(&self.model, &batch?, &mut Ctx::eval())?;
                means.add(score.loss.item()?, &score);
            }
            Ok(())
        })
        .and_then(|()| match means.is_empty() {
            true => Err(Error::NoBatches { part: "validation", epoch: self.state.epoch + 1 }),
            false => Ok(means.values()),
        })
    }
}
