//! Few columns waste the lanes: compute the transpose, whose columns are many.

use super::Beta;
use super::block::{Product, finish};
use super::element::GemmElement;
use super::epilogue::Epilogue;
use super::operand::Operand;
use super::view::Target;
use crate::scratch;

/// Computes a rectangle the way round that wastes fewer lanes.
///
/// # Safety
/// - That of [`Product::run`].
pub(super) unsafe fn run<T: GemmElement, A: Operand<T>, B: Operand<T>, E: Epilogue<T>>(
    product: &Product<'_, T, A, B, E>,
) {
    let (m, n) = (product.rows.len(), product.cols.len());
    // Outputs that the lanes compute, wasted ones included, for C and for its transpose.
    let lanes = product.kernels.narrow.width;
    let (direct, turned) = (m * n.next_multiple_of(lanes), n * m.next_multiple_of(lanes));
    if 2 * direct < 3 * turned || m < lanes {
        // SAFETY: passed on from the caller.
        return unsafe { product.run() };
    }
    scratch::with(m * n, |turned: &mut [T]| {
        let Product { c, rows, cols, .. } = product;
        let at = |place: usize| c.at(rows.start + place % m, cols.start + place / m);
        if product.beta == Beta::One {
            for (place, x) in turned.iter_mut().enumerate() {
                // SAFETY: the place is inside the rectangle.
                *x = unsafe { at(place).read() };
            }
        }
        // The transpose of all of C would start here.
        let ptr = turned.as_mut_ptr().wrapping_sub(cols.start * m + rows.start);
        let swapped = Product {
            kernels: product.kernels,
            a: product.b,
            b: product.a,
            k: product.k,
            rows: cols.clone(),
            cols: rows.clone(),
            c: Target { ptr, stride: m },
            beta: product.beta,
            epilogue: &(),
        };
        // SAFETY: passed on from the caller; `turned` holds the `n × m` result.
        unsafe { swapped.run() }
        for (place, x) in turned.iter().enumerate() {
            // SAFETY: the place is inside the rectangle.
            unsafe { at(place).write(*x) }
        }
        // SAFETY: the rectangle is ours by the caller's promise.
        unsafe { finish(product.epilogue, *c, rows.clone(), cols.clone()) }
    });
}
