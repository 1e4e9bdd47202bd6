//! Σ dy·y of each query.

use super::lanes::total;
use super::{Rows, TILE, Value};
use crate::isa::Kernel;

/// The inner products of the vectors of a head with their gradients.
pub(super) struct Delta<'a, T> {
    pub(super) y: Rows<'a, T>,
    pub(super) dy: Rows<'a, T>,
    /// The head, and the length of its vectors.
    pub(super) head: usize,
    pub(super) width: usize,
    pub(super) out: &'a mut [T],
}

impl<T: Value> Kernel for Delta<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { y, dy, head, width, out } = self;
        for (i, out) in out.iter_mut().enumerate() {
            let mut lanes = [T::ZERO; TILE];
            let (y, dy) = (y.row(head, i, width), dy.row(head, i, width));
            for (y, dy) in y.chunks(TILE).zip(dy.chunks(TILE)) {
                for (lane, (y, dy)) in lanes.iter_mut().zip(y.iter().zip(dy)) {
                    *lane = *lane + *y * *dy;
                }
            }
            *out = total(&lanes);
        }
    }
}
