//! Copies of operand blocks in the order in which the microkernel reads them.
//!
//! Packing changes addresses, never values or their order, so it is invisible in the result.

use super::block::View;
use super::micro::Kernels;

/// Where a packed block of A lies in its buffer.
#[derive(Clone, Copy)]
pub(super) struct PackedA {
    /// Distance of rows.
    pub(super) rs: usize,
    /// Distance of columns.
    pub(super) cs: usize,
}

/// Row distance of a packed block of A: not a power of two, whose rows would share cache sets.
const fn a_row_stride(kc: usize) -> usize {
    kc + 16
}

/// Elements that [`pack_a`] needs.
pub(super) const fn a_len(rows: usize, kc: usize) -> usize {
    rows * a_row_stride(kc)
}

/// Copies a `rows × kc` block of A, keeping the direction that lies together in memory.
///
/// # Safety
/// - Every element of the block is valid.
pub(super) unsafe fn pack_a<T: Copy>(a: View<T>, rows: usize, kc: usize, out: &mut [T]) -> PackedA {
    if a.rs == 1 && a.cs != 1 {
        for (k, out) in out.chunks_exact_mut(rows).take(kc).enumerate() {
            // SAFETY: column `k` of the block is `rows` neighbours.
            out.copy_from_slice(unsafe { std::slice::from_raw_parts(a.at(0, k), rows) });
        }
        return PackedA { rs: 1, cs: rows };
    }
    let rs = a_row_stride(kc);
    for (i, out) in out.chunks_exact_mut(rs).take(rows).enumerate() {
        if a.cs == 1 {
            // SAFETY: row `i` of the block is `kc` neighbours.
            out[..kc].copy_from_slice(unsafe { std::slice::from_raw_parts(a.at(i, 0), kc) });
        } else {
            for (k, x) in out[..kc].iter_mut().enumerate() {
                // SAFETY: `(i, k)` is in the block.
                *x = unsafe { a.at(i, k).read() };
            }
        }
    }
    PackedA { rs, cs: 1 }
}

/// Copies a `kc × cols` panel of B as `kc` rows of `width` elements; what lies beyond `cols` is
/// left alone and never read.
///
/// # Safety
/// - Every element of the panel is valid.
/// - The machine has the instructions of `kernels`.
pub(super) unsafe fn pack_b<T: Copy>(
    kernels: &Kernels<T>,
    b: View<T>,
    (kc, cols): (usize, usize),
    width: usize,
    out: &mut [T],
) {
    assert!(cols <= width && out.len() >= kc * width, "pack_b: panel too small");
    if b.cs == 1 {
        for (k, out) in out.chunks_exact_mut(width).take(kc).enumerate() {
            // SAFETY: row `k` of the panel is `cols` neighbours.
            out[..cols].copy_from_slice(unsafe { std::slice::from_raw_parts(b.at(k, 0), cols) });
        }
    } else if b.rs == 1 {
        // SAFETY: the panel is valid, and `out` holds `kc` rows of `width`, by the check above.
        unsafe { (kernels.transpose)(b.ptr, b.cs, out.as_mut_ptr(), width, cols, kc) }
    } else {
        for (k, out) in out.chunks_exact_mut(width).take(kc).enumerate() {
            for (j, x) in out[..cols].iter_mut().enumerate() {
                // SAFETY: `(k, j)` is in the panel.
                *x = unsafe { b.at(k, j).read() };
            }
        }
    }
}
