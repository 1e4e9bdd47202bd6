//! The forward pass.

use super::axis::Axis;
use super::correlate::{Correlation, correlate};
use super::{Conv2d, ConvElement};
use crate::pool::SharedMut;

/// Convolution of `x` with `weight`, plus `bias` (one number per output channel) if there is one;
/// see [`Conv2d`] for the shapes.
///
/// # Panics
/// If a length does not fit, channels are no multiple of `groups`, or no window fits the plane.
pub fn forward<T: ConvElement>(
    conv: &Conv2d,
    x: &[T],
    weight: &[T],
    bias: Option<&[T]>,
    out: &mut [T],
) {
    let e = conv.extents("conv2d", [x.len(), weight.len(), out.len()]);
    conv.check_bias("conv2d", bias, conv.c_out);
    let axis = |d: usize| Axis::forward(&conv.window, d, conv.size[d], e.out[d]);
    let (down, across) = (axis(0), axis(1));
    let correlation = Correlation {
        axes: [&down, &across],
        tasks: conv.batch * conv.groups,
        groups: conv.groups,
        c_in: e.c_in,
        c_out: e.c_out,
        source: x,
        weight,
        kernel_width: conv.window.kernel[1],
        weight_strides: [e.c_out * e.taps, e.taps, conv.window.kernel[0] * conv.window.kernel[1]],
        bias,
        plane: e.out,
    };
    correlate(&correlation, &SharedMut::new(out));
}
