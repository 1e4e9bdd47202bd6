//! How packed planes of `bf16` lie in memory. One layout serves all engines.
//!
//! ```text
//! rows of A, in blocks of `height`:   [step][row][32 k]
//! columns of B, in panels of 32:      [step][16 pairs of k][32 columns][2]
//! ```
//! A step is 32 values of k; short ones, short blocks and short panels are filled with zeros. So a
//! row of a step is one cache line, a pair of A is one 32-bit word that a vector instruction
//! broadcasts, and both are tiles as AMX wants them.

/// Values of k in a step.
pub(super) const STEP: usize = 32;
/// Columns of a panel of B.
pub(super) const WIDTH: usize = 32;
/// Elements of a step of a panel of B.
pub(super) const PANEL_STEP: usize = STEP * WIDTH;
/// More rows than this are in no block of A.
pub(super) const MAX_HEIGHT: usize = 32;

/// The order inside a step, which packing brings its elements into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `[x][k]`, for A.
    Rows,
    /// `[pair of k][x][2]`, for B.
    Pairs,
}

/// What is kept of an `f32`. A `bf16` is its own high part, and its low part is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The nearest `bf16`.
    Whole,
    /// The first of two planes whose sum has 16 to 17 bits.
    High,
    /// The second: the nearest `bf16` to what the first left.
    Low,
}

/// The plane products that make up one product: entry `i` of A meets entry `i` of B. Each is a step
/// of its own in the packed operands, so to the kernels three products are three times the steps.
#[derive(Debug, Clone, Copy)]
pub(in crate::gemm) struct Planes {
    pub(super) a: &'static [Part],
    pub(super) b: &'static [Part],
}

impl Planes {
    /// bf16 products.
    pub(in crate::gemm) const ONE: Self = Self { a: &[Part::Whole], b: &[Part::Whole] };
    /// Low·high, high·high, high·low. The order is part of the K order.
    pub(in crate::gemm) const THREE: Self =
        Self { a: &[Part::Low, Part::High, Part::High], b: &[Part::High, Part::High, Part::Low] };

    /// Whether each operand is one plane.
    pub(super) const fn single(self) -> bool {
        self.a.len() == 1
    }

    /// Packed steps for `k` values.
    pub(super) const fn steps(self, k: usize) -> usize {
        k.div_ceil(STEP) * self.a.len()
    }

    /// Packed values of k that matter: the last step of a single plane may be shorter.
    pub(super) const fn depth(self, k: usize) -> usize {
        if self.single() { k } else { self.steps(k) * STEP }
    }
}
