//! Deep learning in layered crates, from tensors to generation.
#![forbid(unsafe_code)]
