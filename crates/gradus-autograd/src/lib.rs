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
//! # Derivatives of functions
//!
//! [`jvp`] and [`vjp`] are the products with a Jacobian from either side (forward and reverse mode),
//! [`hvp`] that with a Hessian, [`jacobian`] and [`hessian`] these as a whole. All are exact, and can be
//! differentiated again.
//!
//! # Memory, hooks, faults
//!
//! [`checkpoint`] forgets what happens inside a function and runs it again when the gradient needs it.
//! [`Var::with_hook`] sees, or changes, the gradient of a variable; [`Var::backward_each`] hands out the
//! gradients of leaves as they become complete. [`detect_anomaly`], or `GRADUS_ANOMALY=nan` in the
//! environment, names the op and the layer that made the first NaN, forward or backward.
//!
//! # An op of your own
//!
//! If no chain of ops does it, or not fast enough:
//!
//! 1. Work the value out on the tensors, [`Var::value`], by whatever means.
//! 2. Hand it to [`Var::from_op`] with the inputs and a closure from the gradient of the output to the
//!    gradients of the inputs ([`Var::from_op_outputs`], if there are several outputs).
//! 3. Write that closure in ops of `Var`: then there are derivatives of every order, `jvp` and the rest.
//!    One that leaves the graph (by `value` or `detach`) has a first derivative only.
//! 4. Hold it to differences with [`gradcheck`] and [`gradgradcheck`], at several shapes.
//!
//! An input that is saved for the derivative is cloned into the closure, which shares its memory; the
//! output comes as the closure's second argument. A gradient has the shape and the dtype of its input:
//! that of a broadcast input is summed with [`Var::sum_to`]; `None` stands for zero.
//!
//! ```
//! use gradus_autograd::{Result, Var, gradcheck, gradgradcheck};
//! use gradus_tensor::Tensor;
//!
//! /// √(x² + y²) without overflow, with broadcasting.
//! fn hypot(x: &Var, y: &Var) -> Result<Var> {
//!     let (a, b) = (x.value().abs()?, y.value().abs()?);
//!     let (large, small) = (a.maximum(&b)?, a.minimum(&b)?);
//!     let value = small.div(&large)?.square()?.add_scalar(1.0)?.sqrt()?.mul(&large)?;
//!     let saved = [x.clone(), y.clone()];
//!     Ok(Var::from_op("hypot", &[x, y], value, move |grad, h| {
//!         let part = |x: &Var| grad.mul(&x.div(h)?)?.sum_to(x.shape()).map(Some);
//!         saved.iter().map(part).collect()
//!     }))
//! }
//!
//! let inputs = [Tensor::from([[3.0f64], [-1.0]]), Tensor::from([4.0f64, 0.5])];
//! gradcheck(|x| hypot(&x[0], &x[1]), &inputs)?;
//! gradgradcheck(|x| hypot(&x[0], &x[1]), &inputs)?;
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

mod anomaly;
mod backward;
mod buffer;
mod checkpoint;
mod composite;
mod error;
mod formula;
mod functional;
mod gradcheck;
mod grads;
mod hook;
mod mode;
mod module;
mod node;
mod operator;
mod ops;
mod param;
mod sweep;
#[cfg(test)]
mod testing;
mod var;

pub use anomaly::{Anomaly, Pass, Watch, detect_anomaly, named_scope};
pub use backward::{grad, grad_with};
pub use buffer::Buffer;
pub use checkpoint::{checkpoint, checkpoint_module};
pub use error::{Error, Result};
pub use functional::{hessian, hvp, jacobian, jvp, vjp};
pub use gradcheck::{GradCheck, gradcheck, gradgradcheck};
pub use grads::{Grads, Leaf};
pub use gradus_tensor::{AttentionOptions, Causal};
pub use mode::{Graph, is_grad_enabled, no_grad};
pub use module::{Module, Path, Segment, Slot, SlotMut};
pub use node::LeafId;
pub use ops::{Bag, LocalResponse, RecurrentOptions, RecurrentWeights, RnnActivation};
pub use param::Param;
pub use var::Var;

pub use gradus_tensor::{Number, Pointwise, pointwise};
