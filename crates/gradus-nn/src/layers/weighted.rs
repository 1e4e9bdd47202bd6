//! Layers whose weight can be another one for a pass.

use gradus_autograd::{Param, Var};

use crate::{Ctx, Layer, Result};

/// A layer with a weight `[out, ...]` that may stand back for another one, which is computed from it: for
/// [`WeightNorm`](crate::WeightNorm), [`SpectralNorm`](crate::SpectralNorm) and reparametrisations of your
/// own.
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Ctx, Layer, Linear, Tensor, Var, Weighted};
///
/// let linear = Linear::new(2, 2, &mut Keys::new(7))?;
/// let x = Var::constant(Tensor::new([[1.0, 2.0]]));
/// let positive = linear.weight().var().exp()?;
/// let y = linear.forward_with(&positive, &x, &mut Ctx::eval())?;
/// assert!(!y.value().equal(linear.forward(&x, &mut Ctx::eval())?.value()));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub trait Weighted: Layer {
    /// The weight.
    fn weight(&self) -> &Param;

    /// The output for `x` with another weight of the same shape.
    ///
    /// # Errors
    /// As [`Layer::forward`], and if `weight` has another shape or dtype.
    fn forward_with(&self, weight: &Var, x: &Var, ctx: &mut Ctx) -> Result<Var>;
}
