//! Copies of operands in the [layout](super::layout): the plain form, element by element.
//!
//! It serves the levels without AVX-512 BF16 and is the oracle of the vector form.

use half::bf16;

use super::super::view::View;
use super::layout::{Form, PANEL_STEP, Part, STEP, WIDTH};
use super::round;

/// A type that operands are packed from.
pub(super) trait Half: Copy + Sync + 'static {
    /// The bits of a part of the value.
    fn part(self, part: Part) -> u16;
}

#[cfg(target_arch = "x86_64")]
pub(super) use super::pack_x86::Load;
#[cfg(not(target_arch = "x86_64"))]
pub(super) use Half as Load;

impl Half for bf16 {
    #[inline(always)]
    fn part(self, part: Part) -> u16 {
        if part == Part::Low { 0 } else { self.to_bits() }
    }
}

impl Half for f32 {
    #[inline(always)]
    fn part(self, part: Part) -> u16 {
        round::part(self, part)
    }
}

/// A strip of an operand: `x` of its rows or columns, which fill a block or panel of `width`, over
/// `k` values.
#[derive(Clone, Copy)]
pub(super) struct Strip<S> {
    pub(super) from: View<S>,
    pub(super) k: usize,
    pub(super) x: usize,
    pub(super) width: usize,
    pub(super) form: Form,
    pub(super) parts: &'static [Part],
}

impl<S> Strip<S> {
    /// Elements of the packed strip.
    pub(super) const fn len(&self) -> usize {
        self.k.div_ceil(STEP) * self.parts.len() * self.step_len()
    }

    /// Elements of a step.
    pub(super) const fn step_len(&self) -> usize {
        match self.form {
            Form::Rows => self.width * STEP,
            Form::Pairs => PANEL_STEP,
        }
    }
}

/// Packs a strip.
///
/// # Safety
/// - Every element of the strip is valid.
pub(super) unsafe fn plain<S: Load>(strip: &Strip<S>, out: &mut [u16]) {
    let chunks = out[..strip.len()].chunks_exact_mut(strip.step_len());
    for (step, out) in chunks.enumerate() {
        let (k0, part) = (step / strip.parts.len() * STEP, strip.parts[step % strip.parts.len()]);
        let ks = STEP.min(strip.k - k0);
        if ks < STEP || strip.x < strip.width {
            out.fill(0);
        }
        for x in 0..strip.x {
            for k in 0..ks {
                let to = match strip.form {
                    Form::Rows => x * STEP + k,
                    Form::Pairs => k / 2 * (2 * WIDTH) + 2 * x + k % 2,
                };
                // SAFETY: `(k0 + k, x)` is in the strip.
                out[to] = unsafe { strip.from.at(k0 + k, x).read() }.part(part);
            }
        }
    }
}
