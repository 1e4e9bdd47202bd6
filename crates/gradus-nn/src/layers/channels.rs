//! What layers do whose channels are dimension 1.

use gradus_autograd::{Param, Var};

use crate::{Error, Result};

/// The shape `[1, C, 1, ...]` in which a vector of channels meets `x`.
pub(super) fn per_channel(layer: &'static str, x: &Var, channels: usize) -> Result<Vec<usize>> {
    if x.rank() < 2 || x.dims()[1] != channels {
        let expected = format!("[B, {channels}, ...]");
        return Err(Error::InputShape { layer, expected, got: x.shape().clone() });
    }
    let mut shape = vec![1; x.rank()];
    shape[1] = channels;
    Ok(shape)
}

/// x · weight + bias, both per channel; the shapes are checked.
pub(super) fn affine(x: &Var, weight: Option<&Param>, bias: Option<&Param>) -> Result<Var> {
    let mut shape = vec![1; x.rank()];
    shape[1] = x.dims()[1];
    let mut y = x.clone();
    if let Some(weight) = weight {
        y = y.mul(&weight.var().reshape(shape.as_slice())?)?;
    }
    if let Some(bias) = bias {
        y = y.add(&bias.var().reshape(shape)?)?;
    }
    Ok(y)
}
