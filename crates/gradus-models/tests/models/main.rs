//! What the models promise, seen from outside.
#![expect(clippy::unwrap_used, reason = "a test may fail by a panic")]

mod bound;
mod cache;
mod causal_laws;
mod classes;
mod classics;
mod descent;
mod faults;
mod learning;
mod likelihood;
mod ngram;
mod parameters;
mod regression;
mod sight;
mod tied;
mod tiny;
mod wave_net;
