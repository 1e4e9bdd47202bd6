//! Decompositions and solutions of linear systems, by nalgebra.
//!
//! All take matrices in the last two dimensions, `f32` or `f64`, and loop over leading dimensions.

mod decompose;
mod exp;
mod jacobi;
mod matrices;
mod nalgebra;
mod pinv;
mod solve;
#[cfg(test)]
mod tests;
mod triangular;

pub use triangular::Triangle;
