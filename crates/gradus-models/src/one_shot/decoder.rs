//! From a vector to a sample.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_nn::{Activation, Ctx, Layer, Module};

use super::conv::ConvDecoder;
use super::shape::SampleShape;
use crate::error::Result;
use crate::mlp::{Mlp, MlpConfig};

/// A network from vectors to samples: fully connected for vectors, convolutions for images.
///
/// # Shapes
/// - `z`: `[B, in]` → `[B, F]` or `[B, C, H, W]`
#[derive(Debug, Clone, Module)]
#[expect(clippy::large_enum_variant, reason = "a model has one, and no list of them")]
pub enum Decoder {
    /// To vectors.
    Vector(Mlp),
    /// To images.
    Image(ConvDecoder),
}

impl Decoder {
    /// `widths` are those of the encoder, from the sample down.
    pub(super) fn new(
        inputs: usize,
        widths: &[usize],
        shape: SampleShape,
        activation: Activation,
        keys: &mut Keys,
    ) -> Result<Self> {
        match shape {
            SampleShape::Vector(features) => {
                let rising = widths.iter().rev().copied();
                let widths: Vec<usize> =
                    std::iter::once(inputs).chain(rising).chain([features]).collect();
                Ok(Self::Vector(MlpConfig { widths, activation }.init(keys)?))
            }
            SampleShape::Image(dims) => {
                Ok(Self::Image(ConvDecoder::new(inputs, widths, dims, activation, keys)?))
            }
        }
    }
}

impl Layer for Decoder {
    fn forward(&self, z: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        match self {
            Self::Vector(mlp) => mlp.forward(z, ctx),
            Self::Image(conv) => conv.forward(z, ctx),
        }
    }
}
