//! What the processes ask of a network.

use gradus_autograd::{Module, Var};
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use crate::error::Result;

/// A network of x, a time for each row and, if it knows classes, a class for each row.
///
/// What the time is, and what the answer means, is up to the [`Process`](crate::Process) it is
/// trained in.
///
/// # Shapes
/// - `x`: `[B, ...]`, `times`: B of them, `classes`: `i64` `[B]` → the shape of `x`
pub trait TimeConditioned: Module + Sync {
    /// The answer for each row of `x`. A row's answer does not depend on the other rows.
    ///
    /// # Errors
    /// If the shapes do not fit; [`crate::Error::Classes`] or [`crate::Error::Class`] unless there is one
    /// class for each row, none if the network knows none.
    fn forward_at(
        &self,
        x: &Var,
        times: &[f64],
        classes: Option<&Tensor>,
        ctx: &mut Ctx,
    ) -> Result<Var>;

    /// How many classes it knows; 0 for none. The class of this number stands for "not told", so that one
    /// network serves both sides of classifier-free guidance.
    fn classes(&self) -> usize;
}
