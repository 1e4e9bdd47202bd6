//! Data sets, loaders, splits, feature scaling, readers and tokenizers for Gradus.
#![forbid(unsafe_code)]
