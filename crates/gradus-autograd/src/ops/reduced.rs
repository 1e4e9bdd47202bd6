//! What all reductions share: which dimensions go, and how to bring them back.

use gradus_core::{Dims, Shape};

use crate::{Result, Var};

/// The dimensions that a reduction goes over.
#[derive(Clone)]
pub(super) struct Reduced {
    shape: Shape,
    dims: Vec<usize>,
}

impl Reduced {
    pub(super) fn new(op: &'static str, x: &Var, dims: impl Into<Dims>) -> Result<Self> {
        let dims = dims.into().resolve(op, x.rank())?.to_vec();
        Ok(Self { shape: x.shape().clone(), dims })
    }

    /// The dimensions, in rising order.
    pub(super) fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The shape before the reduction.
    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// How many elements go into one result.
    pub(super) fn count(&self) -> usize {
        self.dims.iter().map(|&dim| self.shape[dim]).product()
    }

    /// A result with extents of 1 where dimensions went.
    pub(super) fn keep(&self, result: Var) -> Result<Var> {
        let extent = |(dim, &n): (usize, &usize)| if self.dims.contains(&dim) { 1 } else { n };
        result.reshape(self.shape.dims().iter().enumerate().map(extent).collect::<Shape>())
    }

    /// A result, repeated in the shape before the reduction.
    pub(super) fn expand(&self, result: &Var) -> Result<Var> {
        self.keep(result.clone())?.expand(&self.shape)
    }
}
