//! The test kit: what an op, a layer, a loss or an optimizer of yours has to keep, as functions that check it.
//!
//! - [`gradcheck`] and [`gradgradcheck`] hold derivatives to finite differences.
//! - [`strategy`] draws shapes and tensors for proptest: any extents, zero included, and any way to
//!   lie in memory.
//! - [`LayerContract`], [`LossContract`] and [`OptimizerContract`] hold a layer, a loss or an optimizer to what
//!   those of Gradus keep. A fault is an [`Error::Broken`] that says which claim, and where.
//!
//! ```
//! use gradus_autograd::Var;
//! use gradus_core::{DType, Key};
//! use gradus_nn::{Ctx, Layer, Linear, Module, Result};
//! use gradus_tensor::Tensor;
//! use gradus_testing::LayerContract;
//!
//! /// x + sin(W x + b)
//! #[derive(Module)]
//! struct Wave {
//!     inner: Linear,
//! }
//!
//! impl Layer for Wave {
//!     fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
//!         let y = ctx.at("inner", |ctx| self.inner.forward(x, ctx))?;
//!         Ok(x.add(&y.sin()?)?)
//!     }
//! }
//!
//! let x = Tensor::randn([2, 3], DType::F64, Key::new(1))?;
//! LayerContract::new("Wave", x).check(|keys| Ok(Wave { inner: Linear::new(3, 3, keys)? }))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crates below cannot use it in their own tests, since arrows point down; they keep the same
//! claims by tables of their own.
#![forbid(unsafe_code)]

mod claim;
mod error;
mod layer;
mod loss;
mod optimizer;
pub mod strategy;

pub use claim::Claim;
pub use error::{Error, Result};
pub use layer::{LayerContract, Rows};
pub use loss::LossContract;
pub use optimizer::OptimizerContract;

pub use gradus_autograd::{GradCheck, gradcheck, gradgradcheck};
