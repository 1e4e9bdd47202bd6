//! Sums and products.
//!
//! ```text
//! sum(x) for x up to CHUNK:  64 lanes, lane l adds x[l], x[l + 64], …; then a tree over the lanes
//! sum(x) beyond:             the sum of the sums of its chunks
//! ```
//! So no path is longer than about 70 + 70 additions even for 16 million elements, and the error
//! grows like that of a pairwise sum. Columns (`inner` > 1) use the same chunks with one lane per
//! column.

use bytemuck::Pod;
use half::bf16;

use super::Axis;
use crate::isa::{Kernel, dispatch};
use crate::math::Real;
use crate::pool;

/// Chunks of a sum. Part of the definition: it never depends on shape or threads.
const CHUNK: usize = 4096;
const LANES: usize = 64;

/// An element type with sums and products: floats, and integers (wrapping).
///
/// `bf16` is accumulated in `f32` and rounded once.
pub trait Summand: Copy + Send + Sync + private::Sealed {
    /// The type of the accumulator.
    type Total: Pod + Send + Sync;
    /// 0.
    const ZERO: Self::Total;
    /// 1.
    const ONE: Self::Total;
    /// As an accumulator.
    fn widen(self) -> Self::Total;
    /// From an accumulator.
    fn narrow(total: Self::Total) -> Self;
    /// a + b.
    fn add(a: Self::Total, b: Self::Total) -> Self::Total;
    /// a · b.
    fn mul(a: Self::Total, b: Self::Total) -> Self::Total;
}

mod private {
    /// The set of summable types is closed.
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
    impl Sealed for half::bf16 {}
    impl Sealed for i64 {}
    impl Sealed for u8 {}
}

macro_rules! summand {
    ($t:ty, $total:ty, $zero:expr, $one:expr, $widen:expr, $narrow:expr, $add:expr, $mul:expr) => {
        impl Summand for $t {
            type Total = $total;
            const ZERO: $total = $zero;
            const ONE: $total = $one;
            #[inline(always)]
            fn widen(self) -> $total {
                $widen(self)
            }
            #[inline(always)]
            fn narrow(total: $total) -> Self {
                $narrow(total)
            }
            #[inline(always)]
            fn add(a: $total, b: $total) -> $total {
                $add(a, b)
            }
            #[inline(always)]
            fn mul(a: $total, b: $total) -> $total {
                $mul(a, b)
            }
        }
    };
}
summand!(f32, f32, 0.0, 1.0, |x| x, |x| x, |a, b| a + b, |a, b| a * b);
summand!(f64, f64, 0.0, 1.0, |x| x, |x| x, |a, b| a + b, |a, b| a * b);
summand!(
    bf16,
    f32,
    0.0,
    1.0,
    <bf16 as crate::math::Float>::widen,
    <bf16 as crate::math::Float>::narrow,
    |a, b| a + b,
    |a, b| a * b
);
summand!(i64, i64, 0, 1, |x| x, |x| x, i64::wrapping_add, i64::wrapping_mul);
summand!(u8, u8, 0, 1, |x| x, |x| x, u8::wrapping_add, u8::wrapping_mul);

/// How two partial results are joined.
trait Join<T: Summand> {
    const START: T::Total;
    fn join(a: T::Total, b: T::Total) -> T::Total;
}

struct Add;
struct Mul;

impl<T: Summand> Join<T> for Add {
    const START: T::Total = T::ZERO;
    #[inline(always)]
    fn join(a: T::Total, b: T::Total) -> T::Total {
        T::add(a, b)
    }
}

impl<T: Summand> Join<T> for Mul {
    const START: T::Total = T::ONE;
    #[inline(always)]
    fn join(a: T::Total, b: T::Total) -> T::Total {
        T::mul(a, b)
    }
}

/// Sums along the axis; an empty sum is 0.
///
/// # Panics
/// If a length does not fit `dims`.
///
/// # Examples
/// ```
/// use gradus_cpu::reduce::{Axis, sum};
/// let mut columns = [0.0f32; 2];
/// sum(Axis { outer: 1, axis: 2, inner: 2 }, &[1.0, 2.0, 3.0, 4.0], &mut columns);
/// assert_eq!(columns, [4.0, 6.0]);
/// ```
pub fn sum<T: Summand>(dims: Axis, x: &[T], out: &mut [T]) {
    dims.check("sum", x.len(), out.len());
    reduce::<T, Add>(dims, x, out);
}

/// Products along the axis; an empty product is 1.
///
/// # Panics
/// If a length does not fit `dims`.
pub fn prod<T: Summand>(dims: Axis, x: &[T], out: &mut [T]) {
    dims.check("prod", x.len(), out.len());
    reduce::<T, Mul>(dims, x, out);
}

fn reduce<T: Summand, J: Join<T>>(dims: Axis, x: &[T], out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    if dims.axis == 0 {
        out.fill(T::narrow(J::START));
        return;
    }
    let chunks = dims.axis.div_ceil(CHUNK);
    if chunks == 1 && dims.inner == 1 {
        let rows = pool::grain(dims.outer, 0.05 * dims.axis as f64 + 5.0);
        return pool::for_slices(out, rows, |i, out| {
            let x = &x[i * rows * dims.axis..][..out.len() * dims.axis];
            dispatch(Rows::<T, J> { x, axis: dims.axis, out, join: std::marker::PhantomData });
        });
    }
    let mut parts = vec![J::START; dims.outer * chunks * dims.inner];
    let pieces = pool::grain(dims.outer * chunks, 0.1 * (dims.axis.min(CHUNK) * dims.inner) as f64);
    pool::for_slices(&mut parts, pieces * dims.inner, |i, parts| {
        for (p, part) in parts.chunks_mut(dims.inner).enumerate() {
            let (outer, chunk) = ((i * pieces + p) / chunks, (i * pieces + p) % chunks);
            let len = CHUNK.min(dims.axis - chunk * CHUNK);
            let start = (outer * dims.axis + chunk * CHUNK) * dims.inner;
            let x = &x[start..start + len * dims.inner];
            dispatch(Columns::<T, J> { x, part, join: std::marker::PhantomData });
        }
    });
    for (out, parts) in out.chunks_mut(dims.inner).zip(parts.chunks_mut(chunks * dims.inner)) {
        let total = fold::<T, J>(parts, dims.inner);
        for (o, t) in out.iter_mut().zip(total) {
            *o = T::narrow(*t);
        }
    }
}

/// Joins neighbouring rows of `inner` until one is left: a tree over the chunks.
fn fold<T: Summand, J: Join<T>>(parts: &mut [T::Total], inner: usize) -> &[T::Total] {
    let mut rows = parts.len() / inner;
    while rows > 1 {
        for r in 0..rows / 2 {
            for i in 0..inner {
                parts[r * inner + i] =
                    J::join(parts[2 * r * inner + i], parts[(2 * r + 1) * inner + i]);
            }
        }
        if rows % 2 == 1 {
            parts.copy_within((rows - 1) * inner..rows * inner, rows / 2 * inner);
        }
        rows = rows.div_ceil(2);
    }
    &parts[..inner]
}

struct Rows<'a, T, J> {
    x: &'a [T],
    axis: usize,
    out: &'a mut [T],
    join: std::marker::PhantomData<J>,
}

impl<T: Summand, J: Join<T>> Kernel for Rows<'_, T, J> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (o, x) in self.out.iter_mut().zip(self.x.chunks_exact(self.axis)) {
            *o = T::narrow(lanes::<T, J>(x));
        }
    }
}

/// A row of at most [`CHUNK`] elements.
#[inline(always)]
fn lanes<T: Summand, J: Join<T>>(x: &[T]) -> T::Total {
    in_lanes(x, J::START, |l, x| J::join(l, x.widen()), J::join)
}

/// Explicit lanes and a tree over them, since LLVM never reorders a float sum.
#[inline(always)]
pub(super) fn in_lanes<T: Copy, A: Copy>(
    x: &[T],
    start: A,
    take: impl Fn(A, T) -> A,
    join: impl Fn(A, A) -> A,
) -> A {
    // Arrays that only constants index stay in registers; the rest works on a copy.
    let mut registers = [start; LANES];
    let (chunks, tail) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for (l, x) in registers.iter_mut().zip(chunk) {
            *l = take(*l, *x);
        }
    }
    let mut lanes = registers;
    // Whole registers of the rest, then its end.
    for (lanes, tail) in lanes.chunks_exact_mut(16).zip(tail.chunks(16)) {
        match tail.first_chunk::<16>() {
            Some(tail) => {
                for (l, x) in lanes.iter_mut().zip(tail) {
                    *l = take(*l, *x);
                }
            }
            None => {
                for (l, x) in lanes.iter_mut().zip(tail) {
                    *l = take(*l, *x);
                }
            }
        }
    }
    tree(&mut lanes, join)
}

/// Joins the upper half to the lower until one is left.
#[inline(always)]
pub(super) fn tree<A: Copy, const N: usize>(lanes: &mut [A; N], join: impl Fn(A, A) -> A) -> A {
    let mut half = N / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] = join(lanes[i], lanes[i + half]);
        }
        half /= 2;
    }
    lanes[0]
}

struct Columns<'a, T: Summand, J> {
    x: &'a [T],
    part: &'a mut [T::Total],
    join: std::marker::PhantomData<J>,
}

impl<T: Summand, J: Join<T>> Kernel for Columns<'_, T, J> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        if let [only] = self.part {
            *only = lanes::<T, J>(self.x);
            return;
        }
        for row in self.x.chunks_exact(self.part.len()) {
            for (p, x) in self.part.iter_mut().zip(row) {
                *p = J::join(*p, x.widen());
            }
        }
    }
}

/// The sum of a row inside another kernel, by chunks in order.
#[inline(always)]
pub(crate) fn row<R: Real>(x: &[R]) -> R {
    let mut total = R::ZERO;
    for chunk in x.chunks(CHUNK) {
        total = total + in_lanes(chunk, R::ZERO, |l, x| l + x, |a, b| a + b);
    }
    total
}
