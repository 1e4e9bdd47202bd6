//! Convolution over planes (cross-correlation, as in all deep learning), NCHW.
//!
//! All three passes are matrix products that read the images: there is no column buffer. A strip of
//! an image is laid out once (`sheet`) such that every tap of the kernel, for any stride, padding and
//! dilation, is a shift of one line of places; a microkernel then loads the places under each shift.
//! The gradient of the input gathers in the same way (`axis`), without a scatter. So the same code
//! serves depthwise and grouped kernels, few channels and transposed convolution. Windows of 3×3 with
//! stride 1 over enough channels and outputs take fewer products, by tiles (`winograd`).
//!
//! **The K order** of an output, tiles aside, forward and for the gradient of the input: source channel, row,
//! column of the kernel; blocks of [`KC`](crate::gemm::KC) as in a matrix product. An image alone has
//! the bits that it has in a batch. The order for the weight is said in `grad_weight`. The zeros of
//! the padding take part in the sums: against an infinite weight they give NaN.
//!
//! ```
//! use gradus_cpu::{Window, conv::{Conv2d, forward}};
//! let window = Window { kernel: [1, 2], stride: [1, 1], padding: [0, 0], dilation: [1, 1] };
//! let conv = Conv2d { batch: 1, c_in: 1, size: [1, 4], c_out: 1, groups: 1, window };
//! let mut out = [0.0f32; 3];
//! forward(&conv, &[1.0, 2.0, 4.0, 8.0], &[-1.0, 1.0], Some(&[0.5]), &mut out);
//! assert_eq!(out, [1.5, 2.5, 4.5]);
//! ```

mod ahead;
mod axis;
mod correlate;
mod element;
mod forward;
mod grad_input;
mod grad_panel;
mod grad_weight;
mod lines;
mod pieces;
mod shape;
mod sheet;
mod tile;
mod weight_tile;
mod winograd;

pub use element::ConvElement;
pub use forward::forward;
pub use grad_input::grad_input;
pub use grad_weight::grad_weight;
pub use shape::Conv2d;

#[cfg(test)]
mod tests;
