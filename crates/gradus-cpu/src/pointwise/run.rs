//! The loops.

use super::{Dual, Lane, Pointwise};
use crate::isa::{Kernel, dispatch};
use crate::math::{Float, Real};
use crate::pool::{self, SharedMut};

/// What a step of an unknown formula costs, in nanoseconds per element, for the choice of threads.
const COST: f64 = 0.5;

/// `out[i] = f(inputs[0][i], …)`, computed in [`Float::Wide`].
///
/// # Panics
/// If the lengths differ.
pub fn forward<T: Float, const N: usize>(
    f: &(impl Pointwise<N> + Sync),
    inputs: [&[T]; N],
    out: &mut [T],
) {
    let fits = inputs.iter().all(|x| x.len() == out.len());
    assert!(fits, "pointwise: lengths differ");
    let chunk = pool::grain(out.len(), COST);
    pool::for_slices(out, chunk, |i, out| {
        let inputs = inputs.map(|x| &x[i * chunk..][..out.len()]);
        dispatch(Forward { f, inputs, out });
    });
}

/// `out[j][i] = g[i] · ∂f/∂x_j`, for all inputs in one pass.
///
/// # Panics
/// If the lengths differ.
pub fn gradients<T: Float, const N: usize>(
    f: &(impl Pointwise<N> + Sync),
    inputs: [&[T]; N],
    g: &[T],
    out: [&mut [T]; N],
) {
    let len = g.len();
    let fits = inputs.iter().all(|x| x.len() == len) && out.iter().all(|x| x.len() == len);
    assert!(fits, "pointwise: lengths differ");
    if len == 0 {
        return;
    }
    let chunk = pool::grain(len, COST * (1 + N) as f64);
    let out = out.map(SharedMut::new);
    pool::for_chunks(len.div_ceil(chunk), |i| {
        let (start, n) = (i * chunk, chunk.min(len - i * chunk));
        let out = out.each_ref().map(|out| {
            // SAFETY: every index runs once, and the ranges of different indices do not overlap.
            unsafe { out.range(start, n) }
        });
        let inputs = inputs.map(|x| &x[start..][..n]);
        dispatch(Gradients { f, inputs, g: &g[start..][..n], out });
    });
}

struct Forward<'a, F, T, const N: usize> {
    f: &'a F,
    inputs: [&'a [T]; N],
    out: &'a mut [T],
}

impl<F: Pointwise<N>, T: Float, const N: usize> Kernel for Forward<'_, F, T, N> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let inputs = self.inputs.map(|x| &x[..self.out.len()]);
        for (i, o) in self.out.iter_mut().enumerate() {
            let x = inputs.map(|x| Lane::<T::Wide, FMA>(x[i].widen()));
            *o = T::narrow(self.f.call(x).0);
        }
    }
}

struct Gradients<'a, F, T, const N: usize> {
    f: &'a F,
    inputs: [&'a [T]; N],
    g: &'a [T],
    out: [&'a mut [T]; N],
}

impl<F: Pointwise<N>, T: Float, const N: usize> Kernel for Gradients<'_, F, T, N> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        /// Elements per block: the gradients of a block wait in registers and the first cache, since
        /// the compiler does not vectorise a loop that writes to several unknown places.
        const BLOCK: usize = 64;
        let len = self.g.len();
        let inputs = self.inputs.map(|x| &x[..len]);
        let mut out = self.out;
        for start in (0..len).step_by(BLOCK) {
            let n = BLOCK.min(len - start);
            let g = &self.g[start..start + n];
            let inputs = inputs.map(|x| &x[start..start + n]);
            let mut slopes = [[T::narrow(T::Wide::ZERO); BLOCK]; N];
            for (i, g) in g.iter().enumerate() {
                let x = inputs.map(|x| Lane::<T::Wide, FMA>(x[i].widen()));
                let y = self.f.call(Dual::inputs(x));
                for (slopes, slope) in slopes.iter_mut().zip(y.slopes) {
                    slopes[i] = T::narrow(g.widen() * slope.0);
                }
            }
            for (out, slopes) in out.iter_mut().zip(&slopes) {
                out[start..start + n].copy_from_slice(&slopes[..n]);
            }
        }
    }
}
