//! Eager n-dimensional tensors, with NumPy's broadcasting and nalgebra's decompositions.
//!
//! - [`Tensor`] is an immutable value: shared storage and a [`Layout`]. Views (`narrow`, `permute`,
//!   `expand`, …) cost no copy; a clone costs a reference count.
//! - [`Element`] is what a tensor may hold; [`DType`] is its name at run time. Dtypes are never
//!   promoted silently: cast with [`Tensor::to_dtype`].
//! - Named methods return [`Result`] with an [`Error`] that names the op and the shapes;
//!   the operators `+ - * /` panic with the same message, at the caller.
//! - Randomness takes a [`Key`]: the same key gives the same values, on any number of threads.
//!
//! ```
//! use gradus_tensor::{Key, Tensor, DType};
//!
//! let x = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
//! let mean = x.mean_keepdim(0)?; // [1, 2]
//! let centred = &x - &mean; // broadcast over rows
//! assert_eq!(centred.to_vec::<f32>()?, [-1.0, -1.0, 1.0, 1.0]);
//!
//! let w = Tensor::randn([2, 3], DType::F32, Key::new(1))?;
//! assert_eq!(x.matmul(&w)?.dims(), [2, 3]);
//! # Ok::<(), gradus_tensor::Error>(())
//! ```
//!
//! This crate knows no gradient: `gradus-autograd` adds it, with the same method names.
#![forbid(unsafe_code)]

pub mod activation;
mod arrange;
mod assign;
mod attention;
mod binary;
mod cast;
mod close;
mod compare;
mod conv;
mod create;
mod device;
mod diagonal;
mod display;
mod dtypes;
pub mod einsum;
mod element;
mod elements;
mod elementwise;
mod error;
mod fft;
mod flip;
mod float_pairs;
mod formula;
mod functions;
mod fused;
mod gamma;
mod index;
mod interpolate;
mod join;
mod linalg;
mod linear;
mod literal;
mod logical;
mod masked;
mod matmul;
mod nest;
mod operator;
pub mod optim;
mod pad;
mod pad_mode;
mod parametric;
mod pool;
mod products;
mod quantile;
mod random;
mod recurrent;
mod reduce;
mod reuse;
mod rope;
mod scalar;
mod scatter;
mod select;
mod sinc;
mod sort;
mod storage;
mod taps;
mod tensor;
#[cfg(test)]
mod testing;
mod triangle;
mod unary;
mod view;
mod window_taps;
mod windows;

pub use attention::{Attended, AttentionOptions, Causal};
pub use conv::{
    Conv1dOptions, Conv3dOptions, ConvOptions, ConvTranspose1dOptions, ConvTranspose3dOptions,
    ConvTransposeOptions,
};
pub use device::Device;
pub use element::Element;
pub use error::{Error, Result};
pub use fft::FftNorm;
pub use float_pairs::Lerp;
pub use fused::{ClassLosses, Classes, NormGrads, Normalized};
pub use interpolate::{Corners, Interpolation};
pub use linalg::Triangle;
pub use literal::Literal;
pub use pad_mode::PadMode;
pub use pool::{Pool1dOptions, Pool3dOptions, PoolOptions};
pub use recurrent::{Recurrent, RecurrentGrads, RecurrentTape, RecurrentUpstream, RecurrentWanted};
pub use scatter::{IncludeSelf, ScatterReduce};
pub use sort::Order;
pub use taps::Taps;
pub use tensor::Tensor;
pub use window_taps::{Rounding, WindowAxis};

pub use gradus_cpu::gemm::{
    MatmulPrecision, float32_matmul_precision, set_float32_matmul_precision,
    with_float32_matmul_precision,
};
pub use gradus_cpu::memory::{
    Report as MemoryReport, report as memory_report, reset_peak as reset_memory_peak,
    trim as trim_memory,
};
pub use gradus_cpu::norm::Norm;
pub use gradus_cpu::pointwise;
pub use gradus_cpu::pointwise::{Number, Pointwise};
pub use gradus_cpu::pool::{set_threads, threads, with_threads};
pub use gradus_cpu::pooling::Divisor as PoolDivisor;
pub use gradus_cpu::recurrent::{Cell as RecurrentCell, Order as TimeOrder};

pub use gradus_core::{
    BinaryOp, CompareOp, DType, Dim, Dims, INFER, Key, Keys, Kind, Layout, ReduceOp, Shape,
    UnaryOp, bf16,
};
