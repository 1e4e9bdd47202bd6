//! Reverse-mode automatic differentiation, checked and differentiable again.
//!
//! - [`Var`] is a tensor that remembers how it was made. It has `Tensor`'s methods; each records
//!   its derivative if an input wants a gradient and the thread is not inside [`no_grad`].
//! - [`Var::backward`] gives the [`Grads`] of a number: a gradient per leaf. [`grad`] gives those
//!   of chosen inputs and, with [`Graph::Keep`], lets them be differentiated again, to any order.
//! - [`Param`] is what a model learns, [`Buffer`] what it merely keeps; a [`Module`] is a tree
//!   of both with names, which a state dictionary or an optimizer walks.
//! - [`gradcheck`] and [`gradgradcheck`] hold a derivative against finite differences.
//!
//! A line fitted by hand:
//!
//! ```
//! use gradus_autograd::{Param, Var};
//! use gradus_tensor::Tensor;
//!
//! let x = Var::constant(Tensor::from([0.0f32, 1.0, 2.0, 3.0]));
//! let target = Var::constant(Tensor::from([1.0f32, 3.0, 5.0, 7.0])); // 2x + 1
//! let mut params = [Param::new(Tensor::scalar(0.0f32)), Param::new(Tensor::scalar(0.0f32))];
//! let mut loss = f64::INFINITY;
//! for _ in 0..200 {
//!     let [slope, offset] = params.each_ref().map(Param::var);
//!     let error = &x * slope + offset - &target;
//!     let mean = error.square()?.mean(..)?;
//!     let grads = mean.backward()?;
//!     for param in &mut params {
//!         if let Some(grad) = grads.get(param) {
//!             param.set_value(param.value() - grad * 0.1)?;
//!         }
//!     }
//!     loss = mean.item()?;
//! }
//! assert!(loss < 1e-4);
//! assert!((params[0].value().item()? - 2.0).abs() < 0.02);
//! # Ok::<(), gradus_autograd::Error>(())
//! ```
//!
//! A second derivative:
//!
//! ```
//! use gradus_autograd::{Graph, Var, grad};
//! use gradus_tensor::Tensor;
//!
//! let x = Var::leaf(Tensor::scalar(0.5f64));
//! let dy = grad(&x.sin()?, &[&x], Graph::Keep)?.remove(0); // cos x
//! let ddy = grad(&dy, &[&x], Graph::Drop)?.remove(0); // −sin x
//! assert_eq!(ddy.item()?, -0.5f64.sin());
//! # Ok::<(), gradus_autograd::Error>(())
//! ```
//!
//! A formula of your own, fused, with derivatives of any order: [`Var::pointwise`].
//!
//! Ops without a derivative (comparisons, `argmax`) return a `Tensor` or are
//! called on [`Var::value`], so a gradient is never lost in silence: `tests/registry` walks the
//! table of all ops and checks every derivative.
//!
//! This crate knows no layer, no optimizer and no file.
#![forbid(unsafe_code)]

mod backward;
mod buffer;
mod composite;
mod error;
mod formula;
mod gradcheck;
mod grads;
mod mode;
mod module;
mod node;
mod operator;
mod ops;
mod param;
#[cfg(test)]
mod testing;
mod var;

pub use backward::grad;
pub use buffer::Buffer;
pub use error::{Error, Result};
pub use gradcheck::{GradCheck, gradcheck, gradgradcheck};
pub use grads::{Grads, Leaf};
pub use gradus_tensor::{AttentionOptions, Causal};
pub use mode::{Graph, is_grad_enabled, no_grad};
pub use module::{Module, Path, Segment, Slot, SlotMut};
pub use node::LeafId;
pub use ops::{RecurrentOptions, RecurrentWeights, RnnActivation};
pub use param::Param;
pub use var::Var;

pub use gradus_tensor::{Number, Pointwise, pointwise};
