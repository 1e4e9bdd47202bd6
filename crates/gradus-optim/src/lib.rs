//! Gradient transformations, optimizers and schedules.
//!
//! - A [`Transformation`] maps gradients to updates and may remember something: clip them, scale
//!   them by running moments, add decayed weights. Each is small and does one thing.
//! - An [`Optimizer`] is a chain of transformations, a learning rate with a [`Schedule`], and a
//!   step counter. [`Optimizer::step`] moves every parameter that has a gradient by −rate · update.
//! - [`Sgd`], [`Adagrad`], [`Adadelta`], [`RmsProp`], [`Rprop`], [`Adam`], [`AdamW`], [`Adamax`],
//!   [`NAdam`], [`RAdam`], [`AdaBelief`], [`Lion`], [`Muon`], [`Adafactor`] and [`Lamb`] are plain
//!   settings that make the chain of the method of that name, with PyTorch's semantics.
//! - [`Lbfgs`] and [`Sam`] look at the loss more than once in a step, so they take a closure.
//! - An optimizer may have groups of parameters ([`Group`]), gather gradients, look ahead, and watch a
//!   [`Plateau`]; [`LrFinder`] tries learning rates.
//! - State is a map from names such as `exp_avg.blocks.0.attn.q.weight` to tensors: save it, load
//!   it, and the run goes on with the same bits.
//!
//! ```
//! use gradus_autograd::Param;
//! use gradus_optim::{AdamW, Schedule, clip_by_global_norm};
//! use gradus_tensor::Tensor;
//!
//! // Any module will do; here a list of one parameter. The loss is (w − 3)².
//! let mut model = vec![Param::new(Tensor::from([0.0f32]))];
//! let schedule = Schedule::cosine(200).warmup(10);
//! let mut optimizer = AdamW { lr: 0.1, schedule, weight_decay: 0.0, ..AdamW::default() }
//!     .init()?
//!     .first(clip_by_global_norm(1.0)?);
//! for _ in 0..200 {
//!     let loss = model[0].var().sub_scalar(3.0)?.square()?.sum(..)?;
//!     optimizer.step(&mut model, &loss.backward()?)?;
//! }
//! assert!((model[0].value().item()? - 3.0).abs() < 0.01);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate knows no layer, no data and no file: it sees paths, parameters and gradients.
#![forbid(unsafe_code)]

mod accumulation;
mod error;
mod fused;
mod group;
mod lbfgs;
mod lookahead;
mod lr_finder;
mod memory;
mod optimizer;
mod optimizers;
mod plateau;
mod sam;
mod schedule;
mod state;
mod transform;

pub use error::{Error, Result};
pub use fused::Part;
pub use group::Group;
pub use lbfgs::{Lbfgs, LbfgsInfo, LbfgsOptimizer, LineSearch};
pub use lr_finder::{LrCurve, LrFinder};
pub use memory::Memory;
pub use optimizer::{Optimizer, StepInfo};
pub use optimizers::{
    AdaBelief, Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Lamb, Lion, Muon, NAdam, RAdam,
    RmsProp, Rprop, Sgd,
};
pub use plateau::{Plateau, PlateauMode, Threshold};
pub use sam::{Sam, SharpnessAware};
pub use schedule::{Anneal, Schedule};
pub use transform::{
    Adadeltas, Adafactors, Adagrads, AdamMoments, AdamaxMoments, AmsGradMoments, BeliefMoments,
    Chain, ClipByGlobalNorm, ClipByNorm, ClipByValue, Decay, LionMoments, Masked, MatrixRate,
    Momentum, NesterovMoments, Noise, Orthogonalize, RectifiedMoments, RmsMoments, Rprops, Scale,
    ScaleBySchedule, Stddevs, Trace, Transformation, TrustRatio, Update, Updates,
    add_decayed_weights, add_noise, clip_by_global_norm, clip_by_norm, clip_by_value, masked,
    orthogonalize, scale, scale_by_adadelta, scale_by_adafactor, scale_by_adagrad, scale_by_adam,
    scale_by_adamax, scale_by_amsgrad, scale_by_belief, scale_by_lion, scale_by_nadam,
    scale_by_radam, scale_by_rms, scale_by_rprop, scale_by_schedule, scale_by_stddev,
    scale_by_trust_ratio, trace,
};
