//! Deep learning in layered crates, from tensors to generation.
//!
//! Machine learning lets a machine look for a function, in three steps: a set of functions
//! (a model), the goodness of a function (a loss), and the best function (optimization). Its
//! output is a number (regression), a class (classification) or an object with structure
//! (generation), made piece by piece, in one go, or by both.
//!
//! This crate is the guide to the pieces. Each is a crate of its own and can be used alone.
//!
//! | to | use | crate |
//! |---|---|---|
//! | compute with n-dimensional arrays | [`tensor`] | `gradus-tensor` |
//! | get derivatives | [`autograd`] | `gradus-autograd` |
//! | stack layers, choose a loss | [`nn`] | `gradus-nn` |
//! | find the best parameters | [`optim`] | `gradus-optim` |
//! | read, split, scale and batch data | [`data`] | `gradus-data` |
//! | read and write model files | [`io`] | `gradus-io` |
//! | train, watch, stop, resume, report | [`train`] | `gradus-train` |
//! | let the machine look for the structure | [`search`] | `gradus-search` |
//! | take a model off the shelf | [`models`] | `gradus-models` |
//! | generate text, images, any tokens | [`generate`] | `gradus-generate` |
//!
//! # The three steps
//! ```
//! use gradus::prelude::*;
//! use gradus::{models::MlpConfig, nn::loss, optim::AdamW};
//!
//! let x = Tensor::new([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
//! let y = Tensor::new([0, 1, 1, 0]); // exclusive or: no line separates the classes
//!
//! // 1. A set of functions.
//! let mut model = MlpConfig::new([2, 16, 2]).init(&mut Keys::new(7))?;
//! // 3. The best of them is looked for by …
//! let mut optimizer = AdamW { lr: 0.02, ..AdamW::default() }.init()?;
//! for _ in 0..200 {
//!     let logits = model.forward(&Var::from(&x), &mut Ctx::eval())?;
//!     // 2. … following the goodness of a function.
//!     let loss = loss::cross_entropy(&logits, &y, loss::CrossEntropy::default())?;
//!     optimizer.step(&mut model, &loss.backward()?)?;
//! }
//! let logits = model.forward(&Var::from(&x), &mut Ctx::eval())?;
//! assert_eq!(logits.value().argmax(-1)?.to_vec::<i64>()?, [0, 1, 1, 0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub use gradus_autograd as autograd;
pub use gradus_core as core;
pub use gradus_data as data;
pub use gradus_generate as generate;
pub use gradus_io as io;
pub use gradus_models as models;
pub use gradus_nn as nn;
pub use gradus_optim as optim;
pub use gradus_search as search;
pub use gradus_tensor as tensor;
pub use gradus_train as train;

/// The few names that nearly every program needs.
pub mod prelude {
    pub use gradus_autograd::{Grads, Param, Var, no_grad};
    pub use gradus_core::{DType, INFER, Key, Keys, Shape};
    pub use gradus_nn::{Ctx, Layer, Module};
    pub use gradus_tensor::Tensor;
}

/// The README's program is compiled and run with the doctests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
