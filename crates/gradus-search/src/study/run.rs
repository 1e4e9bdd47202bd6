//! Trials on several threads.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use gradus_train::BoxError;

use super::studies::Study;
use super::trial::Trial;
use crate::error::{Error, Result};

/// How long a study runs, and on how many threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunConfig {
    /// How many trials the study has in the end, those of its journal included.
    pub trials: u64,
    /// How many are made at once; 1 by default. No more than the
    /// [concurrency](crate::StudyConfig::concurrency) of the study are of use, where it matters.
    pub workers: usize,
    /// After which no further trial begins; none by default. Those under way are finished.
    pub time_limit: Option<Duration>,
}

impl RunConfig {
    /// So many trials in all, one after the other.
    pub fn new(trials: u64) -> Self {
        Self { trials, workers: 1, time_limit: None }
    }
}

impl Study {
    /// Makes trials until there are as many as asked for, or the time is up.
    ///
    /// Which trials there are, what they try, their keys and which of them are pruned does not
    /// depend on the number of workers, nor on how often the study was killed and continued.
    ///
    /// # Errors
    /// [`Error::Objective`] if the objective fails: the trials that are under way are finished,
    /// and the one that failed is made again by the next run. Those of [`Study::ask`] and
    /// [`Study::tell`].
    ///
    /// # Panics
    /// If the objective does.
    ///
    /// # Examples
    /// ```
    /// use gradus_search::{Domain, RunConfig, Sobol, Space, StudyConfig};
    /// let space = Space::builder("parabola").with("x", Domain::float(-5.0, 5.0)).build()?;
    /// let config = StudyConfig { sampler: Box::new(Sobol), ..StudyConfig::new(space) };
    /// let mut study = config.init()?;
    /// study.run(RunConfig { workers: 2, ..RunConfig::new(64) }, |trial| {
    ///     let x = trial.point().float("x")?;
    ///     Ok((x - 2.0).powi(2))
    /// })?;
    /// assert!(study.best().is_some_and(|best| best.value < 0.1));
    /// # Ok::<(), gradus_search::Error>(())
    /// ```
    pub fn run(
        &mut self,
        config: RunConfig,
        objective: impl Fn(&mut Trial) -> Result<f64, BoxError> + Sync,
    ) -> Result<()> {
        if config.workers == 0 {
            let (field, expected) = ("workers", "1 or more");
            return Err(Error::Config { field, expected, got: "0".into() });
        }
        let started = Instant::now();
        let shared = Shared {
            state: Mutex::new(State { study: self, busy: 0, fault: None, panicked: false }),
            changed: Condvar::new(),
        };
        let is_over = &|study: &Study| {
            study.next_number() >= config.trials
                || config.time_limit.is_some_and(|limit| started.elapsed() >= limit)
        };
        let work = || while shared.one(is_over, &objective) {};
        thread::scope(|scope| {
            (1..config.workers).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        let state = shared.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.fault.map_or(Ok(()), Err)
    }
}

struct State<'a> {
    study: &'a mut Study,
    /// Workers that are making a trial.
    busy: usize,
    /// The first thing that went wrong; nothing new begins after it.
    fault: Option<Error>,
    /// Whether an objective panicked; nothing new begins after that either.
    panicked: bool,
}

struct Shared<'a> {
    state: Mutex<State<'a>>,
    changed: Condvar,
}

impl<'a> Shared<'a> {
    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes one trial; whether there may be another.
    fn one(
        &self,
        is_over: impl Fn(&Study) -> bool,
        objective: impl Fn(&mut Trial) -> Result<f64, BoxError>,
    ) -> bool {
        let Some(mut trial) = self.next(is_over) else { return false };
        let place = Place { shared: self, number: trial.number() };
        let value = objective(&mut trial);
        let told = match value {
            Ok(value) => self.lock().study.tell(trial, value).map(drop),
            Err(source) => Err(Error::Objective { number: place.number, source }),
        };
        if let Err(error) = told {
            let mut state = self.lock();
            state.fault = state.fault.take().or(Some(error));
        }
        true
    }

    /// The next trial, waited for if it depends on others; none if there is nothing more to do.
    fn next(&self, is_over: impl Fn(&Study) -> bool) -> Option<Trial> {
        let mut state = self.lock();
        loop {
            if state.panicked || state.fault.is_some() || is_over(state.study) {
                return None;
            }
            match state.study.ask() {
                Ok(trial) => {
                    state.busy += 1;
                    return Some(trial);
                }
                Err(Error::Waiting { .. }) if state.busy > 0 => {
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                Err(error) => state.fault = Some(error),
            }
        }
    }
}

/// A worker's trial. When it ends in any way, also by a panic, the others hear of it.
struct Place<'s, 'a> {
    shared: &'s Shared<'a>,
    number: u64,
}

impl Drop for Place<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.busy -= 1;
        state.panicked |= thread::panicking();
        // Has no effect on a trial that is finished.
        state.study.forget(self.number);
        drop(state);
        self.shared.changed.notify_all();
    }
}
