//! A generation under way, pulled event by event.

use std::collections::VecDeque;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::{Cell, Draws, Event, Finish, Output, Request, Result, Stats};

/// A generation under way: an iterator of events.
///
/// Nothing happens until an event is asked for, and then at most one call of the model: streaming,
/// back-pressure and cancelling (drop the run, or use its [`Stopper`]) need no thread and no callback.
/// After an error the run is over.
#[must_use = "a run does nothing until its events are pulled"]
pub struct Run<'m, T = u32> {
    engine: Box<dyn Engine<T> + 'm>,
    draws: Box<dyn Draws + 'm>,
    given: Vec<Vec<Option<T>>>,
    /// Rows without a [`Event::Done`].
    open: Vec<bool>,
    queue: VecDeque<Event<T>>,
    over: bool,
    stats: Stats,
    stopper: Stopper,
    begun: Instant,
    deadline: Option<Duration>,
}

/// The working part of a run: what a strategy implements.
pub trait Engine<T> {
    /// Makes one call of the model and reports what came of it. [`ControlFlow::Break`] after the last
    /// call; rows that are still open then are full.
    ///
    /// # Errors
    /// Ends the run.
    fn step(&mut self, round: &mut Round<'_, T>) -> Result<ControlFlow<()>>;
}

/// What an [`Engine`] works with during one step.
pub struct Round<'a, T> {
    /// Where its choices come from.
    pub draws: &'a mut dyn Draws,
    /// Where its events go.
    pub events: &'a mut VecDeque<Event<T>>,
    /// Where its calls are counted; tokens, times of sampling and the wall clock are the run's.
    pub stats: &'a mut Stats,
}

impl<'m> Run<'m> {
    /// A run of tokens that starts from what the cells know.
    pub(crate) fn of(
        cells: &[Vec<Cell>],
        request: &Request,
        engine: impl Engine<u32> + 'm,
        draws: impl Draws + 'm,
    ) -> Self {
        let given = cells.iter().map(|row| row.iter().map(|c| c.id()).collect()).collect();
        Self::new(given, request.time_allowed(), engine, draws)
    }
}

impl<'m, T: Copy> Run<'m, T> {
    /// A run that starts from given values. For implementors of [`Strategy`](crate::Strategy).
    pub fn new(
        given: Vec<Vec<Option<T>>>,
        deadline: Option<Duration>,
        engine: impl Engine<T> + 'm,
        draws: impl Draws + 'm,
    ) -> Self {
        Self {
            engine: Box::new(engine),
            draws: Box::new(draws),
            open: vec![true; given.len()],
            given,
            queue: VecDeque::new(),
            over: false,
            stats: Stats::default(),
            stopper: Stopper::default(),
            begun: Instant::now(),
            deadline,
        }
    }

    /// What the run has cost so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// A handle that ends this run from anywhere.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Pulls all events and joins them.
    ///
    /// # Errors
    /// The first error of the run.
    pub fn collect_all(mut self) -> Result<Output<T>> {
        let mut output = Output::new(std::mem::take(&mut self.given));
        for event in self.by_ref() {
            output.join(&event?);
        }
        output.stats = self.stats;
        Ok(output)
    }

    /// Whether the run must end before its next call.
    fn interrupted(&self) -> Option<Finish> {
        if self.stopper.is_stopped() {
            return Some(Finish::Cancelled);
        }
        let late = self.deadline.is_some_and(|limit| self.begun.elapsed() >= limit);
        late.then_some(Finish::Deadline)
    }

    fn step(&mut self) -> Result<ControlFlow<()>> {
        let elsewhere = |stats: &Stats| stats.model + stats.draft;
        let (start, before) = (Instant::now(), elsewhere(&self.stats));
        let round =
            &mut Round { draws: &mut *self.draws, events: &mut self.queue, stats: &mut self.stats };
        let flow = self.engine.step(round)?;
        let drawn = self.queue.iter().filter(|e| matches!(e, Event::Commit { .. })).count();
        self.stats.tokens += drawn as u64;
        self.stats.sample += start.elapsed().saturating_sub(elsewhere(&self.stats) - before);
        self.stats.wall = self.begun.elapsed();
        if drawn > 0 && self.stats.first.is_none() {
            self.stats.first = Some(self.stats.wall);
        }
        Ok(flow)
    }

    /// Ends the run; rows that are open end for this reason.
    fn end(&mut self, why: Finish) {
        self.over = true;
        for event in &self.queue {
            if let Event::Done { row, .. } = event {
                self.open[*row] = false;
            }
        }
        let open = self.open.iter().enumerate().filter(|x| *x.1);
        self.queue.extend(open.map(|(row, _)| Event::Done { row, why }));
    }
}

impl<T: Copy> Iterator for Run<'_, T> {
    type Item = Result<Event<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                if let Event::Done { row, .. } = event {
                    self.open[row] = false;
                }
                return Some(Ok(event));
            }
            if self.over {
                return None;
            }
            if let Some(why) = self.interrupted() {
                self.end(why);
                continue;
            }
            match self.step() {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => self.end(Finish::Full),
                Err(error) => {
                    self.over = true;
                    self.queue.clear();
                    return Some(Err(error));
                }
            }
        }
    }
}

impl<T> fmt::Debug for Run<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("open", &self.open).field("stats", &self.stats).finish()
    }
}

impl<T> fmt::Debug for Round<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Round").field("stats", &self.stats).finish_non_exhaustive()
    }
}

/// Ends a [`Run`] from anywhere, another thread included, before its next call of the model.
#[derive(Debug, Clone, Default)]
pub struct Stopper {
    stopped: Arc<AtomicBool>,
}

impl Stopper {
    /// Asks the run to end.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether the run was asked to end.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
