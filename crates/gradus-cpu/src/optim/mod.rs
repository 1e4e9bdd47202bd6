//! Updates of many parameters in one pass.
//!
//! An optimizer's step is a formula on a weight, its gradient and what is remembered of it. Written
//! as ops on tensors, it reads and writes memory once per op; here it is one loop over all
//! parameters, vectorised and shared by the threads. The formula is the caller's: [`update`] is told a
//! [`Rule`] per parameter.
//!
//! ```
//! use gradus_cpu::math::Real;
//! use gradus_cpu::optim::{Rule, Slices, update};
//!
//! /// b ← μ·b + g; w ← w − rate·b
//! #[derive(Clone, Copy)]
//! struct Momentum<T>(T, T);
//!
//! impl<T: Real> Rule<T, 1> for Momentum<T> {
//!     #[inline(always)]
//!     fn call(&self, w: T, g: T, [b]: [T; 1]) -> (T, [T; 1]) {
//!         let b = self.0 * b + g;
//!         (w - self.1 * b, [b])
//!     }
//! }
//!
//! let (mut w, g, mut b) = ([1.0f32, 2.0], [10.0, 20.0], [0.0; 2]);
//! let item = Slices { value: &mut w, grad: &g, state: [&mut b], rule: Momentum(0.9, 0.1) };
//! update(vec![item]);
//! assert_eq!((w, b), ([0.0, 0.0], [10.0, 20.0]));
//! ```

mod squares;
#[cfg(test)]
mod tests;
mod update;

pub use squares::sum_of_squares;
pub use update::{Rule, Slices, update};
