//! CPU kernels of Gradus on plain slices: matrix product, elementwise loops, reductions, threads.
//!
//! A kernel takes slices and extents, never a tensor. What the modules hold:
//!
//! | module | kernels |
//! |---|---|
//! | [`gemm`] | matrix product of `f32`, `f64`, `bf16`, batched, with a fixed order of accumulation |
//! | [`pointwise`](mod@pointwise) | formulas of your own, with gradients |
//! | [`elementwise`], [`strided`] | unary, binary, comparison, choice, cast; on slices and on views |
//! | [`reduce`], [`norm`], [`loss`] | sums, extrema, running sums, softmax; layer and RMS norm; cross-entropy; with gradients |
//! | [`attention`] | softmax of scores times values, with gradients, in one pass |
//! | [`conv`], [`pooling`] | convolution and pooling of planes, with gradients |
//! | [`rope`] | rotation of vectors by their place in a sequence |
//! | [`recurrent`] | RNN, LSTM and GRU over whole sequences, with gradients |
//! | [`index`], [`sort`] | gather, scatter-add, argsort, top-k |
//! | [`optim`] | one pass over all parameters of a model |
//! | [`random`] | fills from a [`Key`](gradus_core::Key) |
//! | [`math`] | the scalar functions inside those loops |
//! | [`isa`], [`pool`], [`memory`] | instruction sets, threads, recycled blocks |
//!
//! Every kernel gives the same bits for any number of threads on one machine: threads split
//! outputs, never a sum. Each runs at every [`isa::Level`] the machine has; levels may differ in the
//! last bits.
//!
//! Lengths that do not fit the extents are programming errors and panic, as documented; what depends
//! on the values, such as a bad index, is an [`Error`]. This crate does not know broadcasting rules,
//! dtypes at run time or gradients of anything but its own fused kernels.
//!
//! ```
//! use gradus_core::UnaryOp;
//! use gradus_cpu::gemm::{Beta, Dims, Matrix, gemm};
//! use gradus_cpu::{elementwise, reduce};
//!
//! // A layer and a softmax: softmax(relu(x·wᵀ)) for one row.
//! let (x, w) = ([1.0f32, 2.0], [1.0, 1.0, -1.0, 0.0, 0.0, 1.5]);
//! let (mut h, mut r, mut p) = ([0.0; 3], [0.0; 3], [0.0; 3]);
//! let (x, w_t) = (Matrix::new(&x, 2, 1), Matrix::new(&w, 1, 2));
//! gemm(Dims { m: 1, n: 3, k: 2 }, x, w_t, &mut h, Beta::Zero);
//! elementwise::unary(UnaryOp::Relu, &h, &mut r);
//! reduce::softmax(3, &r, &mut p);
//! assert_eq!(r, [3.0, 0.0, 3.0]);
//! assert!(p[0] == p[2] && p[1] < 0.03);
//! ```
#![expect(unsafe_code, reason = "SIMD and threads need it; each block says why it is sound")]

pub mod attention;
pub mod conv;
pub mod elementwise;
mod environment;
mod error;
pub mod gemm;
pub mod index;
pub mod isa;
pub mod loss;
pub mod math;
pub mod memory;
pub mod norm;
pub mod optim;
pub mod pointwise;
pub mod pool;
pub mod pooling;
pub mod random;
pub mod recurrent;
pub mod reduce;
pub mod rope;
mod scratch;
pub mod sort;
pub mod strided;
mod window;

pub use error::{Error, Result};
pub use window::Window;
