//! A reduction seen as three loops: outer, reduced, inner.

use gradus_core::{Dims, Shape};

use crate::{Element, Result, Tensor};

/// A contiguous tensor of shape `[outer, len, inner]`, to be reduced over the middle.
pub(crate) struct Axes {
    pub(crate) op: &'static str,
    pub(crate) input: Tensor,
    pub(crate) outer: usize,
    pub(crate) len: usize,
    pub(crate) inner: usize,
    kept: Shape,
    dropped: Shape,
}

/// What a reduction gives: the values, and the two shapes to show them in.
pub(crate) struct Reduced {
    /// In the shape without the reduced dimensions.
    value: Tensor,
    kept: Shape,
}

impl Reduced {
    pub(crate) fn dropped(self) -> Tensor {
        self.value
    }

    pub(crate) fn kept(self) -> Tensor {
        self.value.reshape(self.kept).expect("both shapes have the same element count")
    }

    pub(crate) fn map(self, f: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Self> {
        Ok(Self { value: f(&self.value)?, kept: self.kept })
    }
}

impl Axes {
    /// Moves the dimensions next to each other if they are not, which costs a copy.
    pub(crate) fn new(op: &'static str, x: &Tensor, dims: &Dims) -> Result<Self> {
        let reduced = dims.resolve(op, x.rank())?;
        let is_reduced = |d: &usize| reduced.contains(d);
        let extents = x.dims();
        let dropped = (0..x.rank()).filter(|d| !is_reduced(d)).map(|d| extents[d]).collect();
        let kept = (0..x.rank()).map(|d| if is_reduced(&d) { 1 } else { extents[d] }).collect();
        let (first, end) = match (reduced.first(), reduced.last()) {
            (Some(&first), Some(&last)) => (first, last + 1),
            _ => (x.rank(), x.rank()),
        };
        let product = |dims: &[usize]| dims.iter().product::<usize>();
        let len = reduced.iter().map(|&d| extents[d]).product();
        if end - first == reduced.len() {
            let (outer, inner) = (product(&extents[..first]), product(&extents[end..]));
            return Ok(Self { op, input: x.contiguous(), outer, len, inner, kept, dropped });
        }
        let order: Vec<usize> =
            (0..x.rank()).filter(|d| !is_reduced(d)).chain(reduced.iter().copied()).collect();
        let input = x.permute(&order)?.contiguous();
        Ok(Self { op, outer: dropped.len(), input, len, inner: 1, kept, dropped })
    }

    /// Fails if a value is asked for where there is no element.
    pub(crate) fn require_elements(&self, shape: &Shape) -> Result<()> {
        if self.len == 0 && self.outer * self.inner > 0 {
            let (op, shape) = (self.op, shape.clone());
            return Err(gradus_core::Error::EmptyReduction { op, shape }.into());
        }
        Ok(())
    }

    /// One value per output from the elements that belong to it.
    pub(crate) fn fold<S: Element, D: Element>(
        self,
        f: impl Fn(&mut dyn Iterator<Item = S>) -> D,
    ) -> Reduced {
        let data = self.input.elements::<S>();
        let mut out = Vec::with_capacity(self.outer * self.inner);
        for o in 0..self.outer {
            for i in 0..self.inner {
                let at = |n: usize| data[(o * self.len + n) * self.inner + i];
                out.push(f(&mut (0..self.len).map(at)));
            }
        }
        drop(data);
        self.finish(out)
    }

    /// The values in their shape.
    pub(crate) fn finish<T: Element>(self, out: Vec<T>) -> Reduced {
        Reduced { value: Tensor::from_data(out, self.dropped), kept: self.kept }
    }
}
