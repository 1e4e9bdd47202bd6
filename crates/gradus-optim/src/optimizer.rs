//! A chain, a rate and a counter.

use std::collections::BTreeMap;

use gradus_autograd::{Grads, Module, Param};
use gradus_tensor::Tensor;

use crate::accumulation::Accumulation;
use crate::error::require_size;
use crate::fused::{Plan, Target, fits};
use crate::group::Groups;
use crate::lookahead::Lookahead;
use crate::plateau::Watch;
use crate::transform::global_norm;
use crate::{
    Chain, Error, Group, Memory, Plateau, Result, Schedule, Transformation, Update, Updates, state,
};

/// Name of the counter of batches since the last step.
const SEEN: &str = "batches";

/// Name of what a [`Plateau`] has seen.
const PLATEAU: &str = "plateau";

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
    groups: Groups,
    accumulation: Option<Accumulation>,
    lookahead: Option<Lookahead>,
    watch: Option<Watch>,
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
        let groups = Groups::default();
        let (accumulation, lookahead, watch) = (None, None, None);
        Ok(Self { chain, lr, schedule, step: 0, groups, accumulation, lookahead, watch })
    }

    /// The same optimizer with a transformation in front of its chain, such as clipping.
    #[must_use]
    pub fn first(self, link: impl Transformation + 'static) -> Self {
        Self { chain: self.chain.first(link), ..self }
    }

    /// The same optimizer with other rates and decays for the parameters for which
    /// `predicate(path, value)` holds. Of several groups that take a parameter, the first counts.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if a factor is negative or not finite.
    pub fn group(
        mut self,
        predicate: impl Fn(&str, &Tensor) -> bool + Send + Sync + 'static,
        group: Group,
    ) -> Result<Self> {
        group.check()?;
        self.groups.push(predicate, group);
        Ok(self)
    }

    /// The same optimizer, which moves the parameters at every so many calls of
    /// [`step`](Self::step) only, by the mean of the gradients since. A parameter without gradient
    /// in some of them counts as zero there. Gradients that are not complete are part of the state.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `batches` is zero.
    pub fn accumulate(self, batches: u64) -> Result<Self> {
        Ok(Self { accumulation: Some(Accumulation::new(batches)?), ..self })
    }

    /// The same optimizer, which after every so many steps goes back to a share of the way:
    /// slow ← slow + α (w − slow), w ← slow. The slow weights are part of the state.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `every` is zero, or `alpha` is not above 0 and at most 1.
    ///
    /// # Reference
    /// Zhang et al. 2019, "Lookahead Optimizer: k steps forward, 1 step back".
    pub fn lookahead(self, every: u64, alpha: f64) -> Result<Self> {
        Ok(Self { lookahead: Some(Lookahead::new(every, alpha)?), ..self })
    }

    /// The same optimizer with a rate that falls when what [`observe`](Self::observe) is told gets
    /// no better.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if a setting is outside its range.
    pub fn plateau(self, plateau: Plateau) -> Result<Self> {
        Ok(Self { watch: Some(Watch::new(plateau)?), ..self })
    }

    /// Tells the [`Plateau`], if there is one, the next value of what it watches, such as the loss
    /// of an epoch. NaN is no progress.
    pub fn observe(&mut self, value: f64) {
        if let Some(watch) = &mut self.watch {
            watch.observe(value, self.lr);
        }
    }

    /// How many steps have been made.
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// The rate of the next step, before the factors of groups.
    pub fn learning_rate(&self) -> f64 {
        let scale = self.watch.as_ref().map_or(1.0, |watch| watch.scale);
        self.lr * self.schedule.factor(self.step) * scale
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
        let grad = |_: &str, param: &Param| grads.get(param).filter(|_| param.trainable()).cloned();
        let mut targets = targets(model, &self.groups, grad)?;
        let mut grad_norm = finite_norm(&targets)?;
        let rate = self.learning_rate();
        if let Some(accumulation) = &mut self.accumulation {
            let Some(mut means) = accumulation.add(&targets)? else {
                return Ok(StepInfo { step: self.step, learning_rate: rate, grad_norm });
            };
            targets = self::targets(model, &self.groups, |path, _| means.remove(path))?;
            grad_norm = finite_norm(&targets)?;
        }
        if let Some(lookahead) = &mut self.lookahead {
            lookahead.before(&targets)?;
        }
        let is_known = fits(&targets, &self.chain.memories());
        match Plan::of(self.chain.parts()).filter(|_| is_known) {
            Some(plan) => plan.apply(&mut targets, grad_norm, rate)?,
            None => self.link_by_link(&mut targets, rate)?,
        }
        self.step += 1;
        if let Some(lookahead) = &mut self.lookahead {
            lookahead.after(self.step, &mut targets)?;
        }
        Ok(StepInfo { step: self.step, learning_rate: rate, grad_norm })
    }

    /// The step of a chain that does not go in one pass.
    fn link_by_link(&mut self, targets: &mut [Target<'_>], rate: f64) -> Result<()> {
        let update = |target: &Target<'_>| Update {
            path: target.path.clone(),
            value: target.param.value().clone(),
            update: target.grad.clone(),
            rate: rate * target.group.lr_factor,
            decay_factor: target.group.decay_factor,
        };
        let items = targets.iter().map(update).collect();
        let mut updates = Updates { step: self.step, items };
        self.chain.apply(&mut updates)?;
        // All values before the first is set, so that a model is never half moved.
        let values: Vec<Tensor> = updates
            .items
            .into_iter()
            .map(|item| Ok(item.value.sub(&item.update.mul_scalar(item.rate)?)?))
            .collect::<Result<_>>()?;
        for (target, value) in targets.iter_mut().zip(values) {
            target.param.set_value(value)?;
        }
        Ok(())
    }

    /// The step counter (`step`), everything the chain remembers (`exp_avg.<path>` and so on), and
    /// the names of the links that matter to it (`chain`, a text as bytes).
    ///
    /// Settings are not part of it: they belong to the code that makes the optimizer. If two links
    /// of a chain remember something under the same name, the second is `name_2`.
    pub fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let mut state = state::save(&self.chain.signature(), &self.memories());
        state.insert(state::STEP.to_owned(), Tensor::scalar(self.step as i64));
        if let Some(accumulation) = &self.accumulation {
            state.insert(SEEN.to_owned(), Tensor::scalar(accumulation.seen as i64));
        }
        if let Some(watch) = &self.watch {
            state.insert(PLATEAU.to_owned(), watch.save());
        }
        state
    }

    /// Takes the state of an optimizer with the same chain; going on is then the same, bit for
    /// bit, as not having stopped.
    ///
    /// # Errors
    /// [`Error::OtherOptimizer`] if the state is that of another chain; [`Error::MissingState`],
    /// [`Error::UnexpectedState`] or [`Error::InvalidState`] if it is not whole, or accumulation,
    /// look-ahead or plateau were other than they are here. The optimizer is then unchanged.
    pub fn load_state_dict(&mut self, state: &BTreeMap<String, Tensor>) -> Result<()> {
        let mut counters = vec![state::STEP];
        counters.extend(self.accumulation.as_ref().map(|_| SEEN));
        counters.extend(self.watch.as_ref().map(|_| PLATEAU));
        let values = state::read(state, &self.chain.signature(), &counters, &self.memories())?;
        let step = state::counter(state, state::STEP)?;
        let seen = self.accumulation.as_ref().map(|_| state::counter(state, SEEN)).transpose()?;
        let watched = self.watch.as_ref().map(|_| Watch::read(&state[PLATEAU])).transpose()?;
        for (memory, values) in self.memories_mut().into_iter().zip(values) {
            memory.replace(values);
        }
        self.step = step;
        if let (Some(accumulation), Some(seen)) = (&mut self.accumulation, seen) {
            accumulation.seen = seen;
        }
        if let (Some(watch), Some(watched)) = (&mut self.watch, watched) {
            watch.load(watched);
        }
        Ok(())
    }

    fn memories(&self) -> Vec<&Memory> {
        let mut memories = self.chain.memories();
        memories.extend(self.accumulation.as_ref().map(Accumulation::memory));
        memories.extend(self.lookahead.as_ref().map(Lookahead::memory));
        memories
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        let mut memories = self.chain.memories_mut();
        memories.extend(self.accumulation.as_mut().map(Accumulation::memory_mut));
        memories.extend(self.lookahead.as_mut().map(Lookahead::memory_mut));
        memories
    }
}

/// The parameters for which there is a gradient.
fn targets<'a>(
    model: &'a mut (impl Module + ?Sized),
    groups: &Groups,
    mut grad: impl FnMut(&str, &Param) -> Option<Tensor>,
) -> Result<Vec<Target<'a>>> {
    let mut targets = Vec::new();
    for (path, param) in model.named_parameters_mut() {
        let Some(grad) = grad(&path, param) else { continue };
        if grad.dims() != param.value().dims() {
            let (expected, got) = (param.value().shape().clone(), grad.shape().clone());
            return Err(Error::Shape { name: path, expected, got });
        }
        let group = groups.of(&path, param.value());
        targets.push(Target { path, grad: grad.contiguous(), param, group });
    }
    Ok(targets)
}

/// The norm of all gradients as one vector, if it is finite.
fn finite_norm(targets: &[Target<'_>]) -> Result<f64> {
    let norm = global_norm(targets.iter().map(|target| &target.grad))?;
    if norm.is_finite() { Ok(norm) } else { Err(first_non_finite(targets)?) }
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
