//! Pooling of planes: the largest or the mean of each window.
//!
//! All inputs are `[planes, height, width]` (planes are batch × channels); gradients are summed in a
//! fixed order inside each plane, so the bits do not depend on the number of threads.

mod average;
mod max;
mod shape;
mod taps;

pub use average::{Divisor, avg_pool2d, avg_pool2d_grad};
pub use max::{max_pool2d, max_pool2d_grad};
pub use shape::Pool2d;

#[cfg(test)]
mod tests;
