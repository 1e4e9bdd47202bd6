//! `gru`.

use gradus_tensor::RecurrentCell;

use super::recurrent::{From, RecurrentOptions, RecurrentWeights, recurrent};
use crate::{Result, Var};

impl Var {
    /// The gated recurrent unit over a sequence.
    ///
    /// `r, z = σ(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh)`, `n = tanh(W_in xₜ + b_in + r (W_hn hₜ₋₁ + b_hn))`,
    /// hₜ = (1 − z) n + z hₜ₋₁; rows of the weights in the order r, z, n.
    ///
    /// Returns the outputs hₜ of all steps and the last state. `None` as `state` is zero. A row has the
    /// same bits alone, in a batch, and step by step. `bf16` is computed in `f32` and rounded once. Equals
    /// the composite of [`Var::matmul`], [`Var::sigmoid`], [`Var::tanh`] and arithmetic, step by step.
    ///
    /// # Shapes
    /// `[T, B, F]`, state `[B, H]` → `[T, B, H]` and `[B, H]`
    ///
    /// # Errors
    /// If the shapes, dtypes or lengths do not fit.
    ///
    /// # Reference
    /// Cho et al. 2014, "Learning Phrase Representations using RNN Encoder–Decoder"; as PyTorch, the reset gate
    /// acts after the product with `W_hn`.
    ///
    /// # PyTorch
    /// `torch.nn.GRU`, one layer and direction
    pub fn gru(
        &self,
        state: Option<&Self>,
        weights: RecurrentWeights<'_>,
        options: RecurrentOptions<'_>,
    ) -> Result<(Self, Self)> {
        let start = From { state, memory: None };
        Ok(recurrent(RecurrentCell::Gru, self, start, weights, options)?.and_state())
    }
}

/// hₜ of the composite.
pub(super) fn step(from_x: &Var, from_h: &Var, h: &Var) -> Result<Var> {
    let (x, s) = (from_x.chunk(3, -1)?, from_h.chunk(3, -1)?);
    let (r, z) = (x[0].add(&s[0])?.sigmoid()?, x[1].add(&s[1])?.sigmoid()?);
    let n = x[2].add(&r.mul(&s[2])?)?.tanh()?;
    n.add(&z.mul(&h.sub(&n)?)?) // (1 − z) n + z h
}

#[cfg(test)]
mod tests {
    use gradus_core::DType;
    use gradus_tensor::TimeOrder;

    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [
            normal([3, 2, 3], 1),
            normal([2, 2], 2),
            normal([6, 3], 3),
            normal([6, 2], 4),
            normal(6, 5),
            normal(6, 6),
        ];
        for order in [TimeOrder::Forward, TimeOrder::Reverse] {
            for lengths in [None, Some(&[3, 1][..])] {
                let run = |x: &[Var]| {
                    let weights =
                        RecurrentWeights { w_ih: &x[2], w_hh: &x[3], bias: Some((&x[4], &x[5])) };
                    let options = RecurrentOptions { order, lengths };
                    let (y, h) = x[0].gru(Some(&x[1]), weights, options)?;
                    Var::cat(&[y, h.unsqueeze(0)?], 0)
                };
                check_op(run, &inputs);
            }
        }
    }

    #[test]
    fn frozen_weights_and_no_start_are_no_obstacle() {
        let [x, w_ih, w_hh] = [normal([3, 2, 3], 1), normal([6, 3], 3), normal([6, 2], 4)];
        let (fixed, half) =
            (Var::from(&w_hh), |x: &gradus_tensor::Tensor| x.to_dtype(DType::BF16).unwrap());
        let run = |x: &Var, w_ih: &Var, w_hh: &Var| {
            let weights = RecurrentWeights { w_ih, w_hh, bias: None };
            Ok(x.gru(None, weights, RecurrentOptions::default())?.0)
        };
        check_op(|v| run(&v[0], &v[1], &fixed), &[x.clone(), w_ih.clone()]);
        let y = run(&Var::leaf(half(&x)), &half(&w_ih).into(), &half(&w_hh).into()).unwrap();
        assert_eq!(y.dtype(), DType::BF16);
        let exact = run(&x.into(), &w_ih.into(), &fixed).unwrap().into_value();
        assert!(y.value().to_dtype(DType::F64).unwrap().allclose(&exact, 0.05, 0.05).unwrap());
    }
}
