//! Linear regression.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_nn::{Ctx, Layer, Linear, Module};

use crate::error::Result;

/// Numbers from a linear function of the features: y = x Wᵀ + b.
///
/// Trained with the mean squared error it is ordinary least squares.
///
/// # Shapes
/// - `x`: `[..., features]` → `[..., outputs]`
///
/// # Reference
/// Gauss 1809, "Theoria motus corporum coelestium", book 2, section 3; written out in Hastie,
/// Tibshirani & Friedman 2009, "The Elements of Statistical Learning", section 3.2.
///
/// # Examples
/// ```
/// use gradus_autograd::Var;
/// use gradus_core::Keys;
/// use gradus_models::LinearRegression;
/// use gradus_nn::{Ctx, Layer};
/// use gradus_tensor::Tensor;
///
/// let model = LinearRegression::new(2, 1, &mut Keys::new(7))?;
/// let x = Var::constant(Tensor::new([[1.0, 2.0], [3.0, 4.0]]));
/// assert_eq!(model.forward(&x, &mut Ctx::eval())?.dims(), &[2, 1]);
/// assert_eq!(model.linear.weight.value().dims(), &[1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct LinearRegression {
    /// W: `[outputs, features]`, and b: `[outputs]`.
    pub linear: Linear,
}

impl LinearRegression {
    /// A model of `features` inputs and `outputs` numbers, drawn as [`Linear`] is.
    ///
    /// # Errors
    /// [`gradus_nn::Error::InvalidConfig`] if an extent is zero.
    pub fn new(features: usize, outputs: usize, keys: &mut Keys) -> Result<Self> {
        Ok(Self { linear: Linear::new(features, outputs, keys)? })
    }
}

impl Layer for LinearRegression {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        ctx.at("linear", |ctx| self.linear.forward(x, ctx))
    }
}
