//! A chain, a rate and a counter.

use std::collections::BTreeMap;

use gradus_autograd::{Grads, Module};
use gradus_tensor::Tensor;

use crate::error::require_size;
use crate::fused::{Plan, Target, fits};
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
        let mut targets = targets(model, grads)?;
        let grad_norm = global_norm(targets.iter().map(|target| &target.grad))?;
        if !grad_norm.is_finite() {
            return Err(first_non_finite(&targets)?);
        }
        let rate = self.learning_rate();
        let is_known = fits(&targets, &self.chain.memories());
        match Plan::of(self.chain.parts()).filter(|_| is_known) {
            Some(plan) => plan.apply(&mut targets, grad_norm, rate)?,
            None => self.link_by_link(targets, rate)?,
        }
        self.step += 1;
        Ok(StepInfo { step: self.step, learning_rate: rate, grad_norm })
    }

    /// The step of a chain that does not go in one pass.
    fn link_by_link(&mut self, targets: Vec<Target<'_>>, rate: f64) -> Result<()> {
        let mut parameters = Vec::new();
        let mut updates = Updates { step: self.step, items: Vec::new() };
        for Target { path, param, grad } in targets {
            updates.items.push(Update { path, value: param.value().clone(), update: grad });
            parameters.push(param);
        }
        self.chain.apply(&mut updates)?;
        // All values before the first is set, so that a model is never half moved.
        let values: Vec<Tensor> = updates
            .items
            .into_iter()
            .map(|item| Ok(item.value.sub(&item.update.mul_scalar(rate)?)?))
            .collect::<Result<_>>()?;
        for (param, value) in parameters.into_iter().zip(values) {
            param.set_value(value)?;
        }
        Ok(())
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

/// The trainable parameters that have a gradient.
fn targets<'a>(model: &'a mut (impl Module + ?Sized), grads: &Grads) -> Result<Vec<Target<'a>>> {
    let mut targets = Vec::new();
    for (path, param) in model.named_parameters_mut() {
        let Some(grad) = grads.get(param).filter(|_| param.trainable()) else { continue };
        if grad.dims() != param.value().dims() {
            let (expected, got) = (param.value().shape().clone(), grad.shape().clone());
            return Err(Error::Shape { name: path, expected, got });
        }
        targets.push(Target { path, grad: grad.contiguous(), param });
    }
    Ok(targets)
}

/// The error for gradients whose norm is not finite.
fn first_non_finite(targets: &[Target<'_>]) -> Result<Error> {
    for Target { path, grad, .. } in targets {
        if grad.is_finite()?.to_vec::<bool>()?.contains(&false) {
            return Ok(Error::NonFiniteGradient { path: path.clone() });
        }
    }
    // Each is finite, but the sum of their squares exceeds f64.
    Ok(Error::NonFiniteGradient { path: "all gradients together".to_owned() })
}
