//! Attention in one pass, and its gradients.

mod grads;
mod options;
mod plan;
mod weigh;

pub use options::{AttentionOptions, Causal};
pub use weigh::Attended;

#[cfg(test)]
mod tests;
