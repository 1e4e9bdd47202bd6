//! The largest and the smallest.

use super::Axis;
use crate::isa::{Kernel, dispatch};
use crate::pool;

/// The largest along the axis; NaN wins, as in PyTorch.
///
/// # Panics
/// If a length does not fit `dims`, or `axis` is 0 while there are outputs: the caller decides what
/// an empty maximum means.
///
/// # Examples
/// ```
/// use gradus_cpu::reduce::{Axis, max};
/// let mut out = [0i64; 2];
/// max(Axis::rows(2, 3), &[1, 5, 2, -3, -1, -2], &mut out);
/// assert_eq!(out, [5, -1]);
/// ```
pub fn max<T: Copy + PartialOrd + Send + Sync>(dims: Axis, x: &[T], out: &mut [T]) {
    dims.check("max", x.len(), out.len());
    reduce(dims, x, out, Largest);
}

/// The smallest along the axis; NaN wins, as in PyTorch.
///
/// # Panics
/// As [`max`].
pub fn min<T: Copy + PartialOrd + Send + Sync>(dims: Axis, x: &[T], out: &mut [T]) {
    dims.check("min", x.len(), out.len());
    reduce(dims, x, out, Smallest);
}

trait Pick: Copy + Sync {
    fn pick<T: Copy + PartialOrd>(self, a: T, b: T) -> T;
}

#[derive(Clone, Copy)]
struct Largest;
#[derive(Clone, Copy)]
struct Smallest;

#[expect(clippy::eq_op, reason = "only NaN differs from itself")]
#[inline(always)]
fn is_nan<T: PartialOrd>(x: T) -> bool {
    x != x
}

impl Pick for Largest {
    #[inline(always)]
    fn pick<T: Copy + PartialOrd>(self, a: T, b: T) -> T {
        if a > b || is_nan(a) { a } else { b }
    }
}

impl Pick for Smallest {
    #[inline(always)]
    fn pick<T: Copy + PartialOrd>(self, a: T, b: T) -> T {
        if a < b || is_nan(a) { a } else { b }
    }
}

fn reduce<T: Copy + PartialOrd + Send + Sync>(dims: Axis, x: &[T], out: &mut [T], pick: impl Pick) {
    if out.is_empty() {
        return;
    }
    assert!(dims.axis > 0, "max or min of no elements");
    let outers = pool::grain(dims.outer, 0.2 * (dims.axis * dims.inner) as f64);
    pool::for_slices(out, outers * dims.inner, |i, out| {
        let block = dims.axis * dims.inner;
        let x = &x[i * outers * block..][..out.len() / dims.inner * block];
        dispatch(Blocks { x, dims, out, pick });
    });
}

struct Blocks<'a, T, P> {
    x: &'a [T],
    dims: Axis,
    out: &'a mut [T],
    pick: P,
}

impl<T: Copy + PartialOrd, P: Pick> Kernel for Blocks<'_, T, P> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Axis { axis, inner, .. } = self.dims;
        let pick = self.pick;
        for (out, x) in self.out.chunks_exact_mut(inner).zip(self.x.chunks_exact(axis * inner)) {
            if let [only] = out {
                *only = lanes(x, pick);
                continue;
            }
            out.copy_from_slice(&x[..inner]);
            for row in x[inner..].chunks_exact(inner) {
                for (o, x) in out.iter_mut().zip(row) {
                    *o = pick.pick(*o, *x);
                }
            }
        }
    }
}

#[inline(always)]
fn lanes<T: Copy + PartialOrd, P: Pick>(x: &[T], pick: P) -> T {
    // Arrays that only constants index stay in registers; the rest works on a copy.
    let mut registers = [x[0]; 32];
    let (chunks, mut tail) = x.as_chunks::<32>();
    for chunk in chunks {
        for (l, x) in registers.iter_mut().zip(chunk) {
            *l = pick.pick(*l, *x);
        }
    }
    let mut lanes = [x[0]; 16];
    for registers in registers.as_chunks::<16>().0 {
        for (l, x) in lanes.iter_mut().zip(registers) {
            *l = pick.pick(*l, *x);
        }
    }
    while let Some((half, rest)) = tail.split_first_chunk::<16>() {
        for (l, x) in lanes.iter_mut().zip(half) {
            *l = pick.pick(*l, *x);
        }
        tail = rest;
    }
    for (l, x) in lanes.iter_mut().zip(tail) {
        *l = pick.pick(*l, *x);
    }
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            lanes[i] = pick.pick(lanes[i], lanes[i + half]);
        }
    }
    lanes[0]
}

/// The largest of a row that is not empty.
pub(super) fn largest_of_row<T: Copy + PartialOrd>(x: &[T]) -> T {
    dispatch(Row { x, pick: Largest })
}

/// The smallest of a row that is not empty.
pub(super) fn smallest_of_row<T: Copy + PartialOrd>(x: &[T]) -> T {
    dispatch(Row { x, pick: Smallest })
}

struct Row<'a, T, P> {
    x: &'a [T],
    pick: P,
}

impl<T: Copy + PartialOrd, P: Pick> Kernel for Row<'_, T, P> {
    type Output = T;
    #[inline(always)]
    fn run<const FMA: bool>(self) -> T {
        lanes(self.x, self.pick)
    }
}
