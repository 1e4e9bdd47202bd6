//! The plain recurrent layer.

use gradus_autograd::Var;

use super::stack::Stack;
use crate::{Ctx, Result};

/// Plain recurrent layers: `hₜ = f(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh)` with f = tanh or relu.
///
/// [`RecurrentConfig`](super::RecurrentConfig) says how it is made. Parameters have PyTorch's names,
/// `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, and `…_reverse`.
///
/// # Shapes
/// - `x`: `[B, T, F]` → `[B, T, directions · H]`
/// - states: `[layers · directions, B, H]`
#[derive(Debug, Clone)]
pub struct Rnn {
    pub(super) stack: Stack,
}

impl Rnn {
    /// Outputs and last states, from a start (`None`: zeros) over rows of `lengths` steps (`None`: all T).
    ///
    /// # Errors
    /// If the shapes or lengths do not fit.
    pub fn run(
        &self,
        x: &Var,
        start: Option<&Var>,
        lengths: Option<&[usize]>,
        ctx: &mut Ctx,
    ) -> Result<(Var, Var)> {
        let start = start.map(|h| [h]);
        let (y, mut end) = self.stack.run(x, start.as_ref().map(|s| &s[..]), lengths, ctx)?;
        Ok((y, end.remove(0)))
    }

    /// One step: `x` is `[B, F]`, the output `[B, H]`. Steps give the bits of the whole sequence.
    ///
    /// # Errors
    /// If the shapes do not fit, or the layer runs in both directions.
    pub fn step(&self, x: &Var, start: Option<&Var>) -> Result<(Var, Var)> {
        let start = start.map(|h| [h]);
        let (y, mut end) = self.stack.step(x, start.as_ref().map(|s| &s[..]))?;
        Ok((y, end.remove(0)))
    }
}
