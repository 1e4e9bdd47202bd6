//! The vocabulary of Gradus: dtypes, shapes, layouts, the op table, keyed randomness, errors.
#![forbid(unsafe_code)]
