//! The vocabulary that every Gradus crate speaks.
//!
//! - [`DType`] names the element types; [`Shape`] holds extents, [`Layout`] adds strides and an
//!   offset, so that views are arithmetic and cost no copy; [`Dim`] and [`Dims`] pick axes.
//! - [`UnaryOp`], [`BinaryOp`], [`CompareOp`] and [`ReduceOp`] are the scalar ops, and [`OPS`] is
//!   the table of *all* public ops. The gradient checks of `gradus-autograd` walk it.
//! - [`Key`] is explicit randomness: a pure function of seed and position (Philox 4×32-10).
//! - [`Error`] says which op was given which shapes.
//!
//! This crate knows no memory: there is no buffer, no tensor and no kernel here.
//!
//! ```
//! use gradus_core::{Key, Kind, Layout};
//!
//! // A transpose is a change of strides.
//! let layout = Layout::contiguous([2, 3]).transpose(0, 1)?;
//! assert_eq!(layout.shape().dims(), &[3, 2]);
//! assert_eq!(layout.offsets().collect::<Vec<_>>(), [0, 3, 1, 4, 2, 5]);
//!
//! // The same key gives the same draw, on any thread, in any order.
//! let key = Key::new(7).kind(Kind::Noise);
//! assert_eq!(key.normal(3), key.normal(3));
//! # Ok::<(), gradus_core::Error>(())
//! ```
#![forbid(unsafe_code)]

mod dim;
mod dtype;
mod error;
mod key;
mod layout;
mod op;
mod philox;
mod shape;

pub use dim::{Dim, Dims};
pub use dtype::DType;
pub use error::{Error, Result};
pub use key::{Key, KeyRng, Keys, Kind, Role};
pub use layout::{Layout, Offsets};
pub use op::{BinaryOp, CompareOp, Derivative, OPS, OpInfo, OpKind, ReduceOp, UnaryOp};
pub use philox::philox4x32_10;
pub use shape::{INFER, Shape};

/// The half-width float of [`DType::BF16`], from the `half` crate.
pub use half::bf16;
