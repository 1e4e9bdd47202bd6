//! How a product is given its operands.

use std::ops::Range;

use half::bf16;

use super::{Matrix, PackedB};

/// An operand of a product, which need not exist as a matrix in memory.
///
/// Both operands are seen as `(k, x)`: `x` is a column of B, or a row of A. So B is passed as it is,
/// and A as its transpose. The product asks for panels while it runs; what a panel costs to make
/// is paid once per panel and thread, and the panel is read many times.
pub trait Operand<T>: Sync {
    /// Writes the elements `k × x` into `out`: element `(k, x)` goes to
    /// `out[(k - k.start) * width + (x - x.start)]`.
    ///
    /// There are at most [`KC`](super::KC) values of k and `width` of x, and `out` holds at least
    /// `k.len() * width` elements. What lies beyond `x.len()` in a row may be left as it is.
    fn pack(&self, k: Range<usize>, x: Range<usize>, out: &mut [T], width: usize);

    /// The operand as a matrix with k down and x across, if it is one in memory; it may then be
    /// read in place.
    fn strided(&self) -> Option<Matrix<'_, T>> {
        None
    }

    /// The operand as panels that were packed before.
    fn prepacked(&self) -> Option<&PackedB<T>> {
        None
    }

    /// The operand as a matrix of bf16 with k down and x across, if that is what it is in memory.
    fn bf16(&self) -> Option<Matrix<'_, bf16>> {
        None
    }
}

impl<T, O: Operand<T> + ?Sized> Operand<T> for &O {
    fn pack(&self, k: Range<usize>, x: Range<usize>, out: &mut [T], width: usize) {
        (**self).pack(k, x, out, width);
    }

    fn strided(&self) -> Option<Matrix<'_, T>> {
        (**self).strided()
    }

    fn prepacked(&self) -> Option<&PackedB<T>> {
        (**self).prepacked()
    }

    fn bf16(&self) -> Option<Matrix<'_, bf16>> {
        (**self).bf16()
    }
}
