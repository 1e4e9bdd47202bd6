//! Generation for Gradus: autoregressive, parallel and mixed samplers with exact laws.
#![forbid(unsafe_code)]
