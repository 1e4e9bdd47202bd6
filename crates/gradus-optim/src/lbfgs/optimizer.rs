//! The iteration.

use std::collections::BTreeMap;

use gradus_autograd::{Module, Var};
use gradus_tensor::Tensor;

use super::line_search::{Limits, Point, strong_wolfe};
use super::state::{self, Last, State};
use super::vector::{Vector, trainable};
use super::{Lbfgs, LineSearch};
use crate::{Error, Result};

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LbfgsInfo {
    /// The loss before the step.
    pub loss: f64,
    /// The loss at the last evaluation that was kept.
    pub final_loss: f64,
    /// Iterations of this step.
    pub iterations: usize,
    /// Evaluations of the loss in this step.
    pub evaluations: usize,
}

/// L-BFGS with what it has learned about the curvature. Made by [`Lbfgs::init`].
///
/// The history costs two numbers per parameter and remembered pair.
#[derive(Debug)]
pub struct LbfgsOptimizer {
    settings: Lbfgs,
    state: State,
}

impl LbfgsOptimizer {
    pub(super) fn new(settings: Lbfgs) -> Self {
        Self { settings, state: State::default() }
    }

    /// How many iterations have been made.
    pub fn iterations(&self) -> u64 {
        self.state.iterations
    }

    /// Makes up to `max_iter` iterations on all trainable parameters.
    ///
    /// `loss` computes the loss of the model on the same data each time; it is called at the
    /// present parameters first, and then wherever the iteration looks.
    ///
    /// # Errors
    /// Those of `loss`; [`Error::NonFiniteLoss`] and [`Error::NonFiniteGradient`] where the step
    /// begins (points beyond it count as too far); [`Error::Shape`] or [`Error::MissingState`] if the
    /// history is that of other parameters. Model and optimizer are then as before.
    pub fn step<M, E>(
        &mut self,
        model: &mut M,
        mut loss: impl FnMut(&M) -> Result<Var, E>,
    ) -> Result<LbfgsInfo, E>
    where
        M: Module + ?Sized,
        E: From<Error>,
    {
        let paths = trainable(model).map(|(path, _)| path).collect();
        let before = Vector::values(model);
        let state = self.state.clone().fitted(paths, &before)?;
        let settings = &self.settings;
        let mut run = Run { settings, model, loss: &mut loss, state, evaluations: 0 };
        match run.iterate() {
            Ok(info) => {
                self.state = run.state;
                Ok(info)
            }
            Err(error) => {
                before.put(model)?;
                Err(error)
            }
        }
    }

    /// The history, and where the last iteration was: `old_dirs.<path>`, `old_stps.<path>` and so on,
    /// as PyTorch names them.
    pub fn state_dict(&self) -> BTreeMap<String, Tensor> {
        state::save(&self.state)
    }

    /// Takes a saved state; going on is then the same, bit for bit, as not having stopped.
    ///
    /// # Errors
    /// [`Error::OtherOptimizer`], [`Error::MissingState`], [`Error::UnexpectedState`] or
    /// [`Error::InvalidState`] if it is not that of an L-BFGS. The optimizer is then unchanged.
    pub fn load_state_dict(&mut self, saved: &BTreeMap<String, Tensor>) -> Result<()> {
        self.state = state::load(saved)?;
        Ok(())
    }
}

/// A step on its way.
struct Run<'a, M: ?Sized, F> {
    settings: &'a Lbfgs,
    model: &'a mut M,
    loss: F,
    state: State,
    evaluations: usize,
}

impl<M: Module + ?Sized, E: From<Error>, F: FnMut(&M) -> Result<Var, E>> Run<'_, M, F> {
    fn iterate(&mut self) -> Result<LbfgsInfo, E> {
        let (loss, mut grad) = self.evaluate()?;
        check_finite(loss, &grad)?;
        let (mut now, mut iterations) = (loss, 0);
        while iterations < self.settings.max_iter && !self.is_solved(&grad)? {
            iterations += 1;
            let is_last = iterations == self.settings.max_iter;
            let Some((next, next_grad, moved)) = self.iteration(now, grad, is_last)? else { break };
            let tolerance = self.settings.tolerance_change;
            let is_still = moved <= tolerance || (next - now).abs() < tolerance;
            (now, grad) = (next, next_grad);
            if is_still || self.evaluations >= self.settings.max_evaluations() {
                break;
            }
        }
        let evaluations = self.evaluations;
        self.state.evaluations += evaluations as u64;
        Ok(LbfgsInfo { loss, final_loss: now, iterations, evaluations })
    }

    fn is_solved(&self, grad: &Vector) -> Result<bool> {
        Ok(grad.largest()? <= self.settings.tolerance_grad)
    }

    /// Moves the parameters once; gives loss and gradient where they are then, and the largest
    /// change of one. Nothing if no way leads down.
    fn iteration(
        &mut self,
        loss: f64,
        grad: Vector,
        is_last: bool,
    ) -> Result<Option<(f64, Vector, f64)>, E> {
        self.state.iterations += 1;
        let is_first = self.state.iterations == 1;
        if let Some(Last { d, t, grad: before }) = self.state.last.take() {
            let (y, s) = (grad.plus(-1.0, &before)?, d.scaled(t)?);
            self.state.history.learn(y, s, self.settings.history_size)?;
        }
        let d = self.state.history.direction(&grad)?;
        let shortening = if is_first { (1.0 / grad.sum_of_magnitudes()?).min(1.0) } else { 1.0 };
        let (t, slope) = (shortening * self.settings.lr, grad.dot(&d)?);
        if slope > -self.settings.tolerance_change {
            return Ok(None);
        }
        let (values, largest) = (Vector::values(self.model), d.largest()?);
        let start = Point { t: 0.0, loss, slope, grad: grad.clone() };
        let (next, t) = match self.settings.line_search {
            LineSearch::StrongWolfe => {
                let left = self.settings.max_evaluations().saturating_sub(self.evaluations);
                let change = self.settings.tolerance_change;
                let limits = Limits { evaluations: left, change, direction: largest };
                let at = |t: f64| self.point(&values, &d, t);
                let (Point { t, loss, grad, .. }, _) = strong_wolfe(at, start, t, limits)?;
                values.plus(t, &d)?.put(self.model)?;
                ((loss, grad), t)
            }
            LineSearch::Fixed => {
                values.plus(t, &d)?.put(self.model)?;
                // What the next step evaluates first need not be evaluated now.
                let next = if is_last { (loss, grad.clone()) } else { self.evaluate()? };
                check_finite(next.0, &next.1)?;
                (next, t)
            }
        };
        self.state.last = Some(Last { d, t, grad });
        Ok(Some((next.0, next.1, largest * t)))
    }

    /// The point at a length along a direction.
    fn point(&mut self, values: &Vector, d: &Vector, t: f64) -> Result<Point, E> {
        values.plus(t, d)?.put(self.model)?;
        let (loss, grad) = self.evaluate()?;
        let slope = grad.dot(d)?;
        let loss = if loss.is_finite() && slope.is_finite() { loss } else { f64::INFINITY };
        Ok(Point { t, loss, slope, grad })
    }

    fn evaluate(&mut self) -> Result<(f64, Vector), E> {
        self.evaluations += 1;
        let loss = (self.loss)(self.model)?;
        let grads = loss.backward().map_err(Error::from)?;
        let value = loss.item().map_err(Error::from)?;
        Ok((value, Vector::gradient(self.model, &grads)?))
    }
}

fn check_finite(loss: f64, grad: &Vector) -> Result<()> {
    if !loss.is_finite() {
        return Err(Error::NonFiniteLoss { loss });
    }
    if !grad.is_finite()? {
        return Err(Error::NonFiniteGradient { path: "all gradients together".to_owned() });
    }
    Ok(())
}
