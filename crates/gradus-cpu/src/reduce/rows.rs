//! Pieces of kernels that work row by row: fixed lanes and a fixed tree, with the level's
//! multiply-add.

use super::sum::{in_lanes, tree};
use crate::math::{Float, Real};

/// Lanes of a dot product and of a maximum.
const LANES: usize = 32;

/// `a * b + c`, fused if the level fuses.
#[inline(always)]
pub(crate) fn madd<const FMA: bool, R: Real>(a: R, b: R, c: R) -> R {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Σ f(x[i]), by lanes.
#[inline(always)]
pub(crate) fn sum_of<T: Float>(x: &[T], f: impl Fn(T::Wide) -> T::Wide) -> T::Wide {
    in_lanes(x, T::Wide::ZERO, |l, x| l + f(x.widen()), |a, b| a + b)
}

/// Σ a[i] · b[i], by lanes.
#[inline(always)]
pub(crate) fn dot<const FMA: bool, R: Real>(a: &[R], b: &[R]) -> R {
    let mut registers = [R::ZERO; LANES];
    let (a_chunks, a_tail) = a.as_chunks::<LANES>();
    let (b_chunks, b_tail) = b.as_chunks::<LANES>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for ((l, a), b) in registers.iter_mut().zip(a).zip(b) {
            *l = madd::<FMA, R>(*a, *b, *l);
        }
    }
    let mut lanes = registers;
    for ((l, a), b) in lanes.iter_mut().zip(a_tail).zip(b_tail) {
        *l = madd::<FMA, R>(*a, *b, *l);
    }
    tree(&mut lanes, |a, b| a + b)
}

/// The largest of a row; what it is with a NaN in the row is unspecified. −∞ for an empty row.
#[inline(always)]
pub(crate) fn largest_number<R: Real>(x: &[R]) -> R {
    let pick = |a: R, b: R| if b > a { b } else { a };
    let mut registers = [-R::INFINITY; LANES];
    let (chunks, tail) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for (l, x) in registers.iter_mut().zip(chunk) {
            *l = pick(*l, *x);
        }
    }
    let mut lanes = registers;
    for (l, x) in lanes.iter_mut().zip(tail) {
        *l = pick(*l, *x);
    }
    tree(&mut lanes, pick)
}

/// `out[i] = x[i]`, as the type of the arithmetic.
#[inline(always)]
pub(crate) fn widen<T: Float>(x: &[T], out: &mut [T::Wide]) {
    for (o, x) in out.iter_mut().zip(x) {
        *o = x.widen();
    }
}
