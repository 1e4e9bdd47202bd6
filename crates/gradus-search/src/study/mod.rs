//! A search: trials are asked for, made, and told.

mod config;
mod importance;
mod leaderboard;
mod page;
mod run;
mod studies;
mod trial;
mod watch;

pub use config::StudyConfig;
pub use run::RunConfig;
pub use studies::Study;
pub use trial::Trial;
pub use watch::Watch;
