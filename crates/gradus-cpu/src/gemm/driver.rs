//! The public entry: checks, threads, batches, thin shapes.

use super::block::{Output, Product, View};
use super::element::GemmElement;
use super::{Beta, Dims, Matrix};
use crate::pool::{self, SharedMut};
use crate::scratch;

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
    let Dims { m, n, .. } = dims;
    assert!(m <= 1 || stride >= n, "gemm: rows of c overlap");
    let rows = m.checked_sub(1).map_or(Some(0), |above| above.checked_mul(stride)?.checked_add(n));
    let len = rows.expect("gemm: c beyond the address space");
    products(dims, (a, b), &[(0, 0)], (&mut c[..len], stride), beta);
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
    products(dims, (a, b), offsets, (c, dims.n), beta);
}

/// All products of a batch; their results are `m` rows, `stride` apart, one after another.
fn products<T: GemmElement>(
    dims: Dims,
    (a, b): (Matrix<'_, T>, Matrix<'_, T>),
    offsets: &[(usize, usize)],
    (c, stride): (&mut [T], usize),
    beta: Beta,
) {
    let Dims { m, n, k } = dims;
    if m == 0 || n == 0 || offsets.is_empty() {
        return;
    }
    if k == 0 {
        if beta == Beta::Zero {
            c.chunks_mut(stride).for_each(|row| row[..n].fill(T::zeroed()));
        }
        return;
    }
    for &(oa, ob) in offsets {
        a.check("a", m, k, oa);
        b.check("b", k, n, ob);
    }
    let kernels = T::kernels();
    let grid = Grid::new(dims, offsets.len(), kernels.families[0].width);
    let out = SharedMut::new(c);
    pool::for_chunks(grid.chunks(), |chunk| {
        for task in grid.tasks(chunk) {
            let (batch, rows, cols) = grid.place(task);
            let (oa, ob) = offsets[batch];
            let a = View {
                ptr: a.data.as_ptr().wrapping_add(oa + rows.0 * a.row_stride),
                rs: a.row_stride,
                cs: a.col_stride,
            };
            let b = View {
                ptr: b.data.as_ptr().wrapping_add(ob + cols.0 * b.col_stride),
                rs: b.row_stride,
                // One column has no step; calling it 1 spares the packing.
                cs: if cols.1 == 1 { 1 } else { b.col_stride },
            };
            let start = (batch * m + rows.0) * stride + cols.0;
            let c = Output { ptr: out.as_ptr().wrapping_add(start), stride };
            let dims = Dims { m: rows.1, n: cols.1, k };
            let product = Product { kernels, dims, a, b, c, beta };
            // SAFETY: operands were checked above, each rectangle of C belongs to one task, and
            // `T::kernels` gives kernels of this machine's level.
            unsafe { run(&product) }
        }
    });
}

/// Few columns waste the lanes: compute the transpose, whose columns are many.
///
/// # Safety
/// - That of [`Product::run`].
unsafe fn run<T: GemmElement>(product: &Product<T>) {
    let Dims { m, n, k } = product.dims;
    // Outputs that the lanes compute, wasted ones included, for C and for its transpose.
    let lanes = product.kernels.narrow.width;
    let (direct, turned) = (m * n.next_multiple_of(lanes), n * m.next_multiple_of(lanes));
    if 2 * direct < 3 * turned || m < lanes {
        // SAFETY: passed on from the caller.
        return unsafe { product.run() };
    }
    scratch::with(m * n, |turned: &mut [T]| {
        let c = product.c;
        if product.beta == Beta::One {
            for (i, x) in turned.iter_mut().enumerate() {
                // SAFETY: `(i % m, i / m)` is inside C.
                *x = unsafe { c.ptr.wrapping_add(i % m * c.stride + i / m).read() };
            }
        }
        let swapped = Product {
            dims: Dims { m: n, n: m, k },
            a: View { ptr: product.b.ptr, rs: product.b.cs, cs: product.b.rs },
            b: View { ptr: product.a.ptr, rs: product.a.cs, cs: product.a.rs },
            c: Output { ptr: turned.as_mut_ptr(), stride: m },
            ..*product
        };
        // SAFETY: passed on from the caller; `turned` holds the `n × m` result.
        unsafe { swapped.run() }
        for (i, x) in turned.iter().enumerate() {
            // SAFETY: `(i % m, i / m)` is inside C.
            unsafe { c.ptr.wrapping_add(i % m * c.stride + i / m).write(*x) }
        }
    });
}

/// How the outputs of all products are cut into tasks. It may depend on the number of threads,
/// since no cut changes the bits.
struct Grid {
    dims: Dims,
    /// Rows and columns of a task.
    part: (usize, usize),
    /// Tasks per product, down and across.
    parts: (usize, usize),
    tasks: usize,
    per_chunk: usize,
}

/// An estimate of the speed, in multiply-adds per nanosecond, to tell small work from large.
const SPEED: f64 = 30.0;

impl Grid {
    fn new(dims: Dims, batch: usize, width: usize) -> Self {
        let Dims { m, n, k } = dims;
        let threads = pool::threads();
        let one_ns = m as f64 * n as f64 * k as f64 / SPEED;
        let serial = threads == 1 || one_ns * (batch as f64) < 20_000.0;
        let mut grid = Self { dims, part: (m, n), parts: (1, 1), tasks: batch, per_chunk: batch };
        if serial {
            return grid;
        }
        if batch < 2 * threads {
            // As many parts as give every thread work, none below 5 µs.
            let want = (2 * threads).div_ceil(batch).min((one_ns / 5_000.0) as usize).max(1);
            grid.part = split(dims, want, width);
            grid.parts = (m.div_ceil(grid.part.0), n.div_ceil(grid.part.1));
            grid.tasks = batch * grid.parts.0 * grid.parts.1;
            grid.per_chunk = 1;
        } else {
            grid.per_chunk = pool::grain(batch, one_ns);
        }
        grid
    }

    fn chunks(&self) -> usize {
        self.tasks.div_ceil(self.per_chunk)
    }

    fn tasks(&self, chunk: usize) -> std::ops::Range<usize> {
        let start = chunk * self.per_chunk;
        start..(start + self.per_chunk).min(self.tasks)
    }

    /// The product and its rows and columns, each as (first, count).
    fn place(&self, task: usize) -> (usize, (usize, usize), (usize, usize)) {
        let (down, across) = self.parts;
        let (i, j) = (task / across % down * self.part.0, task % across * self.part.1);
        let rows = (i, self.part.0.min(self.dims.m - i));
        (task / across / down, rows, (j, self.part.1.min(self.dims.n - j)))
    }
}

/// Rows and columns of about `want` equal parts, in whole tiles, with the least to pack.
fn split(Dims { m, n, .. }: Dims, want: usize, width: usize) -> (usize, usize) {
    const ROWS: usize = 12;
    let part = |down: usize| {
        let across = want.div_ceil(down);
        let rows = m.div_ceil(down).next_multiple_of(ROWS).min(m);
        (rows, n.div_ceil(across).next_multiple_of(width / 4).min(n))
    };
    (1..=want.min(m.div_ceil(ROWS)))
        .map(part)
        .min_by_key(|&(rows, cols)| {
            let largest = rows * cols;
            largest + 8 * (rows + cols)
        })
        .unwrap_or((m, n))
}
