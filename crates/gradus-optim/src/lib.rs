//! Gradient transformations, optimizers and schedules for Gradus.
#![forbid(unsafe_code)]
