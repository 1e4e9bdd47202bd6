//! Reductions along the middle of a contiguous `[outer, axis, inner]` view, and along rows.
//!
//! The order of accumulation is a function of the shape: a long sum is a fixed tree over fixed
//! chunks. Threads take outputs or chunks, never a share that depends on how many they are, so the
//! bits are those of one thread.

mod arg;
mod axis;
mod cumsum;
mod extremum;
pub(crate) mod rows;
pub(crate) mod softmax;
mod softmax_grad;
pub(crate) mod sum;
mod truth;

pub use arg::{argmax, argmin};
pub use axis::Axis;
pub use cumsum::cumsum;
pub use extremum::{max, min};
pub use softmax::{log_softmax, logsumexp, softmax};
pub use softmax_grad::{log_softmax_grad, softmax_grad};
pub use sum::{Summand, prod, sum};
pub use truth::{all, any};

#[cfg(test)]
mod tests;
