//! Model files for Gradus: safetensors and npz, written atomically.
//!
//! - [`save_safetensors`] and [`load_safetensors`]: named tensors with texts beside them, the format
//!   of models and checkpoints. It has a version ([`FORMAT_VERSION`]).
//! - [`save_npy`], [`load_npy`], [`save_npz`], [`load_npz`]: arrays to and from NumPy.
//! - [`write_atomic`]: the way every file of Gradus is written. A crash leaves the old file or the
//!   new one, never half of one; [`remove_abandoned`] clears away what the crash left.
//!
//! Loading is safe for any bytes: there is nothing in these formats that could run, sizes are
//! checked before memory is asked for, and a damaged file is an [`Error`] with path and tensor.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use gradus_core::{DType, Key};
//! use gradus_io::{load_safetensors, save_safetensors};
//! use gradus_tensor::Tensor;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! let path = folder.path().join("model.safetensors");
//! let weight = Tensor::randn([2, 3], DType::F32, Key::new(7))?;
//! let tensors = BTreeMap::from([("weight".to_owned(), weight)]);
//! let metadata = BTreeMap::from([("vocab".to_owned(), "abc".to_owned())]);
//! save_safetensors(&path, &tensors, &metadata)?;
//!
//! let (loaded, metadata) = load_safetensors(&path)?;
//! assert!(loaded["weight"].equal(&tensors["weight"]));
//! assert_eq!(metadata["vocab"], "abc");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! This crate knows tensors and their names, but no model.
#![forbid(unsafe_code)]

mod atomic;
mod element;
mod error;
mod npy;
mod npy_header;
mod npz;
mod safetensors;

pub use self::safetensors::{FORMAT_VERSION, load_safetensors, save_safetensors};
pub use atomic::{remove_abandoned, write_atomic};
pub use error::{Error, Place, Result};
pub use npy::{load_npy, save_npy};
pub use npz::{load_npz, save_npz};
