//! Copies of operands in the order in which the microkernel reads them.
//!
//! Packing changes addresses, never values or their order, so it is invisible in the result.

use super::micro::Kernels;
use super::view::View;

/// Copies the first `k × x` elements of a view as `k` rows of `width`; what lies beyond `x` in a
/// row of `out` is left alone.
///
/// # Safety
/// - Every element is valid.
/// - The machine has the instructions of `kernels`.
///
/// # Panics
/// If `x` exceeds `width` or `out` is too small.
pub(super) unsafe fn pack_strided<T: Copy>(
    kernels: &Kernels<T>,
    view: View<T>,
    (kc, cols): (usize, usize),
    width: usize,
    out: &mut [T],
) {
    assert!(cols <= width && out.len() >= kc * width, "pack: panel too small");
    if view.xs == 1 {
        // SAFETY: the panel is valid, and `out` holds `kc` rows of `width`, by the check above.
        unsafe { (kernels.pack_rows)(view, (kc, cols), width, &mut out[..kc * width]) }
    } else if view.ks == 1 {
        // SAFETY: as above.
        unsafe { (kernels.pack_columns)(view, (kc, cols), width, &mut out[..kc * width]) }
    } else {
        for (k, out) in out.chunks_exact_mut(width).take(kc).enumerate() {
            for (x, out) in out[..cols].iter_mut().enumerate() {
                // SAFETY: `(k, x)` is in the panel.
                *out = unsafe { view.at(k, x).read() };
            }
        }
    }
}
