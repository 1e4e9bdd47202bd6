//! What a link is to the one-pass step.

use crate::transform::{Adagrads, AdamMoments, RmsMoments, Trace};

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
    /// [`trace`](crate::trace).
    Trace(&'a mut Trace),
    /// [`scale_by_rms`](crate::scale_by_rms).
    Rms(&'a mut RmsMoments),
    /// [`scale_by_adagrad`](crate::scale_by_adagrad).
    Adagrad(&'a mut Adagrads),
}
