//! Model files for Gradus: safetensors and npz, written atomically.
#![forbid(unsafe_code)]
