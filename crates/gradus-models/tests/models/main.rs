//! What the models promise, seen from outside.
#![expect(clippy::unwrap_used, reason = "a test may fail by a panic")]

mod blocks;
mod bound;
mod cache;
mod causal_laws;
mod classes;
mod classics;
mod descent;
mod faults;
mod flow_learning;
mod flow_losses;
mod golden;
mod learning;
mod likelihood;
mod masked_losses;
mod ngram;
mod one_shot;
mod parameters;
mod pixel_cnn;
mod positions;
mod regression;
mod rnn_lm;
mod sight;
mod tied;
mod tiny;
mod wave_net;
