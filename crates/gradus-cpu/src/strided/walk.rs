//! The runs of several views of one shape.

/// Views of one shape, as `rows` runs of `inner` elements in row-major order.
#[derive(Debug)]
pub(super) struct Walk<const N: usize> {
    /// Extents and strides of the loops around a run, outermost first.
    outer: Vec<(usize, [usize; N])>,
    pub(super) rows: usize,
    pub(super) inner: usize,
    /// Strides inside a run.
    pub(super) step: [usize; N],
}

impl<const N: usize> Walk<N> {
    pub(super) fn new(dims: &[usize], strides: [&[usize]; N]) -> Self {
        let mut outer: Vec<(usize, [usize; N])> = Vec::with_capacity(dims.len());
        for (d, &extent) in dims.iter().enumerate() {
            if extent == 1 {
                continue;
            }
            let here = strides.map(|s| s[d]);
            match outer.last_mut() {
                // The loop around this one steps over exactly one pass of it: they are one.
                Some((e, s)) if (0..N).all(|v| s[v] == here[v] * extent) => {
                    *e *= extent;
                    *s = here;
                }
                _ => outer.push((extent, here)),
            }
        }
        let (inner, step) = outer.pop().unwrap_or((1, [1; N]));
        let rows = outer.iter().map(|(e, _)| e).product();
        Self { outer, rows, inner, step }
    }

    /// The loop next to the runs: its extent and strides.
    pub(super) fn around(&self) -> Option<(usize, [usize; N])> {
        self.outer.last().copied()
    }

    /// Calls `f` with the place in each view where runs `first .. first + count` start.
    #[inline(always)]
    pub(super) fn runs(&self, first: usize, count: usize, mut f: impl FnMut(usize, [usize; N])) {
        let mut index = vec![0; self.outer.len()];
        let mut at = [0; N];
        let mut left = first;
        for (i, (extent, stride)) in index.iter_mut().zip(&self.outer).rev() {
            *i = left % extent;
            left /= extent;
            for v in 0..N {
                at[v] += *i * stride[v];
            }
        }
        for row in 0..count {
            f(row, at);
            for (i, (extent, stride)) in index.iter_mut().zip(&self.outer).rev() {
                *i += 1;
                for v in 0..N {
                    at[v] += stride[v];
                }
                if *i < *extent {
                    break;
                }
                *i = 0;
                for v in 0..N {
                    at[v] -= extent * stride[v];
                }
            }
        }
    }
}

/// Panics unless the layout stays inside `len` elements.
pub(super) fn check(op: &str, layout: &gradus_core::Layout, len: usize) {
    if !layout.is_empty() {
        let steps = layout.dims().iter().zip(layout.strides());
        let last = layout.offset() + steps.map(|(d, s)| (d - 1) * s).sum::<usize>();
        assert!(last < len, "{op}: the layout reaches element {last} of {len}");
    }
}
