//! The links of the chain that an optimizer is.

mod adagrad;
mod adam;
mod chain;
mod clip_by_global_norm;
mod clip_by_value;
mod decayed_weights;
mod masked;
mod rms;
mod scale;
mod scale_by_schedule;
mod trace;
mod transformation;

pub use adagrad::{Adagrads, scale_by_adagrad};
pub use adam::{AdamMoments, scale_by_adam};
pub use chain::Chain;
pub use clip_by_global_norm::{ClipByGlobalNorm, clip_by_global_norm};
pub(crate) use clip_by_global_norm::{clip_factor, global_norm};
pub use clip_by_value::{ClipByValue, clip_by_value};
pub use decayed_weights::{Decay, add_decayed_weights};
pub use masked::{Masked, masked};
pub use rms::{RmsMoments, scale_by_rms};
pub use scale::{Scale, scale};
pub use scale_by_schedule::{ScaleBySchedule, scale_by_schedule};
pub use trace::{Momentum, Trace, trace};
pub use transformation::{Transformation, Update, Updates};
