//! The trait of things that map one variable to another.

use gradus_autograd::{Module, Var};

use crate::{Ctx, Result};

/// A module that maps one variable to one variable, so that it can stand in a [`crate::Sequential`].
///
/// # Examples
/// ```
/// use gradus_nn::{Ctx, Layer, Module, Result, Var};
///
/// /// y = x², which has nothing to learn.
/// #[derive(Module)]
/// struct Square;
///
/// impl Layer for Square {
///     fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
///         Ok(x.square()?)
///     }
/// }
///
/// let y = Square.forward(&Var::constant([3.0f32].into()), &mut Ctx::eval())?;
/// assert_eq!(y.item()?, 9.0);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub trait Layer: Module {
    /// The output for `x`.
    ///
    /// # Errors
    /// If the shape or dtype of `x` is not what the layer was made for.
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var>;
}

impl<L: Layer + ?Sized> Layer for Box<L> {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        (**self).forward(x, ctx)
    }
}
