//! Whole runs: they learn, stop, log, resume, and fail cleanly.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod average;
mod damage;
mod end;
mod fault;
mod golden;
mod kill;
mod learn;
mod log;
mod look;
mod page;
mod previous;
mod resume;
mod task;
