//! `lstm`.

use gradus_tensor::RecurrentCell;

use super::recurrent::{From, RecurrentOptions, RecurrentWeights, recurrent};
use crate::{Result, Var};

impl Var {
    /// Long short-term memory over a sequence.
    ///
    /// `i, f, o = σ(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh)`, g = tanh of the like, cₜ = f cₜ₋₁ + i g,
    /// hₜ = o tanh cₜ; rows of the weights in the order i, f, g, o.
    ///
    /// Returns the outputs hₜ of all steps, and the last state and memory. `None` as `start` is zero.
    /// A row has the same bits alone, in a batch, and step by step. `bf16` is computed in `f32` and rounded
    /// once. Equals the composite of [`Var::matmul`], [`Var::sigmoid`], [`Var::tanh`] and arithmetic, step
    /// by step.
    ///
    /// # Shapes
    /// `[T, B, F]`, state and memory `[B, H]` → `[T, B, H]`, `[B, H]` and `[B, H]`
    ///
    /// # Errors
    /// If the shapes, dtypes or lengths do not fit.
    ///
    /// # Reference
    /// Hochreiter & Schmidhuber 1997, "Long Short-Term Memory"; the forget gate: Gers et al. 2000, "Learning
    /// to Forget".
    ///
    /// # PyTorch
    /// `torch.nn.LSTM`, one layer and direction
    pub fn lstm(
        &self,
        start: Option<(&Self, &Self)>,
        weights: RecurrentWeights<'_>,
        options: RecurrentOptions<'_>,
    ) -> Result<(Self, (Self, Self))> {
        let (state, memory) = start.unzip();
        let start = From { state, memory };
        Ok(recurrent(RecurrentCell::Lstm, self, start, weights, options)?.and_memory())
    }
}

/// hₜ and cₜ of the composite.
pub(super) fn step(from_x: &Var, from_h: &Var, c: &Var) -> Result<(Var, Var)> {
    let gates = from_x.add(from_h)?.chunk(4, -1)?;
    let [i, f, o] = [gates[0].sigmoid()?, gates[1].sigmoid()?, gates[3].sigmoid()?];
    let c = f.mul(c)?.add(&i.mul(&gates[2].tanh()?)?)?;
    Ok((o.mul(&c.tanh()?)?, c))
}

#[cfg(test)]
mod tests {
    use gradus_tensor::{Tensor, TimeOrder};

    use super::*;
    use crate::testing::{check_op, normal};

    fn inputs() -> [Tensor; 7] {
        [
            normal([3, 2, 3], 1),
            normal([2, 2], 2),
            normal([2, 2], 3),
            normal([8, 3], 4),
            normal([8, 2], 5),
            normal(8, 6),
            normal(8, 7),
        ]
    }

    fn run(x: &[Var], options: RecurrentOptions<'_>) -> Result<(Var, (Var, Var))> {
        let weights = RecurrentWeights { w_ih: &x[3], w_hh: &x[4], bias: Some((&x[5], &x[6])) };
        x[0].lstm(Some((&x[1], &x[2])), weights, options)
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for order in [TimeOrder::Forward, TimeOrder::Reverse] {
            for lengths in [None, Some(&[3, 1][..])] {
                let options = RecurrentOptions { order, lengths };
                let all = |x: &[Var]| {
                    let (y, (h, c)) = run(x, options)?;
                    Var::cat(&[y, h.unsqueeze(0)?, c.unsqueeze(0)?], 0)
                };
                check_op(all, &inputs());
            }
        }
    }

    #[test]
    fn an_output_alone_has_a_gradient() {
        check_op(|x| Ok(run(x, RecurrentOptions::default())?.1.1), &inputs());
        check_op(|x| run(x, RecurrentOptions::default())?.0.select(0, 1), &inputs());
    }

    #[test]
    fn inputs_that_depend_on_each_other_are_told_apart() {
        // The state is made from the inputs: the second derivative must not count that path twice.
        let x = normal([2, 2, 2], 1);
        let w = [normal([8, 2], 2), normal([8, 2], 3)];
        check_op(
            |x| {
                let state = x[0].sum(0)?.tanh()?;
                let weights = RecurrentWeights { w_ih: &x[1], w_hh: &x[2], bias: None };
                Ok(x[0].lstm(Some((&state, &state)), weights, RecurrentOptions::default())?.0)
            },
            &[x, w[0].clone(), w[1].clone()],
        );
    }
}
