//! One number in, one number out: loops over slices, compiled per instruction set and threaded.
//!
//! | loop | operands | types |
//! |---|---|---|
//! | [`unary`], [`unary_int`], [`unary_grad`] | one slice; for gradients two | floats; integers; floats |
//! | [`binary`], [`binary_scalar`], [`scalar_binary`] | two slices, or a slice and a number | floats and integers |
//! | [`compare`], [`compare_scalar`] | the same, to `bool` | all |
//! | [`map`], [`zip`] | a closure of arithmetic | floats |
//! | [`select`], [`masked_fill`] | a mask and values | all |
//! | [`cast`] | one slice to another type | all |
//!
//! Views with strides and broadcasting are in [`strided`](crate::strided). An element has the same
//! bits whatever slice it stands in, at any length, place or number of threads.

mod arithmetic;
mod binary;
mod binary_ops;
mod cast;
mod closure;
mod compare;
mod select;
mod stream;
mod unary;
mod unary_grad;
mod unary_int;
pub(crate) mod unary_ops;

pub use arithmetic::Arithmetic;
pub use binary::{binary, binary_scalar, scalar_binary};
pub use cast::{CastTo, cast};
pub use closure::{map, zip};
pub use compare::{compare, compare_scalar};
pub use select::{masked_fill, select};
pub use unary::unary;
pub use unary_grad::unary_grad;
pub use unary_int::{Integer, unary_int};

pub(crate) use arithmetic::add;
pub(crate) use binary::{Binary, check_right, visit as visit_binary};
pub(crate) use binary_ops::BinaryFn;
pub(crate) use compare::{Compare, CompareFn, visit as visit_compare};

#[cfg(test)]
mod tests;
