//! What a microkernel is given.

use half::bf16;

use super::super::Beta;
use super::super::view::Target;

/// A block of A against a panel of B, in the [layout](super::layout): `rows × 32` outputs.
///
/// Microkernels add to C, or overwrite it for [`Beta::Zero`], over all `k`; they always compute
/// 32 columns.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    /// The first step of the block.
    pub(super) a: *const u16,
    /// Rows that the block has room for, hence the distance of its steps.
    pub(super) height: usize,
    /// The first step of the panel.
    pub(super) b: *const u16,
    /// Values of k, at least one. An odd last one has a zero beside it.
    pub(super) k: usize,
    /// The first element of C.
    pub(super) c: Target<f32>,
    /// Rows to compute, at most `height`.
    pub(super) rows: usize,
    pub(super) beta: Beta,
    /// Where the sums go instead, rounded, if the engine [does that](super::engine::Engine::rounds).
    pub(super) halves: Option<Target<bf16>>,
}

/// A microkernel.
///
/// # Safety
/// - The machine has its instructions.
/// - `k` values of the block and of the panel are valid, as are 32 columns of `rows` rows of C.
pub(super) type Micro = unsafe fn(&Tile);
