//! Convolution over planes (cross-correlation, as in all deep learning), NCHW.
//!
//! A block of output rows of one image and group is a matrix product of the weights with the
//! unfolded image (`columns`). K order: (`c_in`, `kh`, `kw`) forward; images in fixed groups for the
//! weight gradient, so no result depends on the number of threads.
//!
//! ```
//! use gradus_cpu::{Window, conv::{Conv2d, forward}};
//! let window = Window { kernel: [1, 2], stride: [1, 1], padding: [0, 0], dilation: [1, 1] };
//! let conv = Conv2d { batch: 1, c_in: 1, size: [1, 4], c_out: 1, groups: 1, window };
//! let mut out = [0.0f32; 3];
//! forward(&conv, &[1.0, 2.0, 4.0, 8.0], &[-1.0, 1.0], &mut out);
//! assert_eq!(out, [1.0, 2.0, 4.0]);
//! ```

mod columns;
mod forward;
mod grad_input;
mod grad_weight;
mod shape;

pub use forward::forward;
pub use grad_input::grad_input;
pub use grad_weight::grad_weight;
pub use shape::Conv2d;

#[cfg(test)]
mod tests;
