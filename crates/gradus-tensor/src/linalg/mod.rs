//! Decompositions and solutions of linear systems, by nalgebra.
//!
//! All take matrices in the last two dimensions, `f32` or `f64`, and loop over leading dimensions.

mod decompose;
mod matrices;
mod nalgebra;
mod solve;
#[cfg(test)]
mod tests;
