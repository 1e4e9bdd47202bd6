//! `batch_norm`.

use super::group_norm::{channel_shape, per_channel, require_channels};
use crate::{Result, Var};

impl Var {
    /// Normalization of each channel over batch and places: (x − mean)/√(var + ε) · w + b.
    ///
    /// `statistics` are the mean and the variance to take, as in evaluation; without them, they
    /// are those of the input, the variance as the mean square, without correction. Then they take
    /// part in the gradient. Running statistics are kept by whoever calls.
    ///
    /// # Shapes
    /// `[B, C, ...]`, weight, bias and statistics `[C]` → `[B, C, ...]`
    ///
    /// # Errors
    /// If the rank is below 2, the dtype is no float, or weight, bias or statistics do not fit.
    ///
    /// # Reference
    /// Ioffe & Szegedy 2015, "Batch Normalization".
    ///
    /// # PyTorch
    /// `torch.nn.functional.batch_norm`; here the running statistics are not updated
    pub fn batch_norm(
        &self,
        statistics: Option<(&Self, &Self)>,
        weight: Option<&Self>,
        bias: Option<&Self>,
        eps: f64,
    ) -> Result<Self> {
        let op = "batch_norm";
        require_channels(op, self)?;
        let normalized = match statistics {
            Some((mean, var)) => {
                let scale = channel_shape(op, self, var)?.add_scalar(eps)?.rsqrt()?;
                self.sub(&channel_shape(op, self, mean)?)?.mul(&scale)?
            }
            None if self.is_empty() => self.clone(),
            None => {
                let others: Vec<usize> = (0..self.rank()).filter(|&dim| dim != 1).collect();
                let centred = self.sub(&self.mean_keepdim(&others[..])?)?;
                let var = centred.square()?.mean_keepdim(&others[..])?;
                centred.mul(&var.add_scalar(eps)?.rsqrt()?)?
            }
        };
        per_channel(op, &normalized, weight, bias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn derivatives_agree_with_differences() {
        let inputs = [normal([3, 2, 2], 1), normal(2, 2), normal(2, 3)];
        check_op(|x| x[0].batch_norm(None, Some(&x[1]), Some(&x[2]), 0.1), &inputs);
        check_op(|x| x[0].batch_norm(None, None, None, 0.1), &inputs[..1]);
        let var = inputs[2].square().unwrap();
        let f = |x: &[Var]| x[0].batch_norm(Some((&x[1], &x[2])), None, None, 0.1);
        check_op(f, &[inputs[0].clone(), inputs[1].clone(), var]);
    }

    #[test]
    fn channels_have_mean_zero_and_variance_one() {
        let x = Var::from(normal([5, 3, 4], 1));
        let y = x.batch_norm(None, None, None, 0.0).unwrap();
        assert!(elements(&y.mean([0, 2]).unwrap()).iter().all(|mean| mean.abs() < 1e-14));
        let var = y.var([0, 2], 0.0).unwrap();
        assert!(elements(&var).iter().all(|var| (var - 1.0).abs() < 1e-12));
        let own = (x.mean([0, 2]).unwrap(), x.var([0, 2], 0.0).unwrap());
        let same = x.batch_norm(Some((&own.0, &own.1)), None, None, 0.0).unwrap();
        assert!(same.value().allclose(y.value(), 1e-12, 1e-12).unwrap());
        assert!(x.batch_norm(None, Some(&normal(2, 1).into()), None, 0.1).is_err());
        assert!(Var::from(normal(3, 1)).batch_norm(None, None, None, 0.1).is_err());
    }
}
