//! What convolutions of every rank share: checks and first values.

use gradus_autograd::Param;
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
    uniform(shape.out_channels, shape.in_channels / shape.groups, shape, keys)
}

/// Weight `[in, out/groups, kernel...]` and bias `[out]` of a transposed convolution, both from
/// U(−1/√n, 1/√n) with n = out/groups · taps, as PyTorch.
pub(super) fn draw_transposed(shape: &ConvShape<'_>, keys: &mut Keys) -> Result<(Param, Param)> {
    shape.check()?;
    uniform(shape.in_channels, shape.out_channels / shape.groups, shape, keys)
}

fn uniform(
    first: usize,
    second: usize,
    shape: &ConvShape<'_>,
    keys: &mut Keys,
) -> Result<(Param, Param)> {
    let mut dims = vec![first, second];
    dims.extend(shape.kernel);
    let fan_in: usize = dims[1..].iter().product();
    let bound = 1.0 / (fan_in as f64).sqrt();
    let weight = init::uniform(dims, -bound, bound, keys.next_key())?;
    let bias = init::uniform(shape.out_channels, -bound, bound, keys.next_key())?;
    Ok((Param::new(weight), Param::new(bias)))
}
