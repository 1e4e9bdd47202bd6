//! How a transform is scaled.

/// What a transform of length `n` is divided by; PyTorch's and NumPy's `norm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FftNorm {
    /// The inverse by `n`.
    #[default]
    Backward,
    /// Both by `√n`, so that lengths stay.
    Ortho,
    /// The forward one by `n`.
    Forward,
}

impl FftNorm {
    /// The norm with which the transform the other way is the adjoint.
    #[must_use]
    pub const fn adjoint(self) -> Self {
        match self {
            Self::Backward => Self::Forward,
            Self::Ortho => Self::Ortho,
            Self::Forward => Self::Backward,
        }
    }

    /// The factor of a forward transform.
    pub fn forward_scale(self, n: usize) -> f64 {
        match self {
            Self::Backward => 1.0,
            Self::Ortho => (n as f64).sqrt().recip(),
            Self::Forward => (n as f64).recip(),
        }
    }

    /// The factor of an inverse transform.
    pub fn inverse_scale(self, n: usize) -> f64 {
        match self {
            Self::Backward => (n as f64).recip(),
            Self::Ortho => (n as f64).sqrt().recip(),
            Self::Forward => 1.0,
        }
    }
}
