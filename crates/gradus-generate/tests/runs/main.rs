//! Runs: keyed draws, batches, events, stops, cancelling, refusals.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod beam;
mod events;
mod fuzz;
mod guided;
mod keyed;
mod lengths;
mod model;
mod own;
mod refine;
mod refusals;
mod reuse;
mod setup;
mod speculate;
mod verification;
