//! A reduction seen as three loops: outer, reduced, inner.

use gradus_core::{Dims, Shape};
use gradus_cpu::memory::take;
use gradus_cpu::reduce::Axis;

use crate::{Element, Error, Result, Tensor};

/// A contiguous tensor `[outer, axis, inner]` to be reduced over the middle, and the two shapes to
/// show the result in.
pub(crate) struct Axes {
    pub(crate) input: Tensor,
    pub(crate) axis: Axis,
    /// The reduced dimensions left out.
    dropped: Shape,
    /// The reduced dimensions with extent 1.
    kept: Shape,
}

/// Where the reduced dimensions must stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Next to each other.
    Together,
    /// At the end, so that `inner` is 1.
    Last,
}

impl Axes {
    /// Moves the reduced dimensions where they must stand, which costs a copy if they are not.
    pub(crate) fn new(op: &'static str, x: &Tensor, dims: &Dims, place: Place) -> Result<Self> {
        let reduced = dims.resolve(op, x.rank())?;
        let extents = x.dims();
        let kept_dims = || (0..x.rank()).filter(|d| !reduced.contains(d));
        let dropped: Shape = kept_dims().map(|d| extents[d]).collect();
        let kept = with_ones(extents, &reduced);
        let first = reduced.first().map_or(x.rank(), |&d| d);
        let end = first + reduced.len();
        let product = |dims: &[usize]| dims.iter().product::<usize>();
        let together = reduced.last().is_none_or(|&last| last + 1 == end);
        let inner = if together { product(&extents[end..]) } else { 0 };
        let len = reduced.iter().map(|&d| extents[d]).product();
        if together && (place == Place::Together || inner == 1) {
            let axis = Axis { outer: product(&extents[..first]), axis: len, inner };
            return Ok(Self { input: x.contiguous(), axis, kept, dropped });
        }
        let order: Vec<usize> = kept_dims().chain(reduced.iter().copied()).collect();
        let axis = Axis::rows(dropped.len(), len);
        Ok(Self { input: x.permute(&order)?.contiguous(), axis, kept, dropped })
    }

    /// Fails if a value is asked for where there is no element.
    pub(crate) fn require_elements(&self, op: &'static str, x: &Tensor) -> Result<()> {
        if self.axis.axis == 0 && !self.dropped.is_empty() {
            let shape = x.shape().clone();
            return Err(Error::Core(gradus_core::Error::EmptyReduction { op, shape }));
        }
        Ok(())
    }

    /// Runs a kernel on the elements and a fresh output.
    pub(crate) fn run<S: Element, D: Element>(
        self,
        kernel: impl FnOnce(Axis, &[S], &mut [D]),
    ) -> Reduced {
        let mut out = take(self.dropped.len());
        kernel(self.axis, &self.input.elements(), &mut out);
        Reduced { value: Tensor::from_data(out, self.dropped), kept: self.kept }
    }
}

/// A reduction over dimensions that are not next to each other, in steps: those after the last gap
/// first, which costs no copy. `None` if there is no gap.
pub(crate) fn in_steps(
    op: &'static str,
    x: &Tensor,
    dims: &Dims,
    reduce: impl Fn(&Tensor, &Dims) -> Result<Reduced>,
) -> Result<Option<Reduced>> {
    let reduced = dims.resolve(op, x.rank())?;
    let Some(gap) = reduced.windows(2).rposition(|pair| pair[0] + 1 != pair[1]) else {
        return Ok(None);
    };
    // Those before the gap keep their places.
    let (before, after) = reduced.split_at(gap + 1);
    let partial = reduce(x, &after.into())?.dropped();
    let value = reduce(&partial, &before.into())?.dropped();
    Ok(Some(Reduced { value, kept: with_ones(x.dims(), &reduced) }))
}

/// The shape with extent 1 where it is reduced.
fn with_ones(extents: &[usize], reduced: &[usize]) -> Shape {
    extents.iter().enumerate().map(|(d, &n)| if reduced.contains(&d) { 1 } else { n }).collect()
}

/// What a reduction gives.
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
