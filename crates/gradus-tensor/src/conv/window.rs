//! The arithmetic of windows, shared by convolution and pooling.

use gradus_core::Shape;

use crate::{Error, Result};

/// How many windows of `(kernel − 1) · dilation + 1` elements fit along one axis.
///
/// # Errors
/// [`gradus_core::Error::InvalidArgument`] if a number that must not be zero is, or if the window
/// is longer than the padded axis.
pub(crate) fn windows(
    op: &'static str,
    extent: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
) -> Result<usize> {
    for (name, value) in [("kernel", kernel), ("stride", stride), ("dilation", dilation)] {
        if value == 0 {
            return Err(invalid(op, name, "at least 1", "0".into()));
        }
    }
    let padded = padding.checked_mul(2).and_then(|p| p.checked_add(extent));
    let span = (kernel - 1).checked_mul(dilation).and_then(|s| s.checked_add(1));
    match (padded, span) {
        (Some(padded), Some(span)) if span <= padded => Ok((padded - span) / stride + 1),
        _ => {
            let got =
                format!("kernel {kernel} with dilation {dilation} on {extent} + 2 · {padding}");
            Err(invalid(op, "kernel", "a window that fits into the padded axis", got))
        }
    }
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
        gradus_core::Error::UnexpectedShape { op, expected: names.into(), got: shape.clone() }
            .into()
    })
}
