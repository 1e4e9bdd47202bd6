//! Recurrent layers as whole sequences: plain RNN, LSTM and GRU, with gradients.
//!
//! ```text
//! kept = x · W_ihᵀ                      all steps at once: T·B rows
//! for t in time order:
//!     for each share of the units, in parallel:
//!         product = h[t-1] · W_hhᵀ      B rows, weights packed once per call
//!         kept[t], h[t] = cell(kept[t] + product + bias, h[t-1])
//! ```
//! Gradients run the same loop backwards: the product that carries the gradient to the step before and
//! the cell's own derivative are one task per share of the units, so there is one hand-over per step.
//! What the weights get is one product over all steps, with K = (t, b).
//!
//! Sequences lie as `[T, B, …]`. `states` holds one slot more than there are steps, so that a step
//! finds the state before it in the neighbouring slot: in [`Order::Forward`] slot 0 is the start and
//! step t fills slot t + 1; in [`Order::Reverse`] slot T is the start and step t fills slot t. A row that
//! is shorter than the batch carries its state through the steps that it lacks.
//!
//! Every row has the same bits alone, in a batch, and step by step, for any number of threads: products
//! have a fixed order (see [`gemm`](crate::gemm)), and threads split units, never a sum.

mod backward;
mod cell;
mod forward;
mod gru;
mod lanes;
mod lstm;
mod panels;
mod products;
mod rnn;
mod sequence;

pub use backward::{Backward, Start, Tape, Upstream, backward};
pub use cell::Cell;
pub use forward::{Forward, Weights, forward};
pub use products::{grad_input, grad_input_weight, grad_state_weight};
pub use sequence::{Order, Sequence};

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;
