//! Warps: small changes of a row of logits, applied before every draw.
//!
//! One file per warp. A chain is a [`Warps`] list; [`Warps::standard`] gives the usual order.

mod allow;
mod bias;
mod chain;
mod dry;
mod min_p;
mod mirostat;
mod nucleus;
mod pattern;
mod penalty;
mod repetition;
mod temperature;
mod top_k;
mod top_n_sigma;
mod top_p;
mod traits;
mod typical;
mod xtc;

pub use allow::Allow;
pub use bias::Bias;
pub use chain::Warps;
pub use dry::Dry;
pub use min_p::MinP;
pub use mirostat::Mirostat;
pub use pattern::Pattern;
pub use penalty::Penalty;
pub use repetition::Repetition;
pub use temperature::Temperature;
pub use top_k::TopK;
pub use top_n_sigma::TopNSigma;
pub use top_p::TopP;
pub use traits::{History, Stage, Warp};
pub use typical::Typical;
pub use xtc::Xtc;
