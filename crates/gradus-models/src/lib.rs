//! Ready models for Gradus, from linear regression to transformers.
#![forbid(unsafe_code)]
