//! Reductions along the middle of a contiguous `[outer, axis, inner]` view, and along rows.
//!
//! The order of accumulation is a function of the shape: a long sum is a fixed tree over fixed
//! chunks. Threads take outputs or chunks, never a share that depends on how many they are, so the
//! bits are those of one thread.

mod arg;
mod cumsum;
mod extremum;
mod softmax;
mod sum;
mod truth;

pub use arg::{argmax, argmin};
pub use cumsum::cumsum;
pub use extremum::{max, min};
pub use softmax::{log_softmax, logsumexp, softmax};
pub use sum::{Summand, prod, sum};
pub use truth::{all, any};

/// Extents of a reduction: element `(o, a, i)` lies at `(o * axis + a) * inner + i`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// Product of the extents before the reduced ones.
    pub outer: usize,
    /// How many elements are reduced to one.
    pub axis: usize,
    /// Product of the extents after them.
    pub inner: usize,
}

impl Axis {
    /// The last axis: rows of `axis` elements.
    pub const fn rows(outer: usize, axis: usize) -> Self {
        Self { outer, axis, inner: 1 }
    }

    /// Panics unless the lengths are those of input and output.
    fn check(&self, op: &str, input: usize, output: usize) {
        assert_eq!(input, self.outer * self.axis * self.inner, "{op}: length of x");
        assert_eq!(output, self.outer * self.inner, "{op}: length of out");
    }

    /// Reduces one output at a time along a strided line, for ops with no faster way.
    fn lines<T: Copy + Sync, O: Send>(
        &self,
        x: &[T],
        out: &mut [O],
        ns: f64,
        f: impl Fn(std::iter::StepBy<std::slice::Iter<'_, T>>) -> O + Sync,
    ) {
        let chunk = crate::pool::grain(out.len(), ns * self.axis as f64);
        crate::pool::for_slices(out, chunk, |c, out| {
            for (j, o) in out.iter_mut().enumerate() {
                let (outer, inner) = ((c * chunk + j) / self.inner, (c * chunk + j) % self.inner);
                let line = &x[outer * self.axis * self.inner..][..self.axis * self.inner];
                *o = f(line.get(inner..).unwrap_or(&[]).iter().step_by(self.inner));
            }
        });
    }
}

#[cfg(test)]
mod tests;
