//! The arithmetic of windows, shared by convolution and pooling.

use gradus_core::Shape;
use gradus_cpu::Window;

use crate::{Error, Result, Tensor};

/// A window that fits, and how often it does.
pub(crate) struct Fitted {
    pub(crate) window: Window,
    /// Windows down and across.
    pub(crate) out: [usize; 2],
}

/// A window with checked numbers; each pair is `[height, width]`.
///
/// # Errors
/// [`gradus_core::Error::InvalidArgument`] if a number that must not be zero is, or if the window
/// is longer than the padded plane.
pub(crate) fn window(
    op: &'static str,
    size: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
) -> Result<Fitted> {
    for (name, value) in [("kernel", kernel), ("stride", stride), ("dilation", dilation)] {
        if value.contains(&0) {
            return Err(invalid(op, name, "at least 1", format!("{value:?}")));
        }
    }
    let window = Window { kernel, stride, padding, dilation };
    let out = window.out_size(size).ok_or_else(|| {
        let got =
            format!("{kernel:?} with dilation {dilation:?} on {size:?} padded by {padding:?}");
        invalid(op, "kernel", "a window that fits into the padded plane", got)
    })?;
    Ok(Fitted { window, out })
}

pub(crate) fn invalid(
    op: &'static str,
    name: &'static str,
    expected: &'static str,
    got: String,
) -> Error {
    gradus_core::Error::InvalidArgument { op, name, expected, got }.into()
}

/// The extents of a shape of known rank.
///
/// # Errors
/// [`gradus_core::Error::UnexpectedShape`] if the rank is another.
pub(crate) fn extents<const N: usize>(
    op: &'static str,
    shape: &Shape,
    names: &str,
) -> Result<[usize; N]> {
    shape.dims().try_into().map_err(|_| {
        let (expected, got) = (names.into(), shape.clone());
        gradus_core::Error::UnexpectedShape { op, expected, got }.into()
    })
}

/// Fails unless a gradient has the shape of the output.
///
/// # Errors
/// [`gradus_core::Error::UnexpectedShape`].
pub(crate) fn require_output(op: &'static str, grad: &Tensor, output: &Shape) -> Result<()> {
    if grad.shape() == output {
        return Ok(());
    }
    let (expected, got) = (format!("the output's shape {output}"), grad.shape().clone());
    Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into())
}
