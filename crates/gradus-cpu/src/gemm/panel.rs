//! The vector loops that pack.

use half::bf16;

use super::vector::{Pairs, Vector};
use super::view::View;

/// Rows of the view are neighbours in memory: each is copied.
///
/// # Safety
/// - That of [`Pack`](super::micro::Pack).
#[inline(always)]
pub(super) unsafe fn rows<X: Vector>(
    view: View<X::Elem>,
    (kc, cols): (usize, usize),
    width: usize,
    out: &mut [X::Elem],
) {
    let whole = cols - cols % X::LANES;
    // SAFETY: the instructions are there by the caller's promise.
    let mask = unsafe { X::mask(cols - whole) };
    for k in 0..kc {
        for j in (0..whole).step_by(X::LANES) {
            // SAFETY: all lanes are in row `k` of the view.
            let x = unsafe { X::load(view.at(k, j)) };
            // SAFETY: they are in row `k` of the panel too.
            unsafe { x.store(out.as_mut_ptr().wrapping_add(k * width + j)) }
        }
        if whole < cols {
            // SAFETY: the lanes of the mask are in row `k`.
            let x = unsafe { X::load_masked(view.at(k, whole), mask) };
            // SAFETY: as above.
            unsafe { put(x, out, k * width + whole, mask) }
        }
    }
}

/// Columns of the view are neighbours in memory: squares of it are transposed in registers.
///
/// # Safety
/// - That of [`Pack`](super::micro::Pack).
#[inline(always)]
pub(super) unsafe fn columns<X: Vector>(
    view: View<X::Elem>,
    (kc, cols): (usize, usize),
    width: usize,
    out: &mut [X::Elem],
) {
    let stride = view.xs * size_of::<X::Elem>();
    // The last square first: what it spills over belongs to the others or comes later.
    for j in (0..cols).step_by(X::LANES).rev() {
        let across = X::LANES.min(cols - j);
        // SAFETY: the instructions are there by the caller's promise.
        let mask = unsafe { X::mask(across) };
        for k in (0..kc).step_by(X::LANES) {
            let down = X::LANES.min(kc - k);
            // SAFETY: the square is in the view.
            let square = unsafe { X::columns(view.at(k, j), stride, across, down) };
            for (i, x) in square.as_ref().iter().enumerate().take(down) {
                // SAFETY: the lanes of the mask are in row `k + i` of the panel.
                unsafe { put(*x, out, (k + i) * width + j, mask) }
            }
        }
    }
}

/// [`columns`] of a view of bf16, widened: two neighbours in k make one lane of a square.
///
/// # Safety
/// - That of [`Pack`](super::micro::Pack).
#[inline(always)]
pub(super) unsafe fn columns_bf16<X: Pairs>(
    view: View<bf16>,
    (kc, cols): (usize, usize),
    width: usize,
    out: &mut [f32],
) {
    let stride = view.xs * size_of::<bf16>();
    // The last square first: what it spills over belongs to the others or comes later.
    for j in (0..cols).step_by(X::LANES).rev() {
        let across = X::LANES.min(cols - j);
        // SAFETY: the instructions are there by the caller's promise.
        let mask = unsafe { X::mask(across) };
        for k in (0..kc).step_by(2 * X::LANES) {
            let down = X::LANES.min((kc - k) / 2);
            // SAFETY: the square is in the view.
            let square = unsafe { X::columns(view.at(k, j).cast(), stride, across, down) };
            for (i, pair) in square.as_ref().iter().enumerate().take(down) {
                // SAFETY: as above.
                let [even, odd] = unsafe { pair.widen() };
                // SAFETY: the lanes of the mask are in row `k + 2i` of the panel.
                unsafe { put(even, out, (k + 2 * i) * width + j, mask) }
                // SAFETY: and in the next.
                unsafe { put(odd, out, (k + 2 * i + 1) * width + j, mask) }
            }
        }
        if kc % 2 == 1 {
            for i in 0..across {
                // SAFETY: the last k of column `j + i`.
                let x = unsafe { view.at(kc - 1, j + i).read() };
                out[(kc - 1) * width + j + i] = x.to_f32();
            }
        }
    }
}

/// Stores the lanes of the mask, and the others too where the panel goes on: those places are written
/// later or never read. Masked stores are slow on some machines.
///
/// # Safety
/// - The lanes of the mask are inside `out` from `at` on.
#[inline(always)]
unsafe fn put<X: Vector>(x: X, out: &mut [X::Elem], at: usize, mask: X::Mask) {
    let p = out.as_mut_ptr().wrapping_add(at);
    if at + X::LANES <= out.len() {
        // SAFETY: all lanes are inside `out`.
        unsafe { x.store(p) }
    } else {
        // SAFETY: passed on from the caller.
        unsafe { x.store_masked(p, mask) }
    }
}
