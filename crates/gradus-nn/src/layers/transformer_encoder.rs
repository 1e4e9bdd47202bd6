//! A stack of transformer blocks.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_tensor::Tensor;

use crate::error::require;
use crate::{
    Activation, Ctx, Layer, LayerNorm, LayerNormConfig, Module, NormPlace, Result,
    TransformerBlock, TransformerBlockConfig,
};

/// Configuration of a [`TransformerEncoder`].
#[derive(Debug, Clone, PartialEq)]
pub struct TransformerEncoderConfig {
    /// How each block is made.
    pub block: TransformerBlockConfig,
    /// How many blocks there are.
    pub n_layers: usize,
    /// Whether the output is normalised once more, as blocks with norms in front want it.
    pub final_norm: bool,
}

impl TransformerEncoderConfig {
    /// PyTorch's defaults: hidden size 2048, ReLU, dropout 0.1, norms after the sums, none at the end.
    pub const fn new(channels: usize, n_heads: usize, n_layers: usize) -> Self {
        let block = TransformerBlockConfig {
            hidden: 2048,
            activation: Activation::Relu,
            dropout: 0.1,
            norm: NormPlace::After,
            ..TransformerBlockConfig::new(channels, n_heads)
        };
        Self { block, n_layers, final_norm: false }
    }

    /// Draws the blocks one after the other. (PyTorch draws one and copies it.)
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if there is no block, or as [`TransformerBlockConfig::init`].
    pub fn init(&self, keys: &mut Keys) -> Result<TransformerEncoder> {
        let n_layers = self.n_layers;
        require(n_layers > 0, "TransformerEncoder", "n_layers", "above zero", n_layers)?;
        let layers = (0..n_layers).map(|_| self.block.init(keys)).collect::<Result<_>>()?;
        let norm =
            LayerNormConfig { bias: self.block.bias, ..LayerNormConfig::new(self.block.channels) };
        let norm = if self.final_norm { Some(norm.init()?) } else { None };
        Ok(TransformerEncoder { layers, norm })
    }
}

/// Transformer blocks one after the other, as PyTorch's `TransformerEncoder`.
///
/// # Shapes
/// - `x`: `[B, T, C]` → the same
/// - `mask`: broadcasts to `[B, H, T, T]`, true where a position may be seen; [`padding_mask`](crate::padding_mask) makes
///   one of the rows' lengths
///
/// # Reference
/// Vaswani et al. 2017, "Attention Is All You Need", section 3.1.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Key, Keys};
/// use gradus_nn::{Ctx, Layer, Tensor, TransformerEncoderConfig, Var, padding_mask};
///
/// let encoder = TransformerEncoderConfig::new(8, 2, 3).init(&mut Keys::new(7))?;
/// let x = Var::constant(Tensor::randn([2, 5, 8], DType::F32, Key::new(1))?);
/// let mask = padding_mask(&[5, 3], 5)?;
/// let y = encoder.forward_masked(&x, &mask, &mut Ctx::eval())?;
/// assert_eq!(y.dims(), &[2, 5, 8]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct TransformerEncoder {
    /// From the input to the output.
    pub layers: Vec<TransformerBlock>,
    /// At the end.
    pub norm: Option<LayerNorm>,
}

impl TransformerEncoder {
    /// The output under an attention mask.
    ///
    /// # Errors
    /// If `x` is not `[B, T, C]` or the mask does not broadcast to `[B, H, T, T]`.
    pub fn forward_masked(&self, x: &Var, mask: &Tensor, ctx: &mut Ctx) -> Result<Var> {
        self.run(x, Some(mask), ctx)
    }

    fn run(&self, x: &Var, mask: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        let mut x = x.clone();
        for (i, layer) in self.layers.iter().enumerate() {
            x = ctx.at(format_args!("layers.{i}"), |ctx| match mask {
                Some(mask) => layer.forward_masked(&x, mask, ctx),
                None => layer.forward(&x, ctx),
            })?;
        }
        match &self.norm {
            Some(norm) => ctx.at("norm", |ctx| norm.forward(&x, ctx)),
            None => Ok(x),
        }
    }
}

impl Layer for TransformerEncoder {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.run(x, None, ctx)
    }
}
