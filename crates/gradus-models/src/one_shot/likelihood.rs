//! How a decoder's output is a law of data.

use std::f64::consts::TAU;

use gradus_autograd::Var;
use gradus_nn::loss::{Reduction, bce_with_logits};
use gradus_tensor::{DType, Tensor};

use super::labels::one_hot;
use super::shape::SampleShape;
use crate::error::{Error, Result, require};

/// What the numbers of a sample are, and how a decoder says what they may be.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Likelihood {
    /// Yes or no, or a share in 0..=1; the decoder gives logits.
    Bernoulli,
    /// Any numbers, normal around what the decoder gives.
    Gaussian {
        /// The deviation, above zero.
        std: f64,
    },
    /// Levels 0, 1, … (`i64`); the decoder gives a logit for each.
    Categorical {
        /// How many there are.
        levels: usize,
    },
}

impl Likelihood {
    pub(super) fn check(self, model: &'static str) -> Result<()> {
        let (valid, expected) = match self {
            Self::Bernoulli => (true, ""),
            Self::Gaussian { std } => (std > 0.0 && std.is_finite(), "of a deviation above zero"),
            Self::Categorical { levels } => (levels > 0, "of at least one level"),
        };
        require(valid, model, "likelihood", expected, self)
    }

    /// Channels of the networks for one channel of a sample.
    pub(super) const fn channels(self) -> usize {
        if let Self::Categorical { levels } = self { levels } else { 1 }
    }

    /// What the encoder sees of data `[B, ...]`: they themselves, or for each level a channel that is one where
    /// the level stands.
    pub(super) fn seen(
        self,
        model: &'static str,
        data: &Tensor,
        shape: SampleShape,
        dtype: DType,
    ) -> Result<Tensor> {
        let rows = shape.rows_of(model, data)?;
        let Self::Categorical { levels } = self else { return Ok(data.clone()) };
        let ids = data.to_vec::<i64>()?;
        let token = ids.iter().find(|id| !(0..levels as i64).contains(id));
        if let Some(&token) = token {
            return Err(Error::Token { model, token, vocab: levels });
        }
        let table = one_hot(&ids, levels, dtype)?; // (B·C·rest, V)
        let dims = shape.dims();
        let (first, rest) = (dims[0], dims[1..].iter().product::<usize>());
        let channels = table.reshape([rows, first, rest, levels])?.transpose(2, 3)?;
        let whole = [&[rows], &shape.times(levels).dims()[..]].concat();
        Ok(channels.contiguous().reshape(whole)?)
    }

    /// ln p(data | decoded) of each row, in nats: `[B]`.
    pub(super) fn log_prob(self, data: &Tensor, decoded: &Var) -> Result<Var> {
        let rows = decoded.dims()[0];
        let numbers = data.len() / rows.max(1);
        let of_rows = |losses: Var| Ok(losses.reshape([rows, numbers])?.sum(-1)?.neg()?);
        match self {
            Self::Bernoulli => of_rows(bce_with_logits(decoded, &data.into(), Reduction::None)?),
            Self::Gaussian { std } => {
                let off = decoded.sub(&data.into())?.square()?.mul_scalar(0.5 / (std * std))?;
                of_rows(off.add_scalar((std * TAU.sqrt()).ln())?)
            }
            Self::Categorical { .. } => of_rows(self.by_level(decoded)?.cross_entropy(data)?),
        }
    }

    /// The most likely data: the chance of a yes, the mean, the level of the largest logit (as a number in the
    /// decoder's dtype).
    pub(super) fn best(self, decoded: &Var) -> Result<Tensor> {
        Ok(match self {
            Self::Bernoulli => decoded.sigmoid()?.into_value(),
            Self::Gaussian { .. } => decoded.value().clone(),
            Self::Categorical { .. } => {
                self.by_level(decoded)?.argmax(-1)?.to_dtype(decoded.dtype())?
            }
        })
    }

    /// Logits `[B, C·V, ...]` as `[B, C, ..., V]`.
    fn by_level(self, decoded: &Var) -> Result<Var> {
        let levels = self.channels();
        let dims = decoded.dims();
        let (rows, first, rest) = (dims[0], dims[1] / levels, &dims[2..]);
        let split = decoded.reshape([&[rows, first, levels], rest].concat())?;
        Ok(split.movedim(2, -1)?)
    }
}
