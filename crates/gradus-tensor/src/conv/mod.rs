//! Convolutions (cross-correlations, as everywhere in deep learning) and their gradients.

mod conv1d;
mod conv2d;
mod options;
mod transpose;
pub(crate) mod window;

#[cfg(test)]
mod tests;

pub use options::{
    Conv1dOptions, Conv3dOptions, ConvOptions, ConvTranspose1dOptions, ConvTranspose3dOptions,
    ConvTransposeOptions,
};
