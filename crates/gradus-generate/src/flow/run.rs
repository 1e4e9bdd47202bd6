//! A run under way, pulled step by step.

use std::fmt;
use std::time::Instant;

use gradus_tensor::Tensor;

use super::denoise::Denoise;
use super::samples::Samples;
use super::solver::Solver;
use super::step::Step;
use crate::{Error, Result, Stats, Stopper};

/// A generation of continuous values under way: an iterator of [`Preview`]s, one for each step.
#[must_use = "a run does nothing until its steps are pulled"]
pub struct FlowRun<'m, M: ?Sized> {
    model: &'m M,
    solver: Solver,
    times: Vec<f64>,
    samples: Samples,
    x: Tensor,
    last: Option<(Tensor, f64)>,
    /// Steps that were made.
    done: usize,
    over: bool,
    stats: Stats,
    stopper: Stopper,
    begun: Instant,
}

/// What can be shown after a step.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Steps made so far.
    pub step: usize,
    /// Steps there are.
    pub of: usize,
    /// What the model takes the data to be.
    pub estimate: Tensor,
}

/// What a run leaves.
#[derive(Debug, Clone)]
pub struct FlowOutput {
    /// The samples, `[rows, ...]`.
    pub value: Tensor,
    /// What they cost; a token is a sample.
    pub stats: Stats,
}

impl<'m, M: Denoise + ?Sized> FlowRun<'m, M> {
    pub(super) fn new(
        model: &'m M,
        solver: Solver,
        times: Vec<f64>,
        samples: Samples,
    ) -> Result<Self> {
        let x = samples.start(model.path().scales(times[0]).1)?;
        Ok(Self {
            model,
            solver,
            times,
            samples,
            x,
            last: None,
            done: 0,
            over: false,
            stats: Stats::default(),
            stopper: Stopper::default(),
            begun: Instant::now(),
        })
    }

    /// How many steps there are.
    pub fn steps(&self) -> usize {
        if self.solver == Solver::Direct { 1 } else { self.times.len() - 1 }
    }

    /// What the run has cost so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// A handle that ends this run from anywhere.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Makes the steps that are left and returns the samples.
    ///
    /// # Errors
    /// The first error of the run; [`Error::Interrupted`] if it was stopped or ran out of time.
    pub fn collect_all(mut self) -> Result<FlowOutput> {
        for preview in self.by_ref() {
            preview?;
        }
        if self.done < self.steps() {
            let (made, of) = (self.done, self.steps());
            return Err(Error::Interrupted { made, of });
        }
        Ok(FlowOutput { value: self.x, stats: self.stats })
    }

    fn step(&mut self) -> Result<Preview> {
        let (t, u) = (self.times[self.done], self.times[self.done + 1]);
        let fresh = || self.samples.noise(self.done as u32 + 1);
        let (model, stats) = (self.model, &mut self.stats);
        let mut step = Step { model, stats, t, u, last: &mut self.last, fresh: &fresh };
        let (x, estimate) = step.run(self.solver, &self.x)?;
        (self.x, self.done) = (x, self.done + 1);
        self.stats.wall = self.begun.elapsed();
        if self.done == self.steps() {
            self.stats.tokens = self.x.dims().first().copied().unwrap_or(0) as u64;
            self.stats.first = Some(self.stats.wall);
        }
        self.stats.sample = self.stats.wall.saturating_sub(self.stats.model);
        Ok(Preview { step: self.done, of: self.steps(), estimate })
    }
}

impl<M: Denoise + ?Sized> Iterator for FlowRun<'_, M> {
    type Item = Result<Preview>;

    fn next(&mut self) -> Option<Self::Item> {
        let late = self.samples.deadline.is_some_and(|limit| self.begun.elapsed() >= limit);
        if self.over || late || self.stopper.is_stopped() || self.done == self.steps() {
            return None;
        }
        let preview = self.step();
        self.over = preview.is_err();
        Some(preview)
    }
}

impl<M: ?Sized> fmt::Debug for FlowRun<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (solver, done) = (&self.solver, self.done);
        f.debug_struct("FlowRun")
            .field("solver", solver)
            .field("done", &done)
            .finish_non_exhaustive()
    }
}
