//! How the learning rate changes from step to step.

mod curves;
#[expect(clippy::module_inception, reason = "the folder is named after its one public type")]
mod schedule;
#[cfg(test)]
mod tests;

pub use curves::Anneal;
pub use schedule::Schedule;
