//! `rnn`.

use gradus_tensor::RecurrentCell;

use super::recurrent::{From, RecurrentOptions, RecurrentWeights, recurrent};
use crate::{Result, Var};

/// The function of a plain recurrent layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RnnActivation {
    /// tanh.
    #[default]
    Tanh,
    /// relu.
    Relu,
}

impl Var {
    /// A plain recurrent layer over a sequence: `hₜ = f(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh)`.
    ///
    /// Returns the outputs hₜ of all steps and the last state. `None` as `state` is zero. A row has the
    /// same bits alone, in a batch, and step by step. `bf16` is computed in `f32` and rounded once. Equals
    /// the composite of [`Var::matmul`], [`Var::add`] and the function, step by step.
    ///
    /// # Shapes
    /// `[T, B, F]`, state `[B, H]` → `[T, B, H]` and `[B, H]`
    ///
    /// # Errors
    /// If the shapes, dtypes or lengths do not fit.
    ///
    /// # PyTorch
    /// `torch.nn.RNN`, one layer and direction
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::{RecurrentOptions, RecurrentWeights, RnnActivation, Var};
    /// use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::from([[[1.0f32]], [[2.0]], [[3.0]]])); // (T, B, F)
    /// let one = Var::constant(Tensor::from([[1.0f32]]));
    /// let weights = RecurrentWeights { w_ih: &one, w_hh: &one, bias: None };
    /// let (y, last) = x.rnn(None, weights, RnnActivation::Relu, RecurrentOptions::default())?;
    /// assert_eq!(y.value().to_vec::<f32>()?, [1.0, 3.0, 6.0]);
    /// assert_eq!(last.item()?, 6.0);
    /// let grads = y.sum(..)?.backward()?;
    /// assert_eq!(grads.get(&x).map(|g| g.to_vec::<f32>()), Some(Ok(vec![3.0, 2.0, 1.0])));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn rnn(
        &self,
        state: Option<&Self>,
        weights: RecurrentWeights<'_>,
        activation: RnnActivation,
        options: RecurrentOptions<'_>,
    ) -> Result<(Self, Self)> {
        let cell = match activation {
            RnnActivation::Tanh => RecurrentCell::RnnTanh,
            RnnActivation::Relu => RecurrentCell::RnnRelu,
        };
        Ok(recurrent(cell, self, From { state, memory: None }, weights, options)?.and_state())
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::TimeOrder;

    use super::*;
    use crate::testing::{check_op, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [
            normal([3, 2, 3], 1),
            normal([2, 2], 2),
            normal([2, 3], 3),
            normal([2, 2], 4),
            normal(2, 5),
            normal(2, 6),
        ];
        for activation in [RnnActivation::Tanh, RnnActivation::Relu] {
            for order in [TimeOrder::Forward, TimeOrder::Reverse] {
                for lengths in [None, Some(&[1, 3][..])] {
                    let run = |x: &[Var]| {
                        let weights = RecurrentWeights {
                            w_ih: &x[2],
                            w_hh: &x[3],
                            bias: Some((&x[4], &x[5])),
                        };
                        let options = RecurrentOptions { order, lengths };
                        let (y, h) = x[0].rnn(Some(&x[1]), weights, activation, options)?;
                        y.sum(0)?.mul(&h)
                    };
                    check_op(run, &inputs);
                }
            }
        }
    }
}
