//! What a product of `bf16` planes is given.

use std::ops::Range;

use half::bf16;

use super::super::operand::Operand;
use super::super::view::View;
use super::super::{KC, Matrix};
use super::engine::Engine;
use super::layout::{Form, PANEL_STEP, Part, STEP};
use super::pack::Strip;
use super::packed::PackedBf16;
use crate::scratch;

/// How a strip is wanted: the width that it fills, the order inside a step, the planes.
#[derive(Clone, Copy)]
pub(in crate::gemm) struct Want {
    pub(super) engine: Engine,
    pub(super) width: usize,
    pub(super) form: Form,
    pub(super) parts: &'static [Part],
}

impl Want {
    /// Elements of a packed step.
    pub(super) const fn step_len(&self) -> usize {
        match self.form {
            Form::Rows => self.width * STEP,
            Form::Pairs => PANEL_STEP,
        }
    }

    fn strip<S>(self, from: View<S>, k: usize, x: usize) -> Strip<S> {
        Strip { from, k, x, width: self.width, form: self.form, parts: self.parts }
    }
}

/// An operand, seen as `(k, x)`: `x` is a column of B or a row of A.
pub(in crate::gemm) trait Source: Sync {
    /// Packs the elements `k × x`, where `k` starts at a multiple of a step.
    ///
    /// # Safety
    /// - The machine has the instructions of the engine.
    unsafe fn pack(&self, k: Range<usize>, x: Range<usize>, want: Want, out: &mut [u16]);

    /// The operand as panels of a single plane that were packed before.
    fn prepacked(&self) -> Option<&PackedBf16> {
        None
    }
}

impl Source for Matrix<'_, bf16> {
    unsafe fn pack(&self, k: Range<usize>, x: Range<usize>, want: Want, out: &mut [u16]) {
        let view = View::of(self, "operand", k.end, x.end).from(k.start, x.start);
        let strip = want.strip(view, k.len(), x.len());
        // SAFETY: the view was checked up to the ends of both ranges; the rest is passed on.
        unsafe { want.engine.pack(&strip, out) }
    }
}

/// An `f32` operand that is rounded while it is packed.
pub(in crate::gemm) struct Rounded<O>(pub(in crate::gemm) O);

impl<O: Operand<f32>> Source for Rounded<O> {
    unsafe fn pack(&self, k: Range<usize>, x: Range<usize>, want: Want, out: &mut [u16]) {
        if let Some(matrix) = self.0.strided() {
            let view = View::of(&matrix, "operand", k.end, x.end).from(k.start, x.start);
            let strip = want.strip(view, k.len(), x.len());
            // SAFETY: the view was checked up to the ends of both ranges; the rest is passed on.
            return unsafe { want.engine.pack(&strip, out) };
        }
        if let Some(matrix) = self.0.bf16() {
            // SAFETY: passed on from the caller.
            return unsafe { matrix.pack(k, x, want, out) };
        }
        scratch::with(KC * want.width, |near: &mut [f32]| {
            for k0 in k.clone().step_by(KC) {
                let end = k.end.min(k0 + KC);
                let view = near_panel(&self.0, k0..end, x.clone(), near, want.width);
                let strip = want.strip(view, end - k0, x.len());
                let start = (k0 - k.start) / STEP * want.parts.len() * want.step_len();
                // SAFETY: the panel holds these rows; the rest is passed on.
                unsafe { want.engine.pack(&strip, &mut out[start..]) }
            }
        });
    }

    fn prepacked(&self) -> Option<&PackedBf16> {
        self.0.prepacked()?.rounded()
    }
}

/// At most a block of k as a panel: one that was packed before, or else one packed into `near`.
fn near_panel(
    operand: &impl Operand<f32>,
    k: Range<usize>,
    x: Range<usize>,
    near: &mut [f32],
    width: usize,
) -> View<f32> {
    if let Some(packed) = operand.prepacked() {
        let (step, column) = (packed.width(), x.start % packed.width());
        if k.start.is_multiple_of(KC) && column + x.len() <= step {
            let panel = packed.panel(k.start, x.start - column);
            assert!(k.len() * step <= panel.len(), "gemm: packed b");
            return View { ptr: panel[column..].as_ptr(), ks: step, xs: 1 };
        }
    }
    operand.pack(k, x, near, width);
    View { ptr: near.as_ptr(), ks: width, xs: 1 }
}
