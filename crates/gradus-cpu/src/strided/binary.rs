//! Binary ops and comparisons of two views of one shape, without making them contiguous.

use std::marker::PhantomData;

use gradus_core::{BinaryOp, CompareOp, Layout};

use super::walk::{Walk, check};
use crate::Result;
use crate::elementwise::{
    Arithmetic, Binary, BinaryFn, Compare, CompareFn, check_right, visit_binary, visit_compare,
};
use crate::isa::{Kernel, dispatch};
use crate::pool;

/// `out = a op b` in row-major order; both layouts have the same shape, repeated dimensions have
/// stride 0.
///
/// # Errors
/// As [`binary`](crate::elementwise::binary).
///
/// # Panics
/// If shapes differ, a layout leaves its slice, or `out` has another length.
///
/// # Examples
/// ```
/// use gradus_core::{BinaryOp, Layout};
/// // A bias on every row.
/// let row = Layout::contiguous([3]).expand([2, 3])?;
/// let mut out = [0.0f32; 6];
/// let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let views = ((&x[..], &Layout::contiguous([2, 3])), (&[10.0, 20.0, 30.0][..], &row));
/// gradus_cpu::strided::binary_strided(BinaryOp::Add, views.0, views.1, &mut out).unwrap();
/// assert_eq!(out, [11.0, 22.0, 33.0, 14.0, 25.0, 36.0]);
/// # Ok::<(), gradus_core::Error>(())
/// ```
pub fn binary_strided<T: Arithmetic>(
    op: BinaryOp,
    (a, a_layout): (&[T], &Layout),
    (b, b_layout): (&[T], &Layout),
    out: &mut [T],
) -> Result<()> {
    let views = Views::new("binary_strided", (a, a_layout), (b, b_layout), out.len());
    check_right(op, b_layout.offsets().map(|o| b[o]))?;
    visit_binary(op, Task { views, out });
    Ok(())
}

/// `out = a op b` for comparisons; otherwise as [`binary_strided`].
///
/// # Panics
/// If shapes differ, a layout leaves its slice, or `out` has another length.
pub fn compare_strided<T: Copy + PartialOrd + Send + Sync>(
    op: CompareOp,
    (a, a_layout): (&[T], &Layout),
    (b, b_layout): (&[T], &Layout),
    out: &mut [bool],
) {
    let views = Views::new("compare_strided", (a, a_layout), (b, b_layout), out.len());
    visit_compare(op, Task { views, out });
}

/// Two views of one shape.
struct Views<'a, T> {
    a: &'a [T],
    b: &'a [T],
    walk: Walk<2>,
}

impl<'a, T> Views<'a, T> {
    fn new(
        op: &str,
        (a, a_layout): (&'a [T], &Layout),
        (b, b_layout): (&'a [T], &Layout),
        len: usize,
    ) -> Self {
        assert_eq!(a_layout.dims(), b_layout.dims(), "{op}: shapes differ");
        assert_eq!(a_layout.len(), len, "{op}: length of out");
        check(op, a_layout, a.len());
        check(op, b_layout, b.len());
        let start = |layout: &Layout| if len == 0 { 0 } else { layout.offset() };
        let walk = Walk::new(a_layout.dims(), [a_layout.strides(), b_layout.strides()]);
        Self { a: &a[start(a_layout)..], b: &b[start(b_layout)..], walk }
    }
}

struct Task<'a, T, O> {
    views: Views<'a, T>,
    out: &'a mut [O],
}

impl<T: Copy + Send + Sync, O: Send> Task<'_, T, O> {
    /// Splits the output among threads: by runs, or a single run by elements.
    fn split(self, ns: f64, part: impl Fn(&Walk<2>, &[T], &[T], usize, &mut [O]) + Sync) {
        let Views { a, b, walk } = self.views;
        if self.out.is_empty() {
            return;
        }
        if walk.rows > 1 {
            let rows = pool::grain(walk.rows, ns * walk.inner as f64 + 3.0);
            pool::for_slices(self.out, rows * walk.inner, |i, out| {
                part(&walk, a, b, i * rows, out);
            });
            return;
        }
        let chunk = pool::grain(walk.inner, ns);
        pool::for_slices(self.out, chunk, |i, out| {
            let piece = Walk::new(&[out.len()], [&walk.step[..1], &walk.step[1..]]);
            part(&piece, &a[i * chunk * walk.step[0]..], &b[i * chunk * walk.step[1]..], 0, out);
        });
    }
}

impl<T: Arithmetic> Binary for Task<'_, T, T> {
    fn run<F: BinaryFn>(self) {
        self.split(F::COST, |walk, a, b, first, out| {
            dispatch(Rows::<T, T, ByBinary<F>> { walk, a, b, first, out, op: PhantomData });
        });
    }
}

impl<T: Copy + PartialOrd + Send + Sync> Compare for Task<'_, T, bool> {
    fn run<F: CompareFn>(self) {
        self.split(0.2, |walk, a, b, first, out| {
            dispatch(Rows::<T, bool, ByCompare<F>> { walk, a, b, first, out, op: PhantomData });
        });
    }
}

/// A formula of two elements.
trait Pair<T, O> {
    fn call<const FMA: bool>(a: T, b: T) -> O;
}

struct ByBinary<F>(PhantomData<F>);

impl<T: Arithmetic, F: BinaryFn> Pair<T, T> for ByBinary<F> {
    #[inline(always)]
    fn call<const FMA: bool>(a: T, b: T) -> T {
        a.apply::<F, FMA>(b)
    }
}

struct ByCompare<F>(PhantomData<F>);

impl<T: PartialOrd, F: CompareFn> Pair<T, bool> for ByCompare<F> {
    #[inline(always)]
    fn call<const FMA: bool>(a: T, b: T) -> bool {
        F::call(&a, &b)
    }
}

/// Runs `first ..` until `out` is full.
struct Rows<'a, T, O, F> {
    walk: &'a Walk<2>,
    a: &'a [T],
    b: &'a [T],
    first: usize,
    out: &'a mut [O],
    op: PhantomData<F>,
}

impl<T: Copy, O: Copy, F: Pair<T, O>> Kernel for Rows<'_, T, O, F> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (inner, step) = (self.walk.inner, self.walk.step);
        let count = self.out.len() / inner;
        self.walk.runs(self.first, count, |row, [pa, pb]| {
            let out = &mut self.out[row * inner..(row + 1) * inner];
            let (a, b) = (&self.a[pa..], &self.b[pb..]);
            match step {
                [1, 1] => pairs::<T, O, F, FMA>(&a[..inner], &b[..inner], out),
                [1, 0] => {
                    let b = b[0];
                    for (o, a) in out.iter_mut().zip(a) {
                        *o = F::call::<FMA>(*a, b);
                    }
                }
                [0, 1] => {
                    let a = a[0];
                    for (o, b) in out.iter_mut().zip(b) {
                        *o = F::call::<FMA>(a, *b);
                    }
                }
                [sa, sb] => {
                    for (i, o) in out.iter_mut().enumerate() {
                        *o = F::call::<FMA>(a[i * sa], b[i * sb]);
                    }
                }
            }
        });
    }
}

/// Two runs of the same length. Pieces of a known length spare short rows the loop's preparations.
#[inline(always)]
fn pairs<T: Copy, O: Copy, F: Pair<T, O>, const FMA: bool>(a: &[T], b: &[T], out: &mut [O]) {
    const PIECE: usize = 64;
    let (pieces, rest) = out.as_chunks_mut::<PIECE>();
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<PIECE>(), b.as_chunks::<PIECE>());
    for ((out, a), b) in pieces.iter_mut().zip(a).zip(b) {
        for ((o, a), b) in out.iter_mut().zip(a).zip(b) {
            *o = F::call::<FMA>(*a, *b);
        }
    }
    for ((o, a), b) in rest.iter_mut().zip(a_rest).zip(b_rest) {
        *o = F::call::<FMA>(*a, *b);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::copy::tests::layouts;
    use super::*;
    use crate::elementwise::{binary, compare};
    use crate::strided::copy_strided;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn views_give_the_bits_of_contiguous_slices(
            a_layout in layouts(), repeat in any::<u8>(), turn in any::<bool>(), threads in 1usize..4,
        ) {
            // The second view has the same shape, with some dimensions repeated.
            let dims = a_layout.dims().to_vec();
            let some: Vec<usize> = dims.iter().enumerate()
                .map(|(i, d)| if repeat >> i & 1 == 1 { 1 } else { *d }).collect();
            let mut b_layout = Layout::contiguous(some.as_slice());
            if turn && dims.len() > 1 {
                let turned: Vec<usize> = some.iter().rev().copied().collect();
                b_layout = Layout::contiguous(turned.as_slice());
                for i in 0..dims.len() / 2 {
                    b_layout = b_layout.transpose(i, dims.len() - 1 - i).unwrap();
                }
            }
            let b_layout = b_layout.expand(dims.as_slice()).unwrap();
            let fill = |layout: &Layout, seed: usize| -> Vec<f32> {
                let size = layout.offsets().max().map_or(0, |m| m + 1);
                (0..size).map(|i| ((i * 7 + seed) % 23) as f32 - 11.0).collect()
            };
            let (a, b) = (fill(&a_layout, 1), fill(&b_layout, 5));
            let n = a_layout.len();
            let (mut ca, mut cb) = (vec![0.0; n], vec![0.0; n]);
            copy_strided(&a, &a_layout, &mut ca);
            copy_strided(&b, &b_layout, &mut cb);
            let (mut want, mut got) = (vec![0.0; n], vec![1.0; n]);
            let (mut want_lt, mut got_lt) = (vec![false; n], vec![true; n]);
            for op in [BinaryOp::Sub, BinaryOp::Maximum] {
                binary(op, &ca, &cb, &mut want).unwrap();
                pool::with_threads(threads, || {
                    binary_strided(op, (&a, &a_layout), (&b, &b_layout), &mut got).unwrap();
                });
                prop_assert_eq!(&got, &want);
            }
            compare(CompareOp::Lt, &ca, &cb, &mut want_lt);
            compare_strided(CompareOp::Lt, (&a, &a_layout), (&b, &b_layout), &mut got_lt);
            prop_assert_eq!(got_lt, want_lt);
        }
    }
}
