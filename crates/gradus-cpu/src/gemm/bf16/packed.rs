//! A `bf16` matrix packed once for many products.

use std::ops::Range;

use half::bf16;

use super::super::Matrix;
use super::super::operand::Operand;
use super::engine::Engine;
use super::layout::{Form, PANEL_STEP, Part, STEP, WIDTH};
use super::source::{Rounded, Source, Want};
use crate::pool;
use crate::scratch::Line;

/// The right operand of many `bf16` products, in the order in which the kernels read it.
///
/// For weights that stay the same: generation, the steps of a recurrent layer, frozen layers. It
/// serves every level.
///
/// # Examples
/// ```
/// use gradus_cpu::gemm::{Dims, Matrix, Output, PackedBf16, gemm_bf16_with};
/// use half::bf16;
/// let weight = [1.0, 2.0, 3.0, 4.0].map(bf16::from_f32); // [out, in]
/// let packed = PackedBf16::new(Matrix::new(&weight, 2, 1).t(), 2, 2);
/// let (x, mut y) = ([1.0, 10.0].map(bf16::from_f32), [0.0f32; 2]);
/// let dims = Dims { m: 1, n: 2, k: 2 };
/// gemm_bf16_with(dims, &Matrix::new(&x, 2, 1).t(), &packed, Output::new(&mut y, 2), &());
/// assert_eq!(y, [21.0, 43.0]);
/// ```
#[derive(Clone)]
pub struct PackedBf16 {
    /// Panels of 32 columns over all of k.
    data: Vec<Line>,
    k: usize,
    n: usize,
}

impl std::fmt::Debug for PackedBf16 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { k, n, .. } = self;
        f.debug_struct("PackedBf16").field("k", k).field("n", n).finish_non_exhaustive()
    }
}

impl PackedBf16 {
    /// Packs `k × n` elements of `b`, on several threads if it is large.
    ///
    /// # Panics
    /// If `b` is smaller.
    pub fn new(b: Matrix<'_, bf16>, k: usize, n: usize) -> Self {
        Self::pack(&b, k, n)
    }

    /// Packs `k × n` elements of `b`, rounded to the nearest `bf16`; subnormal ones become zero.
    ///
    /// # Panics
    /// If `b` is smaller.
    pub fn round(b: &impl Operand<f32>, k: usize, n: usize) -> Self {
        Self::pack(&Rounded(b), k, n)
    }

    fn pack(b: &impl Source, k: usize, n: usize) -> Self {
        let panel = panel_len(k);
        let mut data = Line::block::<u16>(n.div_ceil(WIDTH) * panel);
        let engine = Engine::current();
        let want = Want { engine, width: WIDTH, form: Form::Pairs, parts: &[Part::Whole] };
        if panel > 0 {
            pool::for_slices(bytemuck::cast_slice_mut(&mut data), panel, |i, out| {
                // SAFETY: `current` gives an engine of this machine.
                unsafe { b.pack(0..k, i * WIDTH..n.min((i + 1) * WIDTH), want, out) }
            });
        }
        Self { data, k, n }
    }

    /// Rows and columns.
    pub const fn dims(&self) -> (usize, usize) {
        (self.k, self.n)
    }

    /// The panel that starts at column `j`, a multiple of 32, from `k` on, a multiple of a step.
    /// The next panel lies [`panel_len`] of all of k further on.
    pub(super) fn panel(&self, k: usize, j: usize) -> &[u16] {
        let all: &[u16] = bytemuck::cast_slice(&self.data);
        let start = j / WIDTH * panel_len(self.k);
        &all[start + k / STEP * PANEL_STEP..]
    }
}

/// Elements of a panel over `k` values.
pub(super) const fn panel_len(k: usize) -> usize {
    k.div_ceil(STEP) * PANEL_STEP
}

impl Source for PackedBf16 {
    unsafe fn pack(&self, k: Range<usize>, x: Range<usize>, want: Want, out: &mut [u16]) {
        // As a left operand: rare, so copied element by element.
        for (i, x) in x.enumerate() {
            for (p, k) in k.clone().enumerate() {
                let from = self.panel(k - k % STEP, x - x % WIDTH);
                let value = from[k % STEP / 2 * (2 * WIDTH) + x % WIDTH * 2 + k % 2];
                out[p / STEP * (want.width * STEP) + i * STEP + p % STEP] = value;
            }
        }
    }

    fn prepacked(&self) -> Option<&Self> {
        Some(self)
    }
}
