//! What a study is.

use std::path::PathBuf;

use gradus_core::Key;
use gradus_train::Goal;

use super::Study;
use crate::error::{Error, Result};
use crate::pruner::Pruner;
use crate::sampler::{Sampler, Tpe};
use crate::space::Space;

/// What is searched, and how.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_search::{AshaPruner, Domain, RegularizedEvolution, Space, StudyConfig};
/// use gradus_train::Goal;
/// let space = Space::builder("net").with("width", Domain::log_int(8, 256)).build()?;
/// let study = StudyConfig {
///     goal: Goal::Max,
///     key: Key::new(7),
///     sampler: Box::new(RegularizedEvolution::default()),
///     pruner: Some(Box::new(AshaPruner::default())),
///     concurrency: 4,
///     ..StudyConfig::new(space)
/// }
/// .init()?;
/// assert!(study.best().is_none());
/// # Ok::<(), gradus_search::Error>(())
/// ```
#[derive(Debug)]
pub struct StudyConfig {
    /// What is searched.
    pub space: Space,
    /// Whether small or large values are good; [`Goal::Min`] by default.
    pub goal: Goal,
    /// Where all randomness comes from: of the sampler, and, by number, of the trials; seed 0 by
    /// default.
    pub key: Key,
    /// Who says what is tried next; [`Tpe`] by default.
    pub sampler: Box<dyn Sampler>,
    /// Who stops trials that lead nowhere; nobody by default.
    pub pruner: Option<Box<dyn Pruner>>,
    /// How many trials may be under way at once where one learns from another; 1 by default.
    ///
    /// Trial `n` learns from exactly the first `n + 1 − concurrency` trials, so that a study is the
    /// same for any number of workers: more than this many wait, fewer take longer. Samplers that
    /// need fewer results, such as [`Random`](crate::Random), are not held back, unless there is a
    /// pruner.
    pub concurrency: u64,
    /// The file that the study writes every finished trial to, and goes on from if it is there;
    /// none by default.
    ///
    /// Lines of JSON with checksums. The journal of another study (space, goal, key, sampler,
    /// pruner, concurrency) is refused. It is locked while the study lives.
    pub journal: Option<PathBuf>,
}

impl StudyConfig {
    /// Small values are sought by [`Tpe`], one trial after the other.
    pub fn new(space: Space) -> Self {
        Self {
            space,
            goal: Goal::Min,
            key: Key::new(0),
            sampler: Box::new(Tpe::default()),
            pruner: None,
            concurrency: 1,
            journal: None,
        }
    }

    /// The study, with all trials that its journal holds.
    ///
    /// # Errors
    /// [`Error::Config`] from the sampler or the pruner, or without concurrency;
    /// [`Error::OtherStudy`], [`Error::Journal`] and [`Error::InUse`] from the journal.
    pub fn init(self) -> Result<Study> {
        if self.concurrency == 0 {
            let (field, expected) = ("concurrency", "1 or more");
            return Err(Error::Config { field, expected, got: "0".into() });
        }
        self.sampler.validate(&self.space)?;
        self.pruner.as_ref().map_or(Ok(()), |pruner| pruner.validate())?;
        Study::new(self)
    }
}
