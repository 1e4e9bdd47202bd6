//! Networks that look through noise, how they are trained, and how a solver sees them.
//!
//! A [`TimeConditioned`] network answers for x at a time; a [`Process`] says what the answer means, and
//! has the loss that teaches it; a [`Denoiser`] joins both for the solvers of
//! [`gradus_generate::flow`].

mod condition;
mod consistency;
mod denoiser;
mod diffusion;
mod edm;
mod flow_block;
mod flow_mlp;
mod flow_u_net;
mod process;
mod rows;
mod time_conditioned;

pub use consistency::Consistency;
pub use denoiser::Denoiser;
pub use diffusion::{Diffusion, Pairs};
pub use edm::Edm;
pub use flow_block::FlowBlock2d;
pub use flow_mlp::{FlowMlp, FlowMlpBlock, FlowMlpConfig};
pub use flow_u_net::{FlowUNet, FlowUNetConfig};
pub use process::Process;
pub use time_conditioned::TimeConditioned;

pub use condition::Condition;
