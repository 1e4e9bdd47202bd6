//! The public entries for `bf16` operands.

use bytemuck::Pod;
use half::bf16;

use super::super::epilogue::Epilogue;
use super::super::output::Output;
use super::super::view::Target;
use super::super::{Beta, Dims, Matrix};
use super::engine::Engine;
use super::layout::Planes;
use super::packed::PackedBf16;
use super::product::Product;
use super::source::{Source, Want};
use super::store::{Store, StoreBf16, StoreF32};
use crate::pool::SharedMut;

/// An operand of a `bf16` product: a [`Matrix`] or a [`PackedBf16`].
///
/// It is seen as `(k, x)`, where `x` is a column of B or a row of A. So B is passed as it is, and A
/// as its transpose.
#[expect(private_bounds, reason = "sealed: the packed layout is private")]
pub trait Bf16Operand: Source {}

impl Bf16Operand for Matrix<'_, bf16> {}
impl Bf16Operand for PackedBf16 {}

/// What a `bf16` product can be written as: `f32`, or `bf16` that is rounded once, at the end.
#[expect(private_bounds, reason = "sealed: how sums are stored is private")]
pub trait Bf16Output: Pod + Send + Sync + Stored {}

impl Bf16Output for f32 {}
impl Bf16Output for bf16 {}

/// How finished sums become outputs.
trait Stored: Sized {
    fn store<E: Epilogue<f32>>(engine: Engine, c: Target<Self>, epilogue: E) -> impl Store;
}

impl Stored for f32 {
    fn store<E: Epilogue<f32>>(_: Engine, c: Target<Self>, epilogue: E) -> impl Store {
        StoreF32 { c, epilogue }
    }
}

impl Stored for bf16 {
    fn store<E: Epilogue<f32>>(engine: Engine, c: Target<Self>, epilogue: E) -> impl Store {
        StoreBf16 { engine, c, epilogue }
    }
}

/// C = A·B with products and sums in `f32`, rounded to `bf16` once at the end; C row by row without
/// gaps.
///
/// # Panics
/// If A or B reaches beyond its slice, or `c` does not have `m * n` elements.
///
/// # Examples
/// ```
/// use gradus_cpu::gemm::{Dims, Matrix, gemm_bf16};
/// use half::bf16;
/// let x = [1.0, 2.0, 3.0].map(bf16::from_f32);
/// let mut y = [bf16::ZERO];
/// gemm_bf16(Dims { m: 1, n: 1, k: 3 }, Matrix::new(&x, 3, 1), Matrix::new(&x, 1, 1), &mut y);
/// assert_eq!(y[0].to_f32(), 14.0);
/// ```
pub fn gemm_bf16(dims: Dims, a: Matrix<'_, bf16>, b: Matrix<'_, bf16>, c: &mut [bf16]) {
    gemm_bf16_batched(dims, a, b, &[(0, 0)], c);
}

/// One product per entry of `offsets`, which says where A and B start in their slices; the results
/// lie one after another in `c`.
///
/// # Panics
/// If an operand reaches beyond its slice, or `c` does not have `offsets.len() * m * n` elements.
pub fn gemm_bf16_batched(
    dims: Dims,
    a: Matrix<'_, bf16>,
    b: Matrix<'_, bf16>,
    offsets: &[(usize, usize)],
    c: &mut [bf16],
) {
    let want = offsets.len().checked_mul(dims.m).and_then(|l| l.checked_mul(dims.n));
    assert_eq!(Some(c.len()), want, "gemm: length of c");
    let operands = |i: usize| (a.t().skip(offsets[i].0), b.skip(offsets[i].1));
    run(Engine::current(), dims, offsets.len(), operands, Output::new(c, dims.n), &());
}

/// C = epilogue(A·B) with `bf16` operands, sums in `f32` and outputs in either; see [`Bf16Operand`]
/// for how A is passed. The epilogue sees the sums, before they are rounded.
///
/// # Panics
/// If an operand is too small, or C does not fit its slice.
pub fn gemm_bf16_with<C: Bf16Output>(
    dims: Dims,
    a: &impl Bf16Operand,
    b: &impl Bf16Operand,
    out: Output<'_, C>,
    epilogue: &impl Epilogue<f32>,
) {
    run(Engine::current(), dims, 1, |_| (a, b), out, epilogue);
}

impl<S: Source> Source for &S {
    unsafe fn pack(
        &self,
        k: std::ops::Range<usize>,
        x: std::ops::Range<usize>,
        want: Want,
        out: &mut [u16],
    ) {
        // SAFETY: passed on from the caller.
        unsafe { (**self).pack(k, x, want, out) }
    }

    fn prepacked(&self) -> Option<&PackedBf16> {
        (**self).prepacked()
    }
}

/// A batch on an engine of this machine.
pub(super) fn run<C: Bf16Output, A: Source, B: Source>(
    engine: Engine,
    dims: Dims,
    batch: usize,
    operands: impl Fn(usize) -> (A, B) + Sync,
    out: Output<'_, C>,
    epilogue: &impl Epilogue<f32>,
) {
    let (stride, batch_stride) = (out.row_stride, out.checked(dims, batch));
    let c = SharedMut::new(out.data);
    let product = Product { engine, planes: Planes::ONE, dims, beta: Beta::Zero };
    let store = |i: usize| {
        let c = Target { ptr: c.as_ptr().wrapping_add(i * batch_stride), stride };
        C::store(engine, c, epilogue)
    };
    // SAFETY: C was checked, and its results do not overlap; the engine is one of this machine.
    unsafe { product.run(batch, operands, store) }
}
