//! The gradient of the output place by place, so that output channels can be lanes.

use crate::gemm::vector::Vector;

/// The gradient of some places: channels lie `plane` apart.
#[derive(Debug)]
pub(super) struct Panel<'a, T> {
    pub(super) source: &'a [T],
    pub(super) plane: usize,
    pub(super) channels: usize,
    pub(super) places: usize,
    /// Elements of a place in `out`: the channels, in whole registers.
    pub(super) pitch: usize,
}

/// Writes `out[place][channel]`, where the channels fill whole registers with zeros.
///
/// # Safety
/// - The machine has the instructions of the kernel's table.
pub(super) type CopyPanel<T> = unsafe fn(&Panel<'_, T>, &mut [T]);

#[inline(always)]
pub(super) unsafe fn copy_panel<X: Vector>(panel: &Panel<'_, X::Elem>, out: &mut [X::Elem]) {
    let Panel { source, plane, channels, places, pitch } = *panel;
    assert!(pitch >= channels.next_multiple_of(X::LANES));
    assert!(out.len() >= places * pitch && source.len() >= (channels - 1) * plane + places);
    for c in (0..channels).step_by(X::LANES) {
        for p in (0..places).step_by(X::LANES) {
            let (rows, cols) = (X::LANES.min(channels - c), X::LANES.min(places - p));
            let from = source.as_ptr().wrapping_add(c * plane + p);
            // SAFETY: the instructions are there by the contract of `CopyPanel`; the square is
            // inside the source by the assertion above.
            let square = unsafe { X::columns(from, plane * size_of::<X::Elem>(), rows, cols) };
            for (j, column) in square.as_ref()[..cols].iter().enumerate() {
                // SAFETY: row `p + j` of the panel holds `pitch` elements, whole registers.
                unsafe { column.store(out.as_mut_ptr().wrapping_add((p + j) * pitch + c)) }
            }
        }
    }
}
