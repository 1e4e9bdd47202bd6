//! Which chains go in one pass.

use super::rules::Frame;
use super::run::Target;
use super::{Part, links};
use crate::Result;
use crate::transform::clip_factor;

/// A chain that goes in one pass: clipping, decay, one memory, decay, each of which may be absent.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    clip: Option<f64>,
    before: f64,
    /// The link that remembers.
    core: Option<Part<'a>>,
    after: f64,
}

impl<'a> Plan<'a> {
    /// The plan of a chain, if it has that form.
    pub(crate) fn of(parts: impl Iterator<Item = Part<'a>>) -> Option<Self> {
        let mut plan = Self { clip: None, before: 0.0, core: None, after: 0.0 };
        for part in parts {
            match part {
                Part::Decay(0.0) => {}
                Part::ClipByGlobalNorm(limit) if plan.is_empty() => plan.clip = Some(limit),
                Part::Decay(factor) if plan.core.is_none() && plan.before == 0.0 => {
                    plan.before = factor;
                }
                Part::Decay(factor) if plan.core.is_some() && plan.after == 0.0 => {
                    plan.after = factor;
                }
                core if core.is_core() && plan.core.is_none() => plan.core = Some(core),
                _ => return None,
            }
        }
        Some(plan)
    }

    const fn is_empty(&self) -> bool {
        self.clip.is_none() && self.before == 0.0 && self.core.is_none()
    }

    /// Moves the parameters by `rate`, where `norm` is that of all gradients. On an error nothing has
    /// changed.
    pub(crate) fn apply(self, targets: &mut [Target<'_>], norm: f64, rate: f64) -> Result<()> {
        let clip = self.clip.map_or(1.0, |limit| clip_factor(limit, norm));
        let frame = Frame { clip, before: self.before, after: self.after, rate };
        match self.core {
            Some(Part::Adam(link)) => links::adam(link, targets, frame),
            Some(Part::AmsGrad(link)) => links::amsgrad(link, targets, frame),
            Some(Part::Belief(link)) => links::belief(link, targets, frame),
            Some(Part::Adamax(link)) => links::adamax(link, targets, frame),
            Some(Part::Nadam(link)) => links::nadam(link, targets, frame),
            Some(Part::Radam(link)) => links::radam(link, targets, frame),
            Some(Part::Lion(link)) => links::lion(link, targets, frame),
            Some(Part::Trace(link)) => links::trace(link, targets, frame),
            Some(Part::Rms(link)) => links::rms(link, targets, frame),
            Some(Part::Adagrad(link)) => links::adagrad(link, targets, frame),
            Some(Part::Adadelta(link)) => links::adadelta(link, targets, frame),
            // The others are no cores, so that `of` has not put them here.
            Some(Part::Other | Part::ClipByGlobalNorm(_) | Part::Decay(_)) | None => {
                links::nothing(targets, frame)
            }
        }
    }
}
