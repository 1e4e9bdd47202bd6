//! The study itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use gradus_core::Key;
use gradus_train::Goal;
use gradus_train::report::Table;

use super::config::StudyConfig;
use super::trial::{Judge, Trial};
use crate::error::{Error, Result};
use crate::history::Ask;
use crate::journal::{Header, Journal};
use crate::pruner::Pruner;
use crate::record::{Record, State, Suggestion, cost};
use crate::sampler::Sampler;
use crate::space::Space;

/// A search under way: all its trials, and who says what is next.
///
/// [`Study::run`] makes trials on several threads. [`Study::ask`] and [`Study::tell`] are the same
/// in steps of one's own.
///
/// # Examples
/// ```
/// use gradus_search::{Domain, Space, StudyConfig};
/// let space = Space::builder("parabola").with("x", Domain::float(-5.0, 5.0)).build()?;
/// let mut study = StudyConfig::new(space).init()?;
/// for _ in 0..40 {
///     let trial = study.ask()?;
///     let x = trial.point().float("x")?;
///     study.tell(trial, (x - 2.0).powi(2))?;
/// }
/// let best = study.best().expect("40 trials are finished");
/// assert!(best.value < 0.1);
/// # Ok::<(), gradus_search::Error>(())
/// ```
#[derive(Debug)]
pub struct Study {
    space: Space,
    goal: Goal,
    key: Key,
    sampler: Box<dyn Sampler>,
    pruner: Option<Arc<dyn Pruner>>,
    concurrency: u64,
    journal: Option<Journal>,
    /// By number; those that are finished, and those that were suggested.
    records: Vec<Option<Arc<Record>>>,
    suggestions: Vec<Option<Suggestion>>,
    under_way: BTreeSet<u64>,
}

/// What is drawn from the key of a study.
const SAMPLER: u64 = 0;
const TRIALS: u64 = 1;

impl Study {
    pub(super) fn new(config: StudyConfig) -> Result<Self> {
        let header = Header {
            gradus_search: 1,
            space: config.space.clone(),
            goal: format!("{:?}", config.goal),
            key: format!("{:?}", config.key),
            sampler: format!("{:?}", config.sampler),
            pruner: format!("{:?}", config.pruner),
            concurrency: config.concurrency.to_string(),
        };
        let mut study = Self {
            space: config.space,
            goal: config.goal,
            key: config.key,
            sampler: config.sampler,
            pruner: config.pruner.map(Arc::from),
            concurrency: config.concurrency,
            journal: None,
            records: Vec::new(),
            suggestions: Vec::new(),
            under_way: BTreeSet::new(),
        };
        if let Some(path) = config.journal {
            let (journal, records) = Journal::open(&path, &header)?;
            study.journal = Some(journal);
            for record in records {
                study.space.check(&record.suggestion.point)?;
                let slot = study.slot(record.number);
                study.suggestions[slot] = Some(record.suggestion.clone());
                study.records[slot] = Some(Arc::new(record));
            }
        }
        Ok(study)
    }

    /// What is searched.
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// Whether small or large values are good.
    pub fn goal(&self) -> Goal {
        self.goal
    }

    /// The finished trials, by number.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().flatten().map(AsRef::as_ref)
    }

    /// The best complete trial; where a sampler shares out budgets, of those with the largest. NaN
    /// is never the best, and of equal values the first is.
    pub fn best(&self) -> Option<&Record> {
        let complete = |r: &&Record| r.state == State::Complete && !r.value.is_nan();
        let largest = self.records().filter(complete).map(|r| r.suggestion.budget).max()?;
        let of_largest = self.records().filter(complete).filter(|r| r.suggestion.budget == largest);
        of_largest.min_by(|a, b| self.cost(a).total_cmp(&self.cost(b)))
    }

    /// The next trial: the first number that is neither finished nor under way.
    ///
    /// # Errors
    /// [`Error::Waiting`] if it depends on results that are not there yet; those of the sampler.
    pub fn ask(&mut self) -> Result<Trial> {
        let number = self.next_number();
        let settled = (number + 1).saturating_sub(self.concurrency);
        let sees = self.sampler.sees(number, settled).min(number);
        let compared = if self.pruner.is_some() { settled } else { 0 };
        let finished = self.prefix(number, sees.max(compared))?;
        let slot = self.slot(number);
        let suggestion = match self.suggestions[slot].clone() {
            Some(suggestion) => suggestion,
            None => self.suggest(number, &finished[..sees as usize])?,
        };
        self.suggestions[slot] = Some(suggestion.clone());
        self.under_way.insert(number);
        let peers = || finished[..compared as usize].to_vec();
        let judge = self.pruner.clone().map(|pruner| Judge { pruner, peers: peers() });
        let key = self.key.fold_in(TRIALS).fold_in(self.first_of(number));
        Ok(Trial::new(number, suggestion, key, self.goal, judge))
    }

    /// Ends a trial with the value of the objective, and writes it to the journal.
    ///
    /// NaN counts as the worst value. The value of a trial that was pruned is kept, but never the
    /// best.
    ///
    /// # Errors
    /// [`Error::UnknownTrial`] if it is not under way here; [`Error::File`] if the journal cannot
    /// be written, and the trial is to be made again.
    pub fn tell(&mut self, trial: Trial, value: f64) -> Result<&Record> {
        let record = Arc::new(trial.into_record(value));
        let number = record.number;
        if !self.under_way.contains(&number) {
            return Err(Error::UnknownTrial { number });
        }
        self.under_way.remove(&number);
        if let Some(journal) = &mut self.journal {
            journal.append(&record)?;
        }
        let slot = self.slot(number);
        Ok(self.records[slot].insert(record))
    }

    /// Takes a trial back that will not be finished; the next [`Study::ask`] gives it again.
    pub fn give_up(&mut self, trial: Trial) {
        self.forget(trial.number());
    }

    pub(super) fn forget(&mut self, number: u64) {
        self.under_way.remove(&number);
    }

    /// The number that [`Study::ask`] would give.
    pub(super) fn next_number(&self) -> u64 {
        let is_free = |n: &u64| {
            let finished = self.records.get(*n as usize).is_some_and(Option::is_some);
            !finished && !self.under_way.contains(n)
        };
        (0..).find(is_free).expect("there are more numbers than trials")
    }

    /// Everything that two studies may differ in but the space, for the report.
    pub(super) fn settings(&self) -> Table {
        let mut table = Table::new(["setting", "value"]);
        table.row(["goal".to_owned(), format!("{:?}", self.goal)]);
        table.row(["key".to_owned(), format!("{:?}", self.key)]);
        table.row(["sampler".to_owned(), format!("{:?}", self.sampler)]);
        let pruner = self.pruner.as_ref().map_or("none".to_owned(), |p| format!("{p:?}"));
        table.row(["pruner".to_owned(), pruner]);
        table.row(["concurrency".to_owned(), self.concurrency.to_string()]);
        table
    }

    pub(super) fn cost(&self, record: &Record) -> f64 {
        cost(self.goal, record.value)
    }

    fn suggest(&self, number: u64, finished: &[Arc<Record>]) -> Result<Suggestion> {
        let pending = self.suggestions[finished.len()..number as usize].iter().flatten();
        let suggestion = self.sampler.suggest(&Ask {
            space: &self.space,
            goal: self.goal,
            study_key: self.key.fold_in(SAMPLER),
            number,
            finished,
            pending: &pending.cloned().collect::<Vec<_>>(),
        })?;
        self.space.check(&suggestion.point)?;
        Ok(suggestion)
    }

    /// The first `n` trials, all of them finished.
    fn prefix(&self, number: u64, n: u64) -> Result<Vec<Arc<Record>>> {
        let finished = (0..n).map(|i| {
            let record = self.records.get(i as usize).cloned().flatten();
            record.ok_or(Error::Waiting { number, unfinished: i })
        });
        finished.collect()
    }

    /// The trial that a chain of continued trials began with: they all have its key.
    fn first_of(&self, number: u64) -> u64 {
        let before = |n: &u64| {
            let suggestion = self.suggestions.get(*n as usize)?.as_ref()?;
            // A chain leads to smaller numbers, whatever a sampler says.
            suggestion.continues.filter(|before| before < n)
        };
        std::iter::successors(Some(number), before).last().unwrap_or(number)
    }

    /// The index of a trial, for which there is room from now on.
    fn slot(&mut self, number: u64) -> usize {
        let slot = number as usize;
        if self.records.len() <= slot {
            self.records.resize(slot + 1, None);
            self.suggestions.resize(slot + 1, None);
        }
        slot
    }
}
