//! Loops over a caller's formula.

use crate::isa::{Kernel, dispatch};
use crate::math::Float;
use crate::pool;

/// `out[i] = f(x[i])`, computed in [`Float::Wide`], where `f` costs about `ns` nanoseconds.
///
/// A small closure of arithmetic is inlined and vectorised. It must be pure: it runs on any thread.
///
/// # Panics
/// If the lengths differ.
///
/// # Examples
/// ```
/// let mut out = [0.0f32; 2];
/// let leaky = |x: f32| if x > 0.0 { x } else { 0.01 * x };
/// gradus_cpu::elementwise::map(&[3.0, -1.0], &mut out, 0.2, leaky);
/// assert_eq!(out, [3.0, -0.01]);
/// ```
pub fn map<T: Float>(x: &[T], out: &mut [T], ns: f64, f: impl Fn(T::Wide) -> T::Wide + Sync) {
    assert_eq!(x.len(), out.len(), "map: lengths differ");
    let chunk = pool::grain(x.len(), ns);
    pool::for_slices(out, chunk, |i, out| {
        let start = i * chunk;
        dispatch(Map { x: &x[start..start + out.len()], out, f: &f });
    });
}

/// `out[i] = f(a[i], b[i])`, computed in [`Float::Wide`], where `f` costs about `ns` nanoseconds.
///
/// # Panics
/// If the lengths differ.
pub fn zip<T: Float>(
    a: &[T],
    b: &[T],
    out: &mut [T],
    ns: f64,
    f: impl Fn(T::Wide, T::Wide) -> T::Wide + Sync,
) {
    assert!(a.len() == out.len() && b.len() == out.len(), "zip: lengths differ");
    let chunk = pool::grain(out.len(), ns);
    pool::for_slices(out, chunk, |i, out| {
        let (start, len) = (i * chunk, out.len());
        dispatch(Zip { a: &a[start..start + len], b: &b[start..start + len], out, f: &f });
    });
}

struct Map<'a, T, F> {
    x: &'a [T],
    out: &'a mut [T],
    f: &'a F,
}

impl<T: Float, F: Fn(T::Wide) -> T::Wide> Kernel for Map<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (o, x) in self.out.iter_mut().zip(self.x) {
            *o = T::narrow((self.f)(x.widen()));
        }
    }
}

struct Zip<'a, T, F> {
    a: &'a [T],
    b: &'a [T],
    out: &'a mut [T],
    f: &'a F,
}

impl<T: Float, F: Fn(T::Wide, T::Wide) -> T::Wide> Kernel for Zip<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for ((o, a), b) in self.out.iter_mut().zip(self.a).zip(self.b) {
            *o = T::narrow((self.f)(a.widen(), b.widen()));
        }
    }
}
