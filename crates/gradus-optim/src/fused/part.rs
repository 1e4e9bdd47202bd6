//! What a link is to the one-pass step.

use crate::transform::{
    Adadeltas, Adagrads, AdamMoments, AdamaxMoments, AmsGradMoments, BeliefMoments, LionMoments,
    NesterovMoments, RectifiedMoments, RmsMoments, Trace,
};

/// What a link of a chain is to the one-pass step of an optimizer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Part<'a> {
    /// Something of its own: a chain with such a link goes link by link.
    Other,
    /// [`clip_by_global_norm`](crate::clip_by_global_norm), with its limit.
    ClipByGlobalNorm(f64),
    /// [`add_decayed_weights`](crate::add_decayed_weights), with its factor.
    Decay(f64),
    /// [`scale_by_adam`](crate::scale_by_adam).
    Adam(&'a mut AdamMoments),
    /// [`scale_by_amsgrad`](crate::scale_by_amsgrad).
    AmsGrad(&'a mut AmsGradMoments),
    /// [`scale_by_belief`](crate::scale_by_belief).
    Belief(&'a mut BeliefMoments),
    /// [`scale_by_adamax`](crate::scale_by_adamax).
    Adamax(&'a mut AdamaxMoments),
    /// [`scale_by_nadam`](crate::scale_by_nadam).
    Nadam(&'a mut NesterovMoments),
    /// [`scale_by_radam`](crate::scale_by_radam).
    Radam(&'a mut RectifiedMoments),
    /// [`scale_by_lion`](crate::scale_by_lion).
    Lion(&'a mut LionMoments),
    /// [`trace`](crate::trace).
    Trace(&'a mut Trace),
    /// [`scale_by_rms`](crate::scale_by_rms).
    Rms(&'a mut RmsMoments),
    /// [`scale_by_adagrad`](crate::scale_by_adagrad).
    Adagrad(&'a mut Adagrads),
    /// [`scale_by_adadelta`](crate::scale_by_adadelta).
    Adadelta(&'a mut Adadeltas),
}

impl Part<'_> {
    /// Whether it remembers something that the pass knows.
    pub(super) const fn is_core(&self) -> bool {
        !matches!(self, Self::Other | Self::ClipByGlobalNorm(_) | Self::Decay(_))
    }
}
