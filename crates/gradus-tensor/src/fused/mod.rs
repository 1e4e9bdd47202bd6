//! Pieces of networks in one pass over memory, and their gradients.
//!
//! `gradus-autograd` differentiates through them: the forward passes leave what the gradients need.

mod dropout;
mod loss;
mod norm;
mod unary_grad;

pub use loss::{ClassLosses, Classes};
pub use norm::{NormGrads, Normalized};

#[cfg(test)]
mod tests;
