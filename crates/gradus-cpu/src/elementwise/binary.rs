//! Binary ops on slices and numbers.

use std::marker::PhantomData;

use gradus_core::BinaryOp;

use super::Arithmetic;
use super::binary_ops::{self as ops, BinaryFn};
use super::stream::{Fill, Store};
use crate::isa::{Kernel, dispatch};
use crate::pool;
use crate::{Error, Result};

/// `out[i] = a[i] op b[i]`.
///
/// Floats follow IEEE and PyTorch: NaN wins in `Maximum` and `Minimum`, `Remainder` has the sign of
/// the divisor. Integers wrap around, `Div` rounds toward zero. `Atan2` takes y first.
///
/// # Errors
/// For integers: [`Error::Unsupported`] (`Atan2`), [`Error::DivisionByZero`] (`Div`, `Remainder`),
/// [`Error::NegativeExponent`] (`Pow`). `out` is then unchanged.
///
/// # Panics
/// If the lengths differ.
///
/// # Examples
/// ```
/// use gradus_core::BinaryOp;
/// use gradus_cpu::{Error, elementwise::binary};
/// let mut out = [0i64; 2];
/// binary(BinaryOp::Remainder, &[-7, 7], &[3, -3], &mut out)?;
/// assert_eq!(out, [2, -2]);
/// assert_eq!(binary(BinaryOp::Div, &[1, 2], &[1, 0], &mut out), Err(Error::DivisionByZero));
/// # Ok::<(), Error>(())
/// ```
pub fn binary<T: Arithmetic>(op: BinaryOp, a: &[T], b: &[T], out: &mut [T]) -> Result<()> {
    assert!(a.len() == out.len() && b.len() == out.len(), "binary: lengths differ");
    check_right(op, b.iter().copied())?;
    visit(op, Slices { a: Side::Slice(a), b: Side::Slice(b), out });
    Ok(())
}

/// `out[i] = a[i] op b`.
///
/// # Errors
/// As [`binary`].
///
/// # Panics
/// If the lengths differ.
pub fn binary_scalar<T: Arithmetic>(op: BinaryOp, a: &[T], b: T, out: &mut [T]) -> Result<()> {
    assert_eq!(a.len(), out.len(), "binary_scalar: lengths differ");
    check_right(op, a.first().map(|_| b).into_iter())?;
    visit(op, Slices { a: Side::Slice(a), b: Side::Number(b), out });
    Ok(())
}

/// `out[i] = a op b[i]`.
///
/// # Errors
/// As [`binary`].
///
/// # Panics
/// If the lengths differ.
pub fn scalar_binary<T: Arithmetic>(op: BinaryOp, a: T, b: &[T], out: &mut [T]) -> Result<()> {
    assert_eq!(b.len(), out.len(), "scalar_binary: lengths differ");
    check_right(op, b.iter().copied())?;
    visit(op, Slices { a: Side::Number(a), b: Side::Slice(b), out });
    Ok(())
}

/// Refuses what integers cannot do, given all right operands.
pub(crate) fn check_right<T: Arithmetic>(
    op: BinaryOp,
    mut right: impl Iterator<Item = T>,
) -> Result<()> {
    // Floats support everything; this test is constant for them and the scan disappears.
    if T::supports(BinaryOp::Atan2) {
        return Ok(());
    }
    match op {
        _ if !T::supports(op) => Err(Error::Unsupported),
        BinaryOp::Div | BinaryOp::Remainder if right.any(T::integer_zero) => {
            Err(Error::DivisionByZero)
        }
        BinaryOp::Pow if right.any(T::negative_integer) => Err(Error::NegativeExponent),
        _ => Ok(()),
    }
}

/// A loop that is the same for all ops.
pub(crate) trait Binary {
    /// The loop for one op.
    fn run<F: BinaryFn>(self);
}

/// Picks the type of `op`.
pub(crate) fn visit<V: Binary>(op: BinaryOp, visitor: V) {
    macro_rules! pick {
        ($($name:ident)*) => {
            match op { $(BinaryOp::$name => visitor.run::<ops::$name>(),)* }
        };
    }
    pick!(Add Sub Mul Div Pow Maximum Minimum Remainder Atan2);
}

/// One operand of a run.
#[derive(Clone, Copy)]
enum Side<'a, T> {
    Slice(&'a [T]),
    Number(T),
}

impl<'a, T: Copy> Side<'a, T> {
    fn part(self, start: usize, len: usize) -> Self {
        match self {
            Self::Slice(s) => Self::Slice(&s[start..start + len]),
            number @ Self::Number(_) => number,
        }
    }

    /// What is left from `start` on.
    #[inline(always)]
    fn from(self, start: usize) -> Self {
        match self {
            Self::Slice(s) => Self::Slice(&s[start..]),
            number @ Self::Number(_) => number,
        }
    }
}

struct Slices<'a, T> {
    a: Side<'a, T>,
    b: Side<'a, T>,
    out: &'a mut [T],
}

impl<T: Arithmetic> Binary for Slices<'_, T> {
    fn run<F: BinaryFn>(self) {
        let chunk = pool::grain(self.out.len(), F::COST);
        let sides = [self.a, self.b].into_iter().filter(|side| matches!(side, Side::Slice(_)));
        let store = Store::for_bytes((1 + sides.count()) * size_of_val::<[T]>(self.out));
        pool::for_slices(self.out, chunk, |i, out| {
            let (start, len) = (i * chunk, out.len());
            let (a, b) = (self.a.part(start, len), self.b.part(start, len));
            dispatch(Run::<T, F> { a, b, out, store, op: PhantomData });
        });
    }
}

struct Run<'a, T, F> {
    a: Side<'a, T>,
    b: Side<'a, T>,
    out: &'a mut [T],
    store: Store,
    op: PhantomData<F>,
}

impl<T: Arithmetic, F: BinaryFn> Kernel for Run<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { a, b, out, store, op } = self;
        store.write::<FMA, _, _>(out, &Pairs { a, b, op });
    }
}

struct Pairs<'a, T, F> {
    a: Side<'a, T>,
    b: Side<'a, T>,
    op: PhantomData<F>,
}

impl<T: Arithmetic, F: BinaryFn> Fill<T> for Pairs<'_, T, F> {
    #[inline(always)]
    fn fill<const FMA: bool>(&self, start: usize, out: &mut [T]) {
        match (self.a.from(start), self.b.from(start)) {
            (Side::Slice(a), Side::Slice(b)) => {
                for ((o, a), b) in out.iter_mut().zip(a).zip(b) {
                    *o = a.apply::<F, FMA>(*b);
                }
            }
            (Side::Slice(a), Side::Number(b)) => {
                for (o, a) in out.iter_mut().zip(a) {
                    *o = a.apply::<F, FMA>(b);
                }
            }
            (Side::Number(a), Side::Slice(b)) => {
                for (o, b) in out.iter_mut().zip(b) {
                    *o = a.apply::<F, FMA>(*b);
                }
            }
            (Side::Number(a), Side::Number(b)) => out.fill(a.apply::<F, FMA>(b)),
        }
    }
}
