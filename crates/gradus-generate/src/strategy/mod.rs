//! Strategies: which positions are drawn together, one file each.

mod ar;
mod beam;
mod blocks;
mod calls;
mod draft;
mod draft_model;
mod drafter;
mod fill;
mod jacobi;
mod lookup;
mod mask_predict;
mod parallel;
mod refine;
mod remdm;
mod row;
mod rule;
mod speculate;
mod step;
mod then;
mod traits;

pub use ar::{Ar, Pick};
pub use beam::Beam;
pub use blocks::Blocks;
pub use draft::{Draft, Drafted};
pub use draft_model::Drafting;
pub use drafter::{Ask, Drafter, Hand};
pub use jacobi::Jacobi;
pub use lookup::Lookup;
pub use mask_predict::MaskPredict;
pub use parallel::Parallel;
pub use remdm::{ReMdm, Sigma};
pub use rule::{Proposal, Rule};
pub use step::{Drawn, Step};
pub use then::{Join, Then};
pub use traits::Strategy;
