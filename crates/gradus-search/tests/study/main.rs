//! Whole searches: the same for any number of workers and after a kill, and held to their laws.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod golden;
mod journal;
mod kill;
mod laws;
mod page;
mod problems;
mod same;
