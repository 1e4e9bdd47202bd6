//! L-BFGS: the curvature of the loss from its last gradients.

mod history;
mod line_search;
mod optimizer;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod vector;

pub use optimizer::{LbfgsInfo, LbfgsOptimizer};
pub use settings::{Lbfgs, LineSearch};
