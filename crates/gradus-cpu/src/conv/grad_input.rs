//! The gradient of the input, which is also the forward pass of a transposed convolution.

use super::axis::Axis;
use super::correlate::{Correlation, correlate};
use super::{Conv2d, ConvElement};
use crate::pool::SharedMut;

/// Gradient of the input, given that of the output, plus `bias` (one number per input channel) if
/// there is one.
///
/// The places of the input are cut into phases by the stride. Each phase is a correlation of the
/// gradient with the taps that meet it, so every value is gathered and nothing is scattered.
///
/// # Panics
/// As [`forward`](super::forward).
pub fn grad_input<T: ConvElement>(
    conv: &Conv2d,
    grad_out: &[T],
    weight: &[T],
    bias: Option<&[T]>,
    grad_x: &mut [T],
) {
    let e = conv.extents("conv2d gradient", [grad_x.len(), weight.len(), grad_out.len()]);
    conv.check_bias("conv2d gradient", bias, conv.c_in);
    let axes = |d: usize| Axis::backward(&conv.window, d, conv.size[d], e.out[d]);
    let (down, across) = (axes(0), axes(1));
    let grad_x = SharedMut::new(grad_x);
    let [kh, kw] = conv.window.kernel;
    for (down, across) in down.iter().flat_map(|y| across.iter().map(move |x| (y, x))) {
        let correlation = Correlation {
            axes: [down, across],
            tasks: conv.batch * conv.groups,
            groups: conv.groups,
            c_in: e.c_out,
            c_out: e.c_in,
            source: grad_out,
            weight,
            kernel_width: kw,
            weight_strides: [e.c_out * e.taps, kh * kw, e.taps],
            bias,
            plane: conv.size,
        };
        correlate(&correlation, &grad_x);
    }
}
