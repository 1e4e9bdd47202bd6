//! The public entries: checks, threads, batches.

use super::block::Product;
use super::element::GemmElement;
use super::epilogue::Epilogue;
use super::grid::Grid;
use super::operand::Operand;
use super::output::Output;
use super::view::Target;
use super::{Beta, Dims, Matrix, turned};
use crate::pool::{self, SharedMut};

/// C = A·B or C += A·B, with C row by row without gaps.
///
/// Accumulates in `T` in the K order of the [module](crate::gemm). With `k` = 0 the product is zero.
///
/// # Panics
/// If A or B reaches beyond its slice, or `c` does not have `m * n` elements.
pub fn gemm<T: GemmElement>(
    dims: Dims,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    c: &mut [T],
    beta: Beta,
) {
    gemm_batched(dims, a, b, &[(0, 0)], c, beta);
}

/// As [`gemm`], with rows of C `stride` apart; what lies between them is left alone.
pub(crate) fn gemm_rows<T: GemmElement>(
    dims: Dims,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    (c, stride): (&mut [T], usize),
    beta: Beta,
) {
    gemm_with(dims, &a.t(), &b, Output::new(c, stride), beta, &());
}

/// As [`gemm_rows`], on this thread and in `T` at any [`MatmulPrecision`](super::MatmulPrecision).
pub(crate) fn gemm_alone<T: GemmElement>(
    dims: Dims,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    (c, stride): (&mut [T], usize),
    beta: Beta,
) {
    let Dims { m, n, k } = dims;
    let out = Output::new(c, stride);
    out.checked(dims, 1);
    if m == 0 || n == 0 {
        return;
    }
    let product = Product {
        kernels: T::kernels(),
        a: &a.t(),
        b: &b,
        k,
        rows: 0..m,
        cols: 0..n,
        c: Target { ptr: out.data.as_mut_ptr(), stride },
        beta,
        epilogue: &(),
    };
    // SAFETY: C was checked above and is borrowed, and `T::kernels` gives kernels of this machine's
    // level.
    unsafe { product.run() }
}

/// One product per entry of `offsets`, which says where A and B start in their slices; the results
/// lie one after another in `c`.
///
/// Threads take tiles of all products from one list. An operand that is shared by the batch has
/// the same offset in every entry.
///
/// # Panics
/// If an operand reaches beyond its slice, or `c` does not have `offsets.len() * m * n` elements.
pub fn gemm_batched<T: GemmElement>(
    dims: Dims,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    offsets: &[(usize, usize)],
    c: &mut [T],
    beta: Beta,
) {
    let want = offsets.len().checked_mul(dims.m).and_then(|l| l.checked_mul(dims.n));
    assert_eq!(Some(c.len()), want, "gemm: length of c");
    let operands = |i: usize| (a.t().skip(offsets[i].0), b.skip(offsets[i].1));
    let out = Output::new(c, dims.n);
    gemm_batched_with(dims, offsets.len(), operands, out, beta, |_| ());
}

/// C = epilogue(A·B) or epilogue(C + A·B): the product that all others are made of.
///
/// Both operands are seen as `(k, x)`, so A is passed as its transpose; see [`Operand`]. With `k` = 0
/// the product is zero.
///
/// # Panics
/// If an operand is too small, or C does not fit its slice.
pub fn gemm_with<T: GemmElement>(
    dims: Dims,
    a: &impl Operand<T>,
    b: &impl Operand<T>,
    out: Output<'_, T>,
    beta: Beta,
    epilogue: &impl Epilogue<T>,
) {
    gemm_batched_with(dims, 1, |_| (a, b), out, beta, |_| epilogue);
}

/// [`gemm_with`] for a batch: `operands` gives A and B of a product by its index, `epilogue` its tail.
///
/// Threads take tiles of all products from one list.
///
/// # Panics
/// If an operand is too small, or C does not fit its slice.
pub fn gemm_batched_with<T: GemmElement, A: Operand<T>, B: Operand<T>, E: Epilogue<T>>(
    dims: Dims,
    batch: usize,
    operands: impl Fn(usize) -> (A, B) + Sync,
    out: Output<'_, T>,
    beta: Beta,
    epilogue: impl Fn(usize) -> E + Sync,
) {
    let Dims { m, n, k } = dims;
    let (stride, batch_stride) = (out.row_stride, out.checked(dims, batch));
    if m == 0 || n == 0 || batch == 0 {
        return;
    }
    let out = SharedMut::new(out.data);
    let target = |i: usize| Target { ptr: out.as_ptr().wrapping_add(i * batch_stride), stride };
    // SAFETY: C was checked above, and its results do not overlap.
    if unsafe { T::lowered(dims, batch, &operands, target, beta, &epilogue) } {
        return;
    }
    let kernels = T::kernels();
    let grid = Grid::new(dims, batch, kernels.panel);
    pool::for_chunks(grid.chunks(), |chunk| {
        for task in grid.tasks(chunk) {
            let (index, rows, cols) = grid.place(task);
            let (a, b) = operands(index);
            let epilogue = &epilogue(index);
            let c = target(index);
            let product = Product { kernels, a: &a, b: &b, k, rows, cols, c, beta, epilogue };
            // SAFETY: C was checked above, each of its rectangles belongs to one task, and
            // `T::kernels` gives kernels of this machine's level.
            unsafe { turned::run(&product) }
        }
    });
}
