//! Derivatives of functions: products with Jacobians and Hessians, and these as a whole.
//!
//! Each takes a function of variables, the point, and a [`Graph`](crate::Graph): with `Keep` the result can
//! be differentiated again, by the inputs and by everything the function closes over.

mod hvp;
mod jacobian;
mod jvp;
mod point;

pub use hvp::hvp;
pub use jacobian::{hessian, jacobian};
pub use jvp::{jvp, vjp};
