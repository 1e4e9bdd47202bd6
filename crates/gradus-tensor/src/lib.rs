//! Eager n-dimensional tensors for Gradus, with NumPy's broadcasting and nalgebra's decompositions.
#![forbid(unsafe_code)]
