//! One step, in parts that can be put together in another way.

use std::collections::BTreeMap;
use std::fmt;

use gradus_autograd::{Grads, Module};
use gradus_core::Key;
use gradus_nn::Ctx;
use gradus_optim::{Optimizer, StepInfo};
use gradus_tensor::DType;

use crate::callback::Callback;
use crate::error::{BoxError, Error, Result};
use crate::fit::{Fit, Loss};
use crate::measure::Score;

/// A step of one's own: what it says about the batch, and what the update did.
pub(crate) type OwnStep<'a, M, B> =
    Box<dyn FnMut(&mut Parts<'_, 'a, M, B>) -> Result<(Score, StepInfo)> + 'a>;

/// What one step is made of. The usual step is
/// `let score = parts.score()?; let info = parts.apply(&score.loss.backward()?)?;`, and
/// [`Fit::set_step`] takes another.
pub struct Parts<'s, 'a, M, B> {
    /// The model.
    pub model: &'s mut M,
    /// The optimizer.
    pub optimizer: &'s mut Optimizer,
    /// The batch.
    pub batch: &'s B,
    /// Where the randomness of this step comes from.
    pub key: Key,
    /// The step, counted from zero.
    pub step: u64,
    pub(crate) loss: &'s Loss<'a, M, B>,
    pub(crate) callbacks: &'s mut [Box<dyn Callback + 'a>],
    pub(crate) norms: Norms,
}

/// Norms of gradients by parameter, if this step is to tell them.
#[derive(Debug, Default)]
pub(crate) enum Norms {
    #[default]
    Unasked,
    Asked,
    Found(BTreeMap<String, f64>),
}

impl<M: Module, B> Parts<'_, '_, M, B> {
    /// The loss and metrics of the model as it is now, in the mode of training. Asked twice, it
    /// draws the same random numbers twice.
    ///
    /// # Errors
    /// Those of the loss, and [`Error::NonFiniteLoss`].
    pub fn score(&self) -> Result<Score> {
        let score = (self.loss)(self.model, self.batch, &mut Ctx::train(self.key))?;
        let loss = score.loss.item()?;
        if !loss.is_finite() {
            return Err(Error::NonFiniteLoss { step: self.step, loss, origin: Box::default() });
        }
        Ok(score)
    }

    /// Shows the gradients to the callbacks and lets the optimizer make its step.
    ///
    /// # Errors
    /// Those of the callbacks and the optimizer, before anything is changed.
    pub fn apply(&mut self, grads: &Grads) -> Result<StepInfo> {
        for callback in self.callbacks.iter_mut() {
            callback.on_gradients(self.step, self.model, grads)?;
        }
        if !matches!(self.norms, Norms::Unasked) {
            self.norms = Norms::Found(norms(self.model, grads)?);
        }
        Ok(self.optimizer.step(self.model, grads)?)
    }
}

impl<'a, M: Module, B> Fit<'a, M, B> {
    /// Takes another step than the usual one: two passes, several batches for one update, noise.
    ///
    /// The loop around it stays: order of the data, callbacks, validation, checkpoints. A step that
    /// fails must leave model and optimizer as they were, which it does if [`Parts::apply`] is the
    /// last that can fail. State of its own is not part of a checkpoint; what is drawn from
    /// [`Parts::key`] needs none.
    ///
    /// # Examples
    /// Gradients in two halves of a batch, which need half the memory:
    /// ```
    /// use gradus_core::Keys;
    /// use gradus_nn::loss::{Reduction, mse};
    /// use gradus_nn::{Ctx, Layer, Linear, Tensor};
    /// use gradus_optim::Sgd;
    /// use gradus_train::{Fit, FitConfig, Progress, Score};
    ///
    /// type Batch = [Tensor; 2];
    /// fn loss(model: &Linear, [x, y]: &Batch, ctx: &mut Ctx) -> Result<Score, gradus_train::BoxError> {
    ///     let loss = mse(&model.forward(&x.into(), ctx)?, &y.into(), Reduction::Mean)?;
    ///     Ok(Score::new(loss, x.dims()[0]))
    /// }
    /// let model = Linear::new(1, 1, &mut Keys::new(7))?;
    /// let config = FitConfig { epochs: 60, progress: Progress::Silent, ..FitConfig::default() };
    /// let mut fit = Fit::new(model, loss, Sgd { lr: 0.2, ..Sgd::default() }.init()?, config)?;
    /// fit.set_step(|parts| {
    ///     let whole = parts.score()?; // what is shown
    ///     let [x, y] = parts.batch;
    ///     let mut grads = gradus_autograd::Grads::new();
    ///     for half in 0..2 {
    ///         let part = [x.narrow(0, 2 * half, 2)?, y.narrow(0, 2 * half, 2)?];
    ///         grads.add(loss(parts.model, &part, &mut Ctx::train(parts.key))?.loss.backward()?)?;
    ///     }
    ///     grads.scale(0.5)?;
    ///     Ok((whole, parts.apply(&grads)?))
    /// });
    /// let x = Tensor::new([[-1.0], [0.0], [1.0], [2.0]]);
    /// let y = Tensor::new([[-1.0], [1.0], [3.0], [5.0]]); // 2x + 1
    /// fit.run(&[[x, y]])?;
    /// assert!(fit.history().last().is_some_and(|epoch| epoch.train["loss"] < 1e-3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_step(
        &mut self,
        mut step: impl FnMut(&mut Parts<'_, 'a, M, B>) -> Result<(Score, StepInfo), BoxError> + 'a,
    ) {
        self.own_step = Some(Box::new(move |parts| Ok(step(parts)?)));
    }
}

/// The Euclidean norm of every gradient, by the path of its parameter.
fn norms(model: &impl Module, grads: &Grads) -> Result<BTreeMap<String, f64>> {
    let mut norms = BTreeMap::new();
    for (path, param) in model.named_parameters() {
        if let Some(grad) = grads.get(param) {
            let square = grad.to_dtype(DType::F64)?.square()?.sum(..)?.item()?;
            norms.insert(path, square.sqrt());
        }
    }
    Ok(norms)
}

impl<M, B> fmt::Debug for Parts<'_, '_, M, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("step", &self.step).finish_non_exhaustive()
    }
}
