//! Reverse-mode automatic differentiation for Gradus, checked and differentiable again.
#![forbid(unsafe_code)]
