//! Dimensions made one.

use gradus_autograd::Var;

use crate::{Ctx, Layer, Module, Result};

/// Makes all dimensions after the batch one: `[B, ...]` → `[B, N]`. ([`Unflatten`](crate::Unflatten) is the reverse.)
///
/// # Examples
/// ```
/// use gradus_core::DType;
/// use gradus_nn::{Ctx, Flatten, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::zeros([2, 3, 4], DType::F32)?);
/// assert_eq!(Flatten.forward(&x, &mut Ctx::eval())?.dims(), &[2, 12]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Module)]
pub struct Flatten;

impl Layer for Flatten {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.flatten(1, -1)?)
    }
}
