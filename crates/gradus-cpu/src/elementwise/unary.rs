//! Unary ops on float slices.

use std::marker::PhantomData;

use gradus_core::UnaryOp;

use super::stream::{Fill, Store};
use super::unary_ops::{self as ops, UnaryFn};
use crate::isa::{Kernel, dispatch};
use crate::math::{Float, Real};
use crate::pool;

/// `out[i] = op(x[i])`.
///
/// NaN stays NaN, also in `Sign` (as NumPy) and `Relu`. `Round` takes halves to even. Errors of the
/// functions are stated in [`math`](crate::math); `bf16` is computed in `f32` and rounded once.
///
/// # Panics
/// If the lengths differ.
///
/// # Examples
/// ```
/// use gradus_core::UnaryOp;
/// let mut out = [0.0f32; 3];
/// gradus_cpu::elementwise::unary(UnaryOp::Relu, &[-1.0, 0.5, f32::INFINITY], &mut out);
/// assert_eq!(out, [0.0, 0.5, f32::INFINITY]);
/// ```
pub fn unary<T: Float>(op: UnaryOp, x: &[T], out: &mut [T]) {
    assert_eq!(x.len(), out.len(), "unary: lengths differ");
    macro_rules! pick {
        ($($name:ident)*) => {
            match op { $(UnaryOp::$name => run::<T, ops::$name>(x, out),)* }
        };
    }
    pick!(Neg Abs Sign Square Sqrt Rsqrt Reciprocal Exp Expm1 Log Log1p Sin Cos Tan Tanh Sigmoid
        Erf Relu Gelu GeluTanh Silu Softplus Floor Ceil Round);
}

fn run<T: Float, F: UnaryFn>(x: &[T], out: &mut [T]) {
    // In f64 a vector has half the elements, and the polynomials twice the terms.
    let cost = if size_of::<T>() == 8 { 4.0 * F::COST } else { F::COST };
    let chunk = pool::grain(x.len(), cost);
    let store = Store::for_bytes(2 * size_of_val(x));
    pool::for_slices(out, chunk, |i, out| {
        let start = i * chunk;
        dispatch(Map::<T, F> { x: &x[start..start + out.len()], out, store, op: PhantomData });
    });
}

struct Map<'a, T, F> {
    x: &'a [T],
    out: &'a mut [T],
    store: Store,
    op: PhantomData<F>,
}

impl<T: Float, F: UnaryFn> Kernel for Map<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { x, out, store, op } = self;
        store.write::<FMA, _, _>(out, &Each { x, op });
    }
}

struct Each<'a, T, F> {
    x: &'a [T],
    op: PhantomData<F>,
}

impl<T: Float, F: UnaryFn> Fill<T> for Each<'_, T, F> {
    #[inline(always)]
    fn fill<const FMA: bool>(&self, start: usize, out: &mut [T]) {
        let x = &self.x[start..start + out.len()];
        for (o, x) in out.iter_mut().zip(x) {
            *o = T::narrow(F::call::<T::Wide, FMA>(x.widen()));
        }
        if let Some(far) = F::FAR {
            for (o, x) in out.iter_mut().zip(x) {
                let x = x.widen();
                if x.abs() > T::Wide::TRIG_LIMIT {
                    *o = T::narrow(T::Wide::from_f64(far(x.to_f64())));
                }
            }
        }
    }
}
