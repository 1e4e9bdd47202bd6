//! From a sample to a vector.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_nn::{Activation, Ctx, Layer, Module};

use super::conv::ConvEncoder;
use super::shape::SampleShape;
use crate::error::Result;
use crate::mlp::{Mlp, MlpConfig};

/// A network from samples to vectors: fully connected for vectors, convolutions for images.
///
/// # Shapes
/// - `x`: `[B, F]` or `[B, C, H, W]` → `[B, out]`
#[derive(Debug, Clone, Module)]
#[expect(clippy::large_enum_variant, reason = "a model has one, and no list of them")]
pub enum Encoder {
    /// Of vectors.
    Vector(Mlp),
    /// Of images.
    Image(ConvEncoder),
}

impl Encoder {
    pub(super) fn new(
        shape: SampleShape,
        widths: &[usize],
        out: usize,
        activation: Activation,
        keys: &mut Keys,
    ) -> Result<Self> {
        match shape {
            SampleShape::Vector(features) => {
                let widths = [&[features], widths, &[out]].concat();
                Ok(Self::Vector(MlpConfig { widths, activation }.init(keys)?))
            }
            SampleShape::Image(dims) => {
                Ok(Self::Image(ConvEncoder::new(dims, widths, out, activation, keys)?))
            }
        }
    }
}

impl Layer for Encoder {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        match self {
            Self::Vector(mlp) => mlp.forward(x, ctx),
            Self::Image(conv) => conv.forward(x, ctx),
        }
    }
}
