//! Formulas of your own on every element: one loop forward, one loop for all gradients.
//!
//! A formula is written once, for any [`Number`]. The compiler turns it into two fused, vectorised
//! loops: with [`Lane`], a float that knows the level, it gives the values; with [`Dual`], a value and
//! its partial derivatives, it gives the gradients. Nothing is stored between the steps of a formula.
//!
//! ```
//! use gradus_cpu::pointwise::{forward, gradients};
//!
//! gradus_cpu::pointwise! {
//!     struct SwiGlu;
//!     |x, gate| x * x.sigmoid() * gate
//! }
//!
//! let (x, gate) = ([0.0f32, 1.0], [4.0, 2.0]);
//! let (mut y, mut dx, mut dgate) = ([0.0; 2], [0.0; 2], [0.0; 2]);
//! forward(&SwiGlu, [&x, &gate], &mut y);
//! gradients(&SwiGlu, [&x, &gate], &[1.0, 1.0], [&mut dx, &mut dgate]);
//! assert_eq!((y[0], dx[0], dgate[0]), (0.0, 2.0, 0.0)); // y = x σ(x) gate at x = 0
//! ```

mod dual;
mod formula;
mod lane;
mod number;
mod run;

pub use dual::Dual;
pub use lane::Lane;
pub use number::{Number, Pointwise};
pub use run::{forward, gradients};

#[cfg(test)]
mod tests;
