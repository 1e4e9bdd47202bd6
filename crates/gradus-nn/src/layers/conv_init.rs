//! What convolutions of every rank share: checks, first values, the bias.

use gradus_autograd::{Param, Var};
use gradus_core::Keys;

use crate::error::require;
use crate::{Result, init};

/// The settings of a convolution, for any number of spatial dimensions.
pub(super) struct ConvShape<'a> {
    pub(super) layer: &'static str,
    pub(super) in_channels: usize,
    pub(super) out_channels: usize,
    pub(super) kernel: &'a [usize],
    pub(super) stride: &'a [usize],
    pub(super) dilation: &'a [usize],
    pub(super) groups: usize,
}

impl ConvShape<'_> {
    fn check(&self) -> Result<()> {
        let Self { layer, in_channels, out_channels, groups, .. } = *self;
        require(in_channels > 0, layer, "in_channels", "above zero", in_channels)?;
        require(out_channels > 0, layer, "out_channels", "above zero", out_channels)?;
        for (field, values) in
            [("kernel", self.kernel), ("stride", self.stride), ("dilation", self.dilation)]
        {
            require(!values.contains(&0), layer, field, "above zero", values)?;
        }
        let divides =
            groups > 0 && in_channels.is_multiple_of(groups) && out_channels.is_multiple_of(groups);
        require(divides, layer, "groups", "a divisor of both channel counts", groups)
    }
}

/// Weight `[out, in/groups, kernel...]` and bias `[out]`, both from U(−1/√n, 1/√n).
pub(super) fn draw(shape: &ConvShape<'_>, keys: &mut Keys) -> Result<(Param, Param)> {
    shape.check()?;
    let mut dims = vec![shape.out_channels, shape.in_channels / shape.groups];
    dims.extend(shape.kernel);
    let fan_in: usize = dims[1..].iter().product();
    let bound = 1.0 / (fan_in as f64).sqrt();
    let weight = init::uniform(dims, -bound, bound, keys.next_key())?;
    let bias = init::uniform(shape.out_channels, -bound, bound, keys.next_key())?;
    Ok((Param::new(weight), Param::new(bias)))
}

/// Adds one number per channel to `[B, C, ...]`.
pub(super) fn add_bias(y: Var, bias: Option<&Param>) -> Result<Var> {
    let Some(bias) = bias else { return Ok(y) };
    let mut per_channel = vec![1; y.rank()];
    per_channel[1] = bias.value().len();
    Ok(y.add(&bias.var().reshape(per_channel)?)?)
}
