//! Which op made the first NaN: watching values and gradients.

mod found;
mod scope;
mod watch;

pub use found::{Anomaly, Pass};
pub use scope::{detect_anomaly, named_scope};
pub use watch::Watch;

pub(crate) use scope::{path, raise, unwatched, watch_backward, watch_forward};
