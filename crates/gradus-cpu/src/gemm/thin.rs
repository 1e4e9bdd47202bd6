//! Few rows times a matrix whose columns lie together, as a weight `[out, in]` does: y = x·Wᵀ.
//!
//! The matrix is read once, so the speed is that of the memory. Lanes run over columns of C and k
//! lies along memory, so squares of the matrix are turned in registers on the way:
//!
//! ```text
//! for each LANES columns:  for k in steps of KC:  acc = 0
//!     for squares of the block:  w = transpose(B[k.., j..]);  for i: acc += A[·, k + i] ⊗ w[i]
//!     C += acc
//! ```
//! A square starts at a whole line of memory where it can: the rows of a matrix are often a multiple
//! of 4 KiB apart, so that their lines push each other out of L1 before a second visit.

use half::bf16;

use super::vector::{Pairs, Vector};
use super::view::View;
use super::{Beta, KC};

/// So many columns ahead B is asked for. Each is a stream of its own and ends soon, so that hardware
/// learns little from it: without asking, one thread reads bf16 at less than half the memory's speed.
const AHEAD: usize = 32;

/// A product of few rows. `B(k, j)` lies at `b.at(k, j)` with `b.ks` = 1.
#[derive(Clone, Copy)]
pub(super) struct Tile<T, S> {
    pub(super) k: usize,
    pub(super) a: View<T>,
    pub(super) b: View<S>,
    pub(super) c: *mut T,
    pub(super) c_stride: usize,
    pub(super) cols: usize,
    pub(super) beta: Beta,
}

/// A kernel for a fixed number of rows.
///
/// # Safety
/// - The machine has the instructions of the kernel's table.
/// - All addresses of the tile are valid, and C overlaps neither operand.
pub(super) type Thin<T, S> = unsafe fn(&Tile<T, S>);

/// How the elements of B become lanes.
///
/// # Safety
/// - As for [`Vector`].
pub(super) trait Source<X: Vector>: Copy {
    /// Most k of one step.
    const STEP: usize;
    /// Adds the outer products of `down` values of k (at most `STEP`), for `across` columns.
    unsafe fn step<const R: usize>(
        acc: &mut [X; R],
        a: View<X::Elem>,
        b: View<Self>,
        across: usize,
        down: usize,
    );
}

/// acc += A(k, ·) ⊗ w
#[inline(always)]
unsafe fn outer<X: Vector, const R: usize>(acc: &mut [X; R], a: &View<X::Elem>, k: usize, w: X) {
    for (r, acc) in acc.iter_mut().enumerate() {
        // SAFETY: `(k, r)` is in A, by the caller's promise; so are the instructions.
        let x = unsafe { a.at(k, r).read() };
        // SAFETY: as above.
        let x = unsafe { X::splat(x) };
        // SAFETY: as above.
        *acc = unsafe { x.mul_add(w, *acc) };
    }
}

macro_rules! same_type {
    ($t:ty) => {
        impl<X: Vector<Elem = $t>> Source<X> for $t {
            const STEP: usize = X::LANES;
            #[inline(always)]
            unsafe fn step<const R: usize>(
                acc: &mut [X; R],
                a: View<$t>,
                b: View<$t>,
                across: usize,
                down: usize,
            ) {
                let stride = b.xs * size_of::<$t>();
                // SAFETY: passed on from the caller.
                let square = unsafe { X::columns(b.ptr, stride, across, down) };
                if down == X::LANES {
                    for (i, w) in square.as_ref().iter().enumerate() {
                        // SAFETY: as above.
                        unsafe { outer(acc, &a, i, *w) }
                    }
                } else {
                    for (i, w) in square.as_ref().iter().enumerate().take(down) {
                        // SAFETY: as above.
                        unsafe { outer(acc, &a, i, *w) }
                    }
                }
            }
        }
    };
}
same_type!(f32);
same_type!(f64);

impl<X: Pairs> Source<X> for bf16 {
    const STEP: usize = 2 * X::LANES;
    /// Two neighbours in k make one lane of the square, so half the exchanges do.
    #[inline(always)]
    unsafe fn step<const R: usize>(
        acc: &mut [X; R],
        a: View<f32>,
        b: View<Self>,
        across: usize,
        down: usize,
    ) {
        let stride = b.xs * size_of::<Self>();
        // SAFETY: passed on from the caller.
        let square = unsafe { X::columns(b.ptr.cast(), stride, across, down / 2) };
        if down == 2 * X::LANES {
            for (i, pair) in square.as_ref().iter().enumerate() {
                // SAFETY: as above.
                let [even, odd] = unsafe { pair.widen() };
                // SAFETY: as above.
                unsafe { outer(acc, &a, 2 * i, even) }
                // SAFETY: as above.
                unsafe { outer(acc, &a, 2 * i + 1, odd) }
            }
            return;
        }
        for (i, pair) in square.as_ref().iter().enumerate().take(down / 2) {
            // SAFETY: as above.
            let [even, odd] = unsafe { pair.widen() };
            // SAFETY: as above.
            unsafe { outer(acc, &a, 2 * i, even) }
            // SAFETY: as above.
            unsafe { outer(acc, &a, 2 * i + 1, odd) }
        }
        if down % 2 == 1 {
            let mut lanes = [0.0f32; 16];
            for (j, lane) in lanes.iter_mut().enumerate().take(across) {
                // SAFETY: the last k of column `j`.
                *lane = unsafe { b.at(down - 1, j).read() }.to_f32();
            }
            // SAFETY: no register has more than 16 lanes.
            let last = unsafe { X::load(lanes.as_ptr()) };
            // SAFETY: as above.
            unsafe { outer(acc, &a, down - 1, last) }
        }
    }
}

/// The product, `LANES` columns at a time.
#[inline(always)]
pub(super) unsafe fn run<X: Vector, S: Source<X>, const R: usize>(t: &Tile<X::Elem, S>) {
    for j in (0..t.cols).step_by(X::LANES) {
        let across = X::LANES.min(t.cols - j);
        // SAFETY: the instructions are there by the contract of `Thin`; the same holds below, where
        // all addresses are elements of the tile.
        let mask = unsafe { X::mask(across) };
        // SAFETY: as above.
        let mut total = [unsafe { X::zero() }; R];
        if t.beta == Beta::One {
            for (i, total) in total.iter_mut().enumerate() {
                // SAFETY: as above.
                *total = unsafe { X::load_masked(t.c.wrapping_add(i * t.c_stride + j), mask) };
            }
        }
        for k0 in (0..t.k).step_by(KC) {
            // SAFETY: as above.
            let sums = unsafe { block::<X, S, R>(t, (k0, KC.min(t.k - k0)), j, across) };
            for (total, sum) in total.iter_mut().zip(sums) {
                let first = k0 == 0 && t.beta == Beta::Zero;
                // SAFETY: as above.
                *total = if first { sum } else { unsafe { total.add(sum) } };
            }
        }
        for (i, total) in total.into_iter().enumerate() {
            // SAFETY: as above.
            unsafe { total.store_masked(t.c.wrapping_add(i * t.c_stride + j), mask) }
        }
    }
}

/// The sums of one block of k.
#[inline(always)]
unsafe fn block<X: Vector, S: Source<X>, const R: usize>(
    t: &Tile<X::Elem, S>,
    (k0, kc): (usize, usize),
    j: usize,
    across: usize,
) -> [X; R] {
    // SAFETY: passed on from `run`.
    let mut acc = [unsafe { X::zero() }; R];
    let line = S::STEP * size_of::<S>();
    let off = t.b.at(k0, j).addr() % line;
    let aligns = off > 0
        && off.is_multiple_of(size_of::<S>())
        && (t.b.xs * size_of::<S>()).is_multiple_of(line);
    let mut next = if aligns { (line - off) / size_of::<S>() } else { S::STEP };
    let mut done = 0;
    while done < kc {
        let (k, down) = (k0 + done, next.min(kc - done));
        for i in 0..X::LANES {
            // SAFETY: a hint; any address will do.
            unsafe { X::prefetch(t.b.at(k, j + AHEAD + i).cast()) }
        }
        // SAFETY: passed on from `run`.
        unsafe { S::step(&mut acc, t.a.from(k, 0), t.b.from(k, j), across, down) }
        done += down;
        next = S::STEP;
    }
    acc
}
