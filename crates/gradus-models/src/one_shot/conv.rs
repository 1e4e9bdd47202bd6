//! From an image to a vector by convolutions, and back.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_nn::{Activation, Conv2d, Conv2dConfig, Ctx, Layer, Linear, Module};
use gradus_tensor::Interpolation;

/// Extents of an image, halved `levels` times and rounded up, from the full image down.
fn levels(mut extents: [usize; 2], levels: usize) -> Vec<[usize; 2]> {
    let mut sizes = vec![extents];
    for _ in 0..levels {
        extents = extents.map(|n| n.div_ceil(2));
        sizes.push(extents);
    }
    sizes
}

fn conv(from: usize, to: usize, stride: usize, keys: &mut Keys) -> gradus_nn::Result<Conv2d> {
    let stride = [stride; 2];
    Conv2dConfig { stride, padding: [1, 1], ..Conv2dConfig::new(from, to, [3, 3]) }.init(keys)
}

/// Convolutions of stride 2, each with its activation, then a linear map of what is left.
///
/// # Shapes
/// - `x`: `[B, C, H, W]` → `[B, out]`
#[derive(Debug, Clone, Module)]
pub struct ConvEncoder {
    /// From the image down.
    pub convs: Vec<Conv2d>,
    /// From all channels of the smallest image.
    pub head: Linear,
    #[module(skip)]
    activation: Activation,
}

impl ConvEncoder {
    pub(super) fn new(
        [channels, height, width]: [usize; 3],
        widths: &[usize],
        out: usize,
        activation: Activation,
        keys: &mut Keys,
    ) -> gradus_nn::Result<Self> {
        let [h, w] = levels([height, width], widths.len())[widths.len()];
        let chain: Vec<usize> = std::iter::once(channels).chain(widths.iter().copied()).collect();
        let convs = chain.windows(2).map(|pair| conv(pair[0], pair[1], 2, keys));
        let convs = convs.collect::<gradus_nn::Result<_>>()?;
        let head = Linear::new(chain[widths.len()] * h * w, out, keys)?;
        Ok(Self { convs, head, activation })
    }
}

impl Layer for ConvEncoder {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        let mut x = x.clone();
        for (i, conv) in self.convs.iter().enumerate() {
            x = ctx.at(format_args!("convs.{i}"), |ctx| conv.forward(&x, ctx))?;
            x = self.activation.forward(&x, ctx)?;
        }
        let flat = x.reshape([x.dims()[0], self.head.in_features()])?;
        ctx.at("head", |ctx| self.head.forward(&flat, ctx))
    }
}

/// A linear map to a small image of many channels, then levels that take the nearest pixels for an image of
/// twice the extents, each with a convolution.
///
/// # Shapes
/// - `z`: `[B, in]` → `[B, C, H, W]`
///
/// # Reference
/// Odena et al. 2016, "Deconvolution and Checkerboard Artifacts", for resizing before convolving.
#[derive(Debug, Clone, Module)]
pub struct ConvDecoder {
    /// To all channels of the smallest image.
    pub head: Linear,
    /// Up to the image.
    pub convs: Vec<Conv2d>,
    /// Extents from the full image down.
    #[module(skip)]
    sizes: Vec<[usize; 2]>,
    #[module(skip)]
    activation: Activation,
}

impl ConvDecoder {
    pub(super) fn new(
        inputs: usize,
        widths: &[usize],
        [channels, height, width]: [usize; 3],
        activation: Activation,
        keys: &mut Keys,
    ) -> gradus_nn::Result<Self> {
        let sizes = levels([height, width], widths.len());
        let [h, w] = sizes[widths.len()];
        let chain: Vec<usize> = std::iter::once(channels).chain(widths.iter().copied()).collect();
        let head = Linear::new(inputs, chain[widths.len()] * h * w, keys)?;
        let convs = chain.windows(2).rev().map(|pair| conv(pair[1], pair[0], 1, keys));
        Ok(Self { head, convs: convs.collect::<gradus_nn::Result<_>>()?, sizes, activation })
    }
}

impl Layer for ConvDecoder {
    fn forward(&self, z: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        let flat = ctx.at("head", |ctx| self.head.forward(z, ctx))?;
        let [h, w] = self.sizes[self.convs.len()];
        let mut x = flat.reshape([z.dims()[0], self.head.out_features() / (h * w), h, w])?;
        for (i, conv) in self.convs.iter().enumerate() {
            let larger = self.sizes[self.convs.len() - 1 - i];
            x = self.activation.forward(&x, ctx)?.interpolate(&larger, Interpolation::Nearest)?;
            x = ctx.at(format_args!("convs.{i}"), |ctx| conv.forward(&x, ctx))?;
        }
        Ok(x)
    }
}
