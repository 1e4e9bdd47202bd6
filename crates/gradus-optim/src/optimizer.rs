//! A chain, a rate and a counter.

use std::collections::BTreeMap;

use gradus_autograd::{Grads, Module};
use gradus_tensor::Tensor;

use crate::error::require_size;
use crate::transform::global_norm;
use crate::{Chain, Error, Result, Schedule, Transformation, Update, Updates, state};

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepInfo {
    /// How many steps have been made, this one included.
    pub step: u64,
    /// The rate of this step.
    pub learning_rate: f64,
    /// The Euclidean norm of all gradients as one vector, before any transformation.
    pub grad_norm: f64,
}

/// A chain of transformations, a learning rate with its schedule, and a step counter.
///
/// [`Optimizer::step`] sets w ← w − rate · u for every parameter w, where u is its gradient after
/// the chain. State belongs to a parameter's *path*, so that a model which is loaded again goes on
/// where it was. Made by [`crate::AdamW`] and the others, or from any [`Chain`].
///
/// # Examples
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Sgd;
/// use gradus_tensor::Tensor;
///
/// let mut model = vec![Param::new(Tensor::from([1.0f32, 2.0]))];
/// let grads = model[0].var().square()?.sum(..)?.backward()?; // 2w
/// let info = Sgd { lr: 0.25, ..Sgd::default() }.init()?.step(&mut model, &grads)?;
/// assert_eq!(model[0].value().to_vec::<f32>()?, [0.5, 1.0]);
/// assert_eq!((info.step, info.learning_rate), (1, 0.25));
/// assert!((info.grad_norm - 20f64.sqrt()).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Optimizer {
    chain: Chain,
    lr: f64,
    schedule: Schedule,
    step: u64,
}

impl Optimizer {
    /// An optimizer that has made no step.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `lr` is negative or not finite, or the schedule's settings are
    /// outside their range.
    pub fn new(chain: Chain, lr: f64, schedule: Schedule) -> Result<Self> {
        require_size("Optimizer", "lr", lr)?;
        schedule.check()?;
        Ok(Self { chain, lr, schedule, step: 0 })
    }

    /// The same optimizer with a transformation in front of its chain, such as clipping.
    #[must_use]
    pub fn first(self, link: impl Transformation + 'static) -> Self {
        Self { chain: self.chain.first(link), ..self }
    }

    /// How many steps have been made.
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// The rate of the next step.
    pub fn learning_rate(&self) -> f64 {
        self.lr * self.schedule.factor(self.step)
    }

    /// Moves every trainable parameter that has a gradient.
    ///
    /// Parameters that are frozen or have no gradient stay as they are, and so does their state:
    /// their moments do not decay, nor do their weights.
    ///
    /// # Errors
    /// - [`Error::NonFiniteGradient`] before anything is changed; skip the batch or stop.
    /// - [`Error::Shape`] if a gradient or the loaded state is that of another model. The model is
    ///   then unchanged.
    pub fn step(&mut self, model: &mut (impl Module + ?Sized), grads: &Grads) -> Result<StepInfo> {
        let mut parameters = Vec::new();
        let mut updates = Updates { step: self.step, items: Vec::new() };
        for (path, param) in model.named_parameters_mut() {
            let Some(grad) = grads.get(param).filter(|_| param.trainable()) else { continue };
            if grad.dims() != param.value().dims() {
                let (expected, got) = (param.value().shape().clone(), grad.shape().clone());
                return Err(Error::Shape { name: path, expected, got });
            }
            let (value, update) = (param.value().clone(), grad.clone());
            updates.items.push(Update { path, value, update });
            parameters.push(param);
        }
        let grad_norm = global_norm(updates.items.iter().map(|item| &item.update))?;
        if !grad_norm.is_finite() {
            return Err(first_non_finite(updates)?);
        }
        self.chain.apply(&mut updates)?;
        let rate = self.learning_rate();
        // All values before the first is set, so that a model is never half moved.
        let values: Vec<Tensor> = updates
            .items
            .into_iter()
            .map(|item| Ok(item.value.sub(&item.update.mul_scalar(rate)?)?))
            .collect::<Result<_>>()?;
        for (param, value) in parameters.into_iter().zip(values) {
            param.set_value(value)?;
        }
        self.step += 1;
        Ok(StepInfo { step: self.step, learning_rate: rate, grad_norm })
    }

    /// The step counter (`step`) and everything the chain remembers (`exp_avg.<path>` and so on).
    ///
    /// Settings are not part of it: they belong to the code that makes the optimizer. If two links
    /// of a chain remember something under the same name, the second is `name_2`.
    pub fn state_dict(&self) -> BTreeMap<String, Tensor> {
        state::save(self.step, &self.chain.memories())
    }

    /// Takes the state of an optimizer with the same chain; going on is then the same, bit for
    /// bit, as not having stopped.
    ///
    /// # Errors
    /// [`Error::MissingState`] or [`Error::UnexpectedState`] if the state is that of another
    /// chain. The optimizer is then unchanged.
    pub fn load_state_dict(&mut self, state: &BTreeMap<String, Tensor>) -> Result<()> {
        self.step = state::load(state, self.chain.memories_mut())?;
        Ok(())
    }
}

/// The error for gradients whose norm is not finite.
fn first_non_finite(updates: Updates) -> Result<Error> {
    for Update { path, update, .. } in updates.items {
        if update.is_finite()?.to_vec::<bool>()?.contains(&false) {
            return Ok(Error::NonFiniteGradient { path });
        }
    }
    // Each is finite, but the sum of their squares exceeds f64.
    Ok(Error::NonFiniteGradient { path: "all gradients together".to_owned() })
}
