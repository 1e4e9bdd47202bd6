//! Layer norm and RMS norm along rows, forward and backward in one pass each.
//!
//! ```text
//! h = (x − mean) · rstd      y = h · w + b      rstd = 1 / √(var + ε)
//! d = g · w                  dx = rstd · (d − mean d − h · mean(d h))
//! dw = Σ rows g · h          db = Σ rows g
//! ```
//! RMS norm is the same with a mean of 0. The sums of `dw` and `db` run over blocks of rows whose size
//! depends on the number of rows alone, so the bits are the same for any number of threads.

mod backward;
mod forward;

pub use backward::{Gradients, Saved, normalize_grad};
pub use forward::{Affine, Norm, Normalization, normalize};

#[cfg(test)]
mod tests;
