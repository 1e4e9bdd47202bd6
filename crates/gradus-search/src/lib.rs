//! The machine looks for the structure itself: how deep, how wide, how fast to learn.
//!
//! - A [`Space`] is what is searched: named parameters ([`Domain`]: real and whole numbers, linear
//!   or logarithmic, and choices), some of which are there only [`When`] another has certain values.
//!   A config of one's own is [`Searched`]: it has a space, and is made from a [`Point`] of it.
//! - A [`Sampler`] says what is tried next: [`Random`], [`LatinHypercube`], [`Sobol`],
//!   [`RegularizedEvolution`], [`Tpe`]; and, sharing out the steps of training,
//!   [`SuccessiveHalving`], [`Hyperband`], [`Asha`].
//! - A [`Pruner`] stops what leads nowhere: [`AshaPruner`], [`MedianPruner`].
//! - A [`Study`] holds the trials. [`Study::run`] makes them on several threads; [`Study::ask`] and
//!   [`Study::tell`] are the same by hand. Its journal outlives a `kill -9`.
//! - A [`Trial`] is one try: a point, a key, and [`Trial::report`] for what is measured on the way.
//!   [`Trial::watch`] does that in a [`Fit`](gradus_train::Fit).
//! - [`Study::leaderboard`] and [`Study::report`] tell the result, [`Study::importance`] which
//!   parameters matter.
//!
//! ```
//! use gradus_core::Key;
//! use gradus_search::{Domain, Point, Result, RunConfig, Searched, Space, StudyConfig, When};
//!
//! /// Any struct of one's own: here of a machine that throws a ball.
//! struct Throw {
//!     angle: f64,
//!     spin: Option<f64>,
//! }
//!
//! impl Searched for Throw {
//!     fn space() -> Result<Space> {
//!         Space::builder("throw")
//!             .with("angle", Domain::float(0.0, 90.0))
//!             .with("grip", Domain::choice(["loose", "tight"]))
//!             .with_when("spin", Domain::log_float(0.1, 10.0), When::is("grip", ["tight"]))
//!             .build()
//!     }
//!
//!     fn at(point: &Point) -> Result<Self> {
//!         Ok(Self { angle: point.float("angle")?, spin: point.float("spin").ok() })
//!     }
//! }
//!
//! /// How far from the target it lands.
//! fn miss(throw: &Throw) -> f64 {
//!     let lift = throw.spin.map_or(0.0, |spin| (spin - 1.0).abs() - 0.5);
//!     ((throw.angle - 40.0) / 10.0).powi(2) + lift + 0.5
//! }
//!
//! let mut study = StudyConfig { key: Key::new(7), ..StudyConfig::new(Throw::space()?) }.init()?;
//! study.run(RunConfig::new(100), |trial| Ok(miss(&trial.config()?)))?;
//! let best = study.best().expect("100 trials are finished");
//! assert_eq!(best.suggestion.point.choice("grip")?, "tight");
//! assert!(best.value < 0.3);
//! # Ok::<(), gradus_search::Error>(())
//! ```
//!
//! # The same trials every time
//!
//! A trial is a pure function of the study's key and its number: its point, its key, and whether it
//! is pruned. Samplers and pruners keep no state and see the results of exactly the trials that
//! [`Sampler::sees`] and [`StudyConfig::concurrency`] say, so that neither the number of workers
//! nor a `kill -9` between two of them changes anything but the seconds:
//!
//! | sampler | trial `n` waits for | side by side |
//! |---|---|---|
//! | [`Random`], [`LatinHypercube`], [`Sobol`] | nothing | all |
//! | [`SuccessiveHalving`], [`Hyperband`] | the rung below | all of a rung |
//! | [`RegularizedEvolution`], [`Tpe`] | the first `n + 1 − concurrency`, once they learn | `concurrency` |
//! | [`Asha`], and any sampler with a pruner | the first `n + 1 − concurrency` | `concurrency` |
//!
//! The crate knows no model and no data set. No crate below knows of it.
#![forbid(unsafe_code)]

mod error;
mod history;
mod journal;
mod number;
mod pruner;
mod record;
mod sampler;
mod space;
mod study;

pub use error::{Error, Result};
pub use gradus_train::{BoxError, Goal};
pub use history::Ask;
pub use pruner::{AshaPruner, Course, MedianPruner, Pruner, Verdict};
pub use record::{Record, Report, State, Suggestion};
pub use sampler::{
    Asha, Hyperband, LatinHypercube, Random, RegularizedEvolution, Sampler, Sobol,
    SuccessiveHalving, Tpe,
};
pub use space::{Domain, Is, Param, Point, Scale, Searched, Space, SpaceBuilder, Value, When};
pub use study::{RunConfig, Study, StudyConfig, Trial, Watch};
