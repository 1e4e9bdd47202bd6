//! `local_response_norm`.

use gradus_core::Error::InvalidArgument;
use gradus_tensor::Taps;

use super::group_norm::require_channels;
use crate::{Result, Var};

/// What [`Var::local_response_norm`] divides by: (k + α/size · Σ x²)^β.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalResponse {
    /// How many neighbouring channels are summed, at least 1.
    pub size: usize,
    /// Weight of their mean square.
    pub alpha: f64,
    /// The exponent.
    pub beta: f64,
    /// What is added.
    pub k: f64,
}

impl LocalResponse {
    /// PyTorch's defaults: α 10⁻⁴, β 0.75, k 1.
    pub const fn new(size: usize) -> Self {
        Self { size, alpha: 1e-4, beta: 0.75, k: 1.0 }
    }
}

impl Var {
    /// x / (k + α/size · Σ x²)^β, the sum over `size` channels around each, as far as there are any.
    ///
    /// # Shapes
    /// `[B, C, ...]` → the same
    ///
    /// # Errors
    /// If the rank is below 2, the size is 0, or the dtype is no float.
    ///
    /// # Reference
    /// Krizhevsky, Sutskever & Hinton 2012, "`ImageNet` Classification with Deep Convolutional
    /// Neural Networks", section 3.3.
    ///
    /// # PyTorch
    /// `torch.nn.functional.local_response_norm`
    pub fn local_response_norm(&self, options: LocalResponse) -> Result<Self> {
        let op = "local_response_norm";
        let LocalResponse { size, alpha, beta, k } = options;
        let channels = require_channels(op, self)?;
        if size == 0 {
            let (name, expected, got) = ("size", "at least 1", "0".into());
            return Err(InvalidArgument { op, name, expected, got }.into());
        }
        let (before, after) = (size / 2, (size - 1) / 2);
        let row = |c: usize| {
            let end = c.saturating_add(after).saturating_add(1).min(channels);
            (c.saturating_sub(before)..end).map(|at| (at, alpha / size as f64)).collect()
        };
        let taps = Taps::new(channels, (0..channels).map(row))?;
        let scale = self.square()?.resample(1, &taps)?.add_scalar(k)?;
        self.mul(&scale.powf(-beta)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        for size in 1..5 {
            let options = LocalResponse { alpha: 0.5, ..LocalResponse::new(size) };
            check_op(|x| x[0].local_response_norm(options), &[normal([2, 4, 2], 1)]);
        }
    }

    #[test]
    fn one_channel_is_divided_by_itself() {
        let x = Var::from(normal([1, 3], 1));
        let options = LocalResponse { size: 1, alpha: 2.0, beta: 1.0, k: 3.0 };
        let y = elements(&x.local_response_norm(options).unwrap());
        let close = |(x, y): (f64, f64)| (x / (3.0 + 2.0 * x * x) - y).abs() < 1e-14;
        assert!(elements(&x).into_iter().zip(y).all(close));
        assert!(x.local_response_norm(LocalResponse::new(0)).is_err());
    }
}
