//! How outputs read the source, in one direction.
//!
//! Cut the source into *phases*, the places with the same remainder by the step. Then every tap is
//! a shift: output `o` reads place `o + shift` of one phase. That holds forward for any stride and
//! dilation, and for the gradient of the input, whose outputs are cut into phases themselves.

use crate::Window;

/// One tap of the kernel: output `o` reads place `o + shift` of phase `phase`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tap {
    /// Its place in the kernel.
    pub(super) kernel: usize,
    pub(super) phase: usize,
    pub(super) shift: usize,
}

/// A range of places of a phase: `lead` before the source, then `len` inside, the first of which is
/// source place `start`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inside {
    pub(super) lead: usize,
    pub(super) len: usize,
    pub(super) start: usize,
}

/// One direction of a correlation.
#[derive(Debug)]
pub(super) struct Axis {
    /// How many outputs there are.
    pub(super) outputs: usize,
    /// Where output `o` is written: `first + o * stride`.
    pub(super) first: usize,
    pub(super) stride: usize,
    /// Extent of the source.
    pub(super) source: usize,
    /// Place `u` of the phase with remainder `r` is source place `u * step + r - pad`; what lies
    /// outside is zero.
    pub(super) step: usize,
    pub(super) pad: isize,
    /// The remainder of each phase that a tap reads.
    pub(super) phases: Vec<usize>,
    /// Taps that are read, rising.
    pub(super) taps: Vec<Tap>,
}

impl Axis {
    /// Dimension `d` of the forward pass from `size` places to `out`.
    pub(super) fn forward(window: &Window, d: usize, size: usize, out: usize) -> Self {
        let step = window.stride[d];
        let mut phases = Vec::new();
        let mut taps = Vec::with_capacity(window.kernel[d]);
        for kernel in 0..window.kernel[d] {
            let at = kernel * window.dilation[d];
            let phase = phases.iter().position(|r| *r == at % step).unwrap_or(phases.len());
            if phase == phases.len() {
                phases.push(at % step);
            }
            taps.push(Tap { kernel, phase, shift: at / step });
        }
        let pad = window.padding[d].cast_signed();
        Self { outputs: out, first: 0, stride: 1, source: size, step, pad, phases, taps }
    }

    /// Dimension `d` of the gradient of the input: one axis for each phase of its `size` places,
    /// reading the gradient of the `out` outputs.
    pub(super) fn backward(window: &Window, d: usize, size: usize, out: usize) -> Vec<Self> {
        let (stride, padding) = (window.stride[d], window.padding[d]);
        let phase = |r: usize| {
            // Input place `t * stride + r - padding` is read by tap `q * stride + r` of output
            // `t - q`.
            let start = padding.saturating_sub(r).div_ceil(stride);
            let first = start * stride + r - padding;
            let own = (0..window.kernel[d]).map(|k| (k, k * window.dilation[d]));
            let own: Vec<_> =
                own.filter(|(_, at)| at % stride == r).map(|(k, at)| (k, at / stride)).collect();
            let most = own.iter().map(|(_, q)| *q).max().unwrap_or(0);
            let taps = own.iter().map(|(k, q)| Tap { kernel: *k, phase: 0, shift: most - q });
            Self {
                outputs: size.saturating_sub(first).div_ceil(stride),
                first,
                stride,
                source: out,
                step: 1,
                pad: most.cast_signed() - start.cast_signed(),
                phases: vec![0],
                taps: taps.collect(),
            }
        };
        (0..stride).map(phase).filter(|axis| axis.outputs > 0).collect()
    }

    /// The largest shift.
    pub(super) fn reach(&self) -> usize {
        self.taps.iter().map(|t| t.shift).max().unwrap_or(0)
    }

    /// Which of the places `first .. first + count` of a phase lie inside the source.
    pub(super) fn inside(&self, phase: usize, first: usize, count: usize) -> Inside {
        let place = |u: usize| (u * self.step + self.phases[phase]).cast_signed() - self.pad;
        let lead = (-place(first)).max(0).unsigned_abs().div_ceil(self.step).min(count);
        let start = place(first + lead).max(0).unsigned_abs();
        let len = self.source.saturating_sub(start).div_ceil(self.step).min(count - lead);
        Inside { lead, len, start }
    }

    /// Whether the source itself holds what `outputs` and their shifts read.
    pub(super) fn is_in_place(&self) -> bool {
        self.step == 1 && self.pad == 0 && self.outputs + self.reach() <= self.source
    }
}
