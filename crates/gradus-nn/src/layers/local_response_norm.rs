//! Normalisation by neighbouring channels.

use gradus_autograd::{LocalResponse, Var};

use crate::{Ctx, Layer, Module, Result};

/// x / (k + α/size · Σ x²)^β, the sum over `size` channels around each, as far as there are any.
///
/// # Shapes
/// - `x`: `[B, C, ...]` → the same
///
/// # Reference
/// Krizhevsky, Sutskever & Hinton 2012, "`ImageNet` Classification with Deep Convolutional Neural
/// Networks", section 3.3.
///
/// # Examples
/// ```
/// use gradus_nn::{Ctx, Layer, LocalResponse, LocalResponseNorm, Tensor, Var};
///
/// let options = LocalResponse { alpha: 3.0, beta: 1.0, k: 0.0, ..LocalResponse::new(3) };
/// let x = Var::constant(Tensor::new([[1.0, 2.0, 1.0]]));
/// let y = LocalResponseNorm { options }.forward(&x, &mut Ctx::eval())?;
/// assert!(y.value().allclose(&Tensor::new([[1.0 / 5.0, 2.0 / 6.0, 1.0 / 5.0]]), 1e-6, 0.0)?);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Module)]
pub struct LocalResponseNorm {
    /// Size, α, β and k.
    #[module(skip)]
    pub options: LocalResponse,
}

impl LocalResponseNorm {
    /// `size` channels, and PyTorch's defaults: α 10⁻⁴, β 0.75, k 1.
    pub const fn new(size: usize) -> Self {
        Self { options: LocalResponse::new(size) }
    }
}

impl Layer for LocalResponseNorm {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.local_response_norm(self.options)?)
    }
}
