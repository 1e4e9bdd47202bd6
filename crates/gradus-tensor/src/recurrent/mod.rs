//! Recurrent layers over whole sequences, and their gradients.

mod grad;
mod run;

pub use grad::{RecurrentGrads, RecurrentUpstream, RecurrentWanted};
pub use run::{Recurrent, RecurrentTape};

#[cfg(test)]
mod tests;
