//! The usual chains as one formula per element, in one pass over all parameters.
//!
//! A chain of clipping, decay, moments or momentum, and decay again is what the ready optimizers make.
//! [`Plan::of`] finds it in a chain; [`Plan::apply`] runs it, and the move of the parameters, in place.
//! The bits are those of the links one after the other, which other chains, and bf16, go through.

mod links;
mod moments;
mod part;
mod plan;
mod rules;
mod run;
#[cfg(test)]
mod tests;

pub use part::Part;
pub(crate) use plan::Plan;
pub(crate) use run::{Target, fits};
