//! Discrete Fourier transforms, by `rustfft` and `realfft`.
//!
//! A complex number is a pair (real part, imaginary part) in a last dimension of 2, as
//! `torch.view_as_real` gives it. Dimensions are counted without that one: in a tensor
//! `[B, N, 2]`, dimension -1 has extent `N`.

mod complex;
mod frequencies;
mod images;
mod options;
mod real;
#[cfg(test)]
mod tests;

pub use options::FftNorm;
