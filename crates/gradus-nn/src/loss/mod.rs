//! Losses: how far predictions are from targets.
//!
//! Each is a function of predictions, targets and a [`Reduction`]; values are PyTorch's.
//!
//! ```
//! use gradus_nn::loss::{self, CrossEntropy, Reduction};
//! use gradus_nn::{Tensor, Var};
//!
//! let logits = Var::constant(Tensor::new([[2.0, 0.0], [0.0, 2.0]]));
//! let loss = loss::cross_entropy(&logits, &Tensor::new([0, 1]), CrossEntropy::default())?;
//! assert!((loss.item()? - (1.0 + (-2.0f64).exp()).ln()).abs() < 1e-6);
//!
//! let x = Var::constant(Tensor::new([1.0, 2.0]));
//! let y = Var::constant(Tensor::new([1.0, 4.0]));
//! assert_eq!(loss::mse(&x, &y, Reduction::Mean)?.item()?, 2.0);
//! # Ok::<(), gradus_nn::Error>(())
//! ```

mod bce_with_logits;
mod cross_entropy;
mod huber;
mod kl_div;
mod l1;
mod mse;
mod nll;
mod reduction;
mod targets;

pub use bce_with_logits::bce_with_logits;
pub use cross_entropy::{CrossEntropy, cross_entropy};
pub use huber::huber;
pub use kl_div::kl_div;
pub use l1::l1;
pub use mse::mse;
pub use nll::nll;
pub use reduction::Reduction;
