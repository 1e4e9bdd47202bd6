//! Which chains go in one pass.

use super::Part;
use super::rules::Frame;
use super::run::{Target, of_adagrad, of_adam, of_nothing, of_rms, of_trace};
use crate::Result;
use crate::transform::{Adagrads, AdamMoments, RmsMoments, Trace, clip_factor};

/// A chain that goes in one pass: clipping, decay, one memory, decay, each of which may be absent.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    clip: Option<f64>,
    before: f64,
    core: Core<'a>,
    after: f64,
}

/// The link that remembers.
#[derive(Debug)]
enum Core<'a> {
    Nothing,
    Adam(&'a mut AdamMoments),
    Trace(&'a mut Trace),
    Rms(&'a mut RmsMoments),
    Adagrad(&'a mut Adagrads),
}

impl<'a> Plan<'a> {
    /// The plan of a chain, if it has that form.
    pub(crate) fn of(parts: impl Iterator<Item = Part<'a>>) -> Option<Self> {
        let mut plan = Self { clip: None, before: 0.0, core: Core::Nothing, after: 0.0 };
        for part in parts {
            match part {
                Part::Decay(0.0) => {}
                Part::ClipByGlobalNorm(limit) if plan.is_empty() => plan.clip = Some(limit),
                Part::Decay(factor) if plan.has_no_core() && plan.before == 0.0 => {
                    plan.before = factor;
                }
                Part::Decay(factor) if !plan.has_no_core() && plan.after == 0.0 => {
                    plan.after = factor;
                }
                Part::Adam(link) if plan.has_no_core() => plan.core = Core::Adam(link),
                Part::Trace(link) if plan.has_no_core() => plan.core = Core::Trace(link),
                Part::Rms(link) if plan.has_no_core() => plan.core = Core::Rms(link),
                Part::Adagrad(link) if plan.has_no_core() => plan.core = Core::Adagrad(link),
                _ => return None,
            }
        }
        Some(plan)
    }

    fn has_no_core(&self) -> bool {
        matches!(self.core, Core::Nothing)
    }

    fn is_empty(&self) -> bool {
        self.clip.is_none() && self.before == 0.0 && self.has_no_core()
    }

    /// Moves the parameters by `rate`, where `norm` is that of all gradients. On an error nothing has
    /// changed.
    pub(crate) fn apply(self, targets: &mut [Target<'_>], norm: f64, rate: f64) -> Result<()> {
        let clip = self.clip.map_or(1.0, |limit| clip_factor(limit, norm));
        let frame = Frame { clip, before: self.before, after: self.after, rate };
        match self.core {
            Core::Nothing => of_nothing(targets, frame),
            Core::Adam(link) => of_adam(link, targets, frame),
            Core::Trace(link) => of_trace(link, targets, frame),
            Core::Rms(link) => of_rms(link, targets, frame),
            Core::Adagrad(link) => of_adagrad(link, targets, frame),
        }
    }
}
