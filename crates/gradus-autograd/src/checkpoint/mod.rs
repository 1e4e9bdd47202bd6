//! Activation checkpointing: forward again instead of remembering.

mod captured;
mod run;

pub use run::{checkpoint, checkpoint_module};
