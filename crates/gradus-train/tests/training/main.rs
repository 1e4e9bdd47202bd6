//! Whole runs: they learn, stop, log, resume, and fail cleanly.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod damage;
mod end;
mod fault;
mod learn;
mod log;
mod page;
mod resume;
mod task;
