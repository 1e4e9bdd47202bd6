//! Comparisons to `bool`.

use std::marker::PhantomData;

use gradus_core::CompareOp;

use crate::isa::{Kernel, dispatch};
use crate::pool;

/// One comparison as a type.
pub(crate) trait CompareFn: Send + Sync {
    /// The comparison.
    fn call<T: PartialOrd>(a: &T, b: &T) -> bool;
}

macro_rules! compare_fns {
    ($($name:ident $op:tt)*) => {$(
        pub(crate) struct $name;
        impl CompareFn for $name {
            #[inline(always)]
            fn call<T: PartialOrd>(a: &T, b: &T) -> bool {
                a $op b
            }
        }
    )*};
}
compare_fns!(Eq == Ne != Lt < Le <= Gt > Ge >=);

/// A loop that is the same for all comparisons.
pub(crate) trait Compare {
    /// The loop for one op.
    fn run<F: CompareFn>(self);
}

/// Picks the type of `op`.
pub(crate) fn visit<V: Compare>(op: CompareOp, visitor: V) {
    match op {
        CompareOp::Eq => visitor.run::<Eq>(),
        CompareOp::Ne => visitor.run::<Ne>(),
        CompareOp::Lt => visitor.run::<Lt>(),
        CompareOp::Le => visitor.run::<Le>(),
        CompareOp::Gt => visitor.run::<Gt>(),
        CompareOp::Ge => visitor.run::<Ge>(),
    }
}

/// `out[i] = a[i] op b[i]`; NaN is unequal to all and otherwise compares false.
///
/// # Panics
/// If the lengths differ.
///
/// # Examples
/// ```
/// use gradus_core::CompareOp;
/// let mut out = [false; 2];
/// gradus_cpu::elementwise::compare(CompareOp::Lt, &[1.0, f64::NAN], &[2.0, 2.0], &mut out);
/// assert_eq!(out, [true, false]);
/// ```
pub fn compare<T: Copy + PartialOrd + Send + Sync>(
    op: CompareOp,
    a: &[T],
    b: &[T],
    out: &mut [bool],
) {
    assert!(a.len() == out.len() && b.len() == out.len(), "compare: lengths differ");
    visit(op, Pair { a, b, out });
}

/// `out[i] = a[i] op b`.
///
/// # Panics
/// If the lengths differ.
pub fn compare_scalar<T: Copy + PartialOrd + Send + Sync>(
    op: CompareOp,
    a: &[T],
    b: T,
    out: &mut [bool],
) {
    assert_eq!(a.len(), out.len(), "compare_scalar: lengths differ");
    visit(op, One { a, b, out });
}

struct Pair<'a, T> {
    a: &'a [T],
    b: &'a [T],
    out: &'a mut [bool],
}

impl<T: Copy + PartialOrd + Send + Sync> Compare for Pair<'_, T> {
    fn run<F: CompareFn>(self) {
        let chunk = pool::grain(self.a.len(), 0.15);
        pool::for_slices(self.out, chunk, |i, out| {
            let (start, len) = (i * chunk, out.len());
            let (a, b) = (&self.a[start..start + len], &self.b[start..start + len]);
            dispatch(PairRun::<T, F> { a, b, out, op: PhantomData });
        });
    }
}

struct PairRun<'a, T, F> {
    a: &'a [T],
    b: &'a [T],
    out: &'a mut [bool],
    op: PhantomData<F>,
}

impl<T: PartialOrd, F: CompareFn> Kernel for PairRun<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for ((o, a), b) in self.out.iter_mut().zip(self.a).zip(self.b) {
            *o = F::call(a, b);
        }
    }
}

struct One<'a, T> {
    a: &'a [T],
    b: T,
    out: &'a mut [bool],
}

impl<T: Copy + PartialOrd + Send + Sync> Compare for One<'_, T> {
    fn run<F: CompareFn>(self) {
        let chunk = pool::grain(self.a.len(), 0.15);
        let b = self.b;
        pool::for_slices(self.out, chunk, |i, out| {
            let start = i * chunk;
            let a = &self.a[start..start + out.len()];
            dispatch(OneRun::<T, F> { a, b, out, op: PhantomData });
        });
    }
}

struct OneRun<'a, T, F> {
    a: &'a [T],
    b: T,
    out: &'a mut [bool],
    op: PhantomData<F>,
}

impl<T: PartialOrd, F: CompareFn> Kernel for OneRun<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (o, a) in self.out.iter_mut().zip(self.a) {
            *o = F::call(a, &self.b);
        }
    }
}
