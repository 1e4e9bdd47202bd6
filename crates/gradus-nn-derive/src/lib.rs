//! The derive macro for gradus-nn's Module trait.
#![forbid(unsafe_code)]
