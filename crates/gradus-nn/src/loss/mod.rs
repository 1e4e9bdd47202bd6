//! Losses: how far predictions are from targets.
//!
//! Each is a function of predictions, targets and a [`Reduction`]; values are PyTorch's, where
//! PyTorch has the loss. Where there is more to choose than the reduction, an options struct takes its place.
//!
//! | task | losses |
//! |---|---|
//! | a number | [`mse`], [`l1`], [`huber`], [`smooth_l1`], [`log_cosh`], [`poisson_nll`], [`gaussian_nll`] |
//! | one class | [`cross_entropy`], [`soft_cross_entropy`], [`nll`], [`focal`], [`multi_margin`] |
//! | yes or no | [`bce_with_logits`], [`bce`], [`sigmoid_focal`], [`hinge`], [`squared_hinge`], [`soft_margin`] |
//! | several classes | [`multilabel_soft_margin`], [`multilabel_margin`], [`bce_with_logits`] |
//! | a distribution | [`kl_div`], [`kl_div_log`] |
//! | a mask of pixels | [`dice`], [`sigmoid_focal`] |
//! | near and far | [`triplet_margin`], [`cosine_embedding`], [`hinge_embedding`], [`margin_ranking`], [`info_nce`] |
//! | a sequence without alignment | [`ctc`] |
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

mod bce;
mod bce_with_logits;
mod cosine_embedding;
mod cross_entropy;
mod ctc;
mod ctc_lattice;
mod dice;
mod focal;
mod gaussian_nll;
mod hinge;
mod hinge_embedding;
mod huber;
mod info_nce;
mod kl_div;
mod l1;
mod log_cosh;
mod margin_ranking;
mod mse;
mod multi_margin;
mod multilabel_margin;
mod multilabel_soft_margin;
mod nll;
mod poisson_nll;
mod reduction;
mod sigmoid_focal;
mod smooth_l1;
mod soft_cross_entropy;
mod soft_margin;
mod targets;
mod triplet_margin;

pub use bce::bce;
pub use bce_with_logits::{BceWithLogits, bce_with_logits};
pub use cosine_embedding::cosine_embedding;
pub use cross_entropy::{CrossEntropy, cross_entropy};
pub use ctc::{Ctc, ctc};
pub use dice::dice;
pub use focal::{Focal, focal};
pub use gaussian_nll::{GaussianNll, gaussian_nll};
pub use hinge::{hinge, squared_hinge};
pub use hinge_embedding::hinge_embedding;
pub use huber::huber;
pub use info_nce::info_nce;
pub use kl_div::{kl_div, kl_div_log};
pub use l1::l1;
pub use log_cosh::log_cosh;
pub use margin_ranking::margin_ranking;
pub use mse::mse;
pub use multi_margin::{MultiMargin, multi_margin};
pub use multilabel_margin::multilabel_margin;
pub use multilabel_soft_margin::{MultilabelSoftMargin, multilabel_soft_margin};
pub use nll::{Nll, nll};
pub use poisson_nll::{PoissonNll, poisson_nll};
pub use reduction::Reduction;
pub use sigmoid_focal::{SigmoidFocal, sigmoid_focal};
pub use smooth_l1::smooth_l1;
pub use soft_cross_entropy::{SoftCrossEntropy, soft_cross_entropy};
pub use soft_margin::soft_margin;
pub use triplet_margin::{TripletMargin, triplet_margin};
