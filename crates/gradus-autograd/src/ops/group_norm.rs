//! `group_norm` and `instance_norm`: normalization of each sample by itself.

use gradus_core::Error::{InvalidArgument, ShapeMismatch, UnexpectedShape};

use crate::{Result, Var};

impl Var {
    /// Normalization over groups of channels and all places: (x − mean)/√(var + ε) · w + b, with one
    /// weight and one bias per channel. The variance is the mean square, without correction.
    ///
    /// It is [`Var::layer_norm`] over each group.
    ///
    /// # Shapes
    /// `[B, C, ...]`, weight and bias `[C]` → `[B, C, ...]`
    ///
    /// # Errors
    /// If `groups` does not divide the channels, the dtype is no float, or weight or bias do not fit.
    ///
    /// # Reference
    /// Wu & He 2018, "Group Normalization".
    ///
    /// # PyTorch
    /// `torch.nn.functional.group_norm`
    pub fn group_norm(
        &self,
        groups: usize,
        weight: Option<&Self>,
        bias: Option<&Self>,
        eps: f64,
    ) -> Result<Self> {
        let op = "group_norm";
        let channels = require_channels(op, self)?;
        if groups == 0 || !channels.is_multiple_of(groups) {
            let (name, expected) = ("groups", "a divisor of the channels");
            let got = format!("{groups} for {channels}");
            return Err(InvalidArgument { op, name, expected, got }.into());
        }
        let rows = self.dims()[0] * groups;
        let len = self.len().checked_div(rows).unwrap_or(0);
        let x = self.reshape([rows, len])?.layer_norm(None, None, eps)?.reshape(self.shape())?;
        per_channel(op, &x, weight, bias)
    }

    /// Normalization of each channel of each sample over its places: [`Var::group_norm`] with one
    /// channel per group.
    ///
    /// # Shapes
    /// `[B, C, ...]`, weight and bias `[C]` → `[B, C, ...]`
    ///
    /// # Errors
    /// As [`Var::group_norm`].
    ///
    /// # Reference
    /// Ulyanov et al. 2016, "Instance Normalization: The Missing Ingredient for Fast Stylization".
    ///
    /// # PyTorch
    /// `torch.nn.functional.instance_norm` with the statistics of the input
    pub fn instance_norm(
        &self,
        weight: Option<&Self>,
        bias: Option<&Self>,
        eps: f64,
    ) -> Result<Self> {
        let channels = require_channels("instance_norm", self)?;
        if channels == 0 {
            return per_channel("instance_norm", self, weight, bias);
        }
        self.group_norm(channels, weight, bias, eps)
    }
}

/// The channels of `[B, C, ...]`.
pub(super) fn require_channels(op: &'static str, x: &Var) -> Result<usize> {
    if x.rank() >= 2 {
        return Ok(x.dims()[1]);
    }
    let (expected, got) = ("[batch, channels, ...]".into(), x.shape().clone());
    Err(UnexpectedShape { op, expected, got }.into())
}

/// A number per channel, as `[C, 1, ...]`.
pub(super) fn channel_shape(op: &'static str, x: &Var, numbers: &Var) -> Result<Var> {
    if numbers.dims() != [x.dims()[1]] {
        let (lhs, rhs) = (x.shape().clone(), numbers.shape().clone());
        return Err(ShapeMismatch { op, lhs, rhs }.into());
    }
    let mut shape = vec![1; x.rank() - 1];
    shape[0] = numbers.len();
    numbers.reshape(shape)
}

/// x · w + b
pub(super) fn per_channel(
    op: &'static str,
    x: &Var,
    weight: Option<&Var>,
    bias: Option<&Var>,
) -> Result<Var> {
    let x = match weight {
        Some(weight) => x.mul(&channel_shape(op, x, weight)?)?,
        None => x.clone(),
    };
    bias.map_or_else(|| Ok(x.clone()), |bias| x.add(&channel_shape(op, &x, bias)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [normal([2, 4, 3], 1), normal(4, 2), normal(4, 3)];
        check_op(|x| x[0].group_norm(2, Some(&x[1]), Some(&x[2]), 0.1), &inputs);
        check_op(|x| x[0].instance_norm(Some(&x[1]), Some(&x[2]), 0.1), &inputs);
        check_op(|x| x[0].group_norm(1, None, None, 0.1), &inputs[..1]);
    }

    #[test]
    fn groups_have_mean_zero_and_variance_one() {
        let x = Var::from(normal([2, 6, 4, 5], 1));
        let y = x.group_norm(3, None, None, 0.0).unwrap().reshape([6, 40]).unwrap();
        assert!(elements(&y.mean(-1).unwrap()).iter().all(|mean| mean.abs() < 1e-13));
        assert!(elements(&y.var(-1, 0.0).unwrap()).iter().all(|var| (var - 1.0).abs() < 1e-12));
        assert!(x.group_norm(4, None, None, 0.1).is_err());
        assert!(x.group_norm(3, Some(&normal(3, 1).into()), None, 0.1).is_err());
        assert!(Var::from(normal(3, 1)).instance_norm(None, None, 0.1).is_err());
        let empty = Var::from(normal([0, 6, 4], 1));
        assert_eq!(empty.group_norm(3, None, None, 0.1).unwrap().dims(), [0, 6, 4]);
    }
}
