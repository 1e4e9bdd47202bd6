//! Whether one or all are true.

use super::Axis;

/// Whether one element along the axis is true; none in an empty axis.
///
/// # Panics
/// If a length does not fit `dims`.
pub fn any(dims: Axis, x: &[bool], out: &mut [bool]) {
    dims.check("any", x.len(), out.len());
    dims.lines(x, out, 0.5, |mut line| line.any(|x| *x));
}

/// Whether all elements along the axis are true; they are in an empty axis.
///
/// # Panics
/// If a length does not fit `dims`.
pub fn all(dims: Axis, x: &[bool], out: &mut [bool]) {
    dims.check("all", x.len(), out.len());
    dims.lines(x, out, 0.5, |mut line| line.all(|x| *x));
}
