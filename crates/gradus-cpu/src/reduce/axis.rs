//! Extents of a reduction.

use crate::pool;

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
    pub(super) fn check(&self, op: &str, input: usize, output: usize) {
        assert_eq!(input, self.outer * self.axis * self.inner, "{op}: length of x");
        assert_eq!(output, self.outer * self.inner, "{op}: length of out");
    }

    /// Reduces one output at a time along a strided line, for ops with no faster way.
    pub(super) fn lines<T: Copy + Sync, O: Send>(
        &self,
        x: &[T],
        out: &mut [O],
        ns: f64,
        f: impl Fn(std::iter::StepBy<std::slice::Iter<'_, T>>) -> O + Sync,
    ) {
        let chunk = pool::grain(out.len(), ns * self.axis as f64);
        pool::for_slices(out, chunk, |c, out| {
            for (j, o) in out.iter_mut().enumerate() {
                let (outer, inner) = ((c * chunk + j) / self.inner, (c * chunk + j) % self.inner);
                let line = &x[outer * self.axis * self.inner..][..self.axis * self.inner];
                *o = f(line.get(inner..).unwrap_or(&[]).iter().step_by(self.inner));
            }
        });
    }
}
