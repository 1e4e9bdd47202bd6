//! An addition of low rank to a map that stays as it is.

use gradus_autograd::{Param, Var};
use gradus_core::{DType, Keys};
use gradus_tensor::Tensor;

use super::dropout::probability;
use crate::error::require;
use crate::{Ctx, Dropout, Layer, Linear, Module, Result, init};

/// Configuration of a [`Lora`].
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Linear, LoraConfig, Module};
///
/// let mut keys = Keys::new(7);
/// let mut linear = Linear::new(512, 512, &mut keys)?;
/// LoraConfig::new(8).adapt(&mut linear, &mut keys)?;
/// let trained: Vec<_> =
///     linear.named_parameters().into_iter().filter(|(_, p)| p.trainable()).map(|(name, _)| name).collect();
/// assert_eq!(trained, ["lora.a", "lora.b"]);
/// linear.merge_lora()?; // as fast as before
/// assert!(linear.lora.is_none());
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LoraConfig {
    /// The rank r of the addition.
    pub rank: usize,
    /// The addition is multiplied by α / r.
    pub alpha: f64,
    /// Probability with which an input of the addition is dropped in training.
    pub dropout: f64,
}

impl LoraConfig {
    /// α = r, so that the addition is not scaled; no dropout.
    pub const fn new(rank: usize) -> Self {
        Self { rank, alpha: rank as f64, dropout: 0.0 }
    }

    /// Freezes a map and gives it an addition, which is zero at first: A is drawn as the weight of a
    /// [`Linear`] is, B is zero.
    ///
    /// The new parameters have the dtype of the weight, `f32` if that is `bf16`. To adapt a model, adapt
    /// the maps that are meant, and freeze the rest.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if `rank` is zero, `alpha` is not finite, `dropout` is not in `0.0..1.0`,
    /// or the map has an addition already.
    pub fn adapt(&self, linear: &mut Linear, keys: &mut Keys) -> Result<()> {
        const NAME: &str = "Lora";
        let Self { rank, alpha, dropout } = *self;
        require(rank > 0, NAME, "rank", "above zero", rank)?;
        require(alpha.is_finite(), NAME, "alpha", "finite", alpha)?;
        probability(NAME, dropout)?;
        require(linear.lora.is_none(), NAME, "linear", "without an addition", "one with")?;
        let (inputs, outputs) = (linear.in_features(), linear.out_features());
        let dtype = match linear.weight.dtype() {
            DType::F64 => DType::F64,
            _ => DType::F32,
        };
        let bound = 1.0 / (inputs as f64).sqrt();
        let a = init::uniform([rank, inputs], -bound, bound, keys.next_key())?.to_dtype(dtype)?;
        let b = Tensor::zeros([outputs, rank], dtype)?;
        linear.freeze();
        linear.lora = Some(Lora {
            a: Param::new(a),
            b: Param::new(b),
            scale: alpha / rank as f64,
            dropout: Dropout::new(dropout)?,
        });
        Ok(())
    }
}

/// What is added to x Wᵀ + b: (α / r) · (x Aᵀ) Bᵀ, with few numbers to learn.
///
/// # Shapes
/// - `x`: `[..., in]`, `a`: `[r, in]`, `b`: `[out, r]` → `[..., out]`
///
/// # Reference
/// Hu et al. 2022, "`LoRA`: Low-Rank Adaptation of Large Language Models", section 4.1.
#[derive(Debug, Clone, Module)]
pub struct Lora {
    /// A: `[r, in]`.
    pub a: Param,
    /// B: `[out, r]`.
    pub b: Param,
    /// α / r.
    #[module(skip)]
    pub scale: f64,
    /// Of the inputs.
    #[module(skip)]
    pub dropout: Dropout,
}

impl Lora {
    /// The addition for `x`.
    pub(super) fn addition(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let (rank, dtype) = (self.a.shape()[0], x.dtype());
        let x = self.dropout.forward(x, ctx)?.to_dtype(self.a.dtype())?;
        let inner = x.linear(&self.a.var(), None)?;
        ctx.count(2 * (x.len() * rank + inner.len() * self.b.shape()[0]) as u64);
        Ok(inner.linear(&self.b.var(), None)?.mul_scalar(self.scale)?.to_dtype(dtype)?)
    }

    /// (α / r) · B A, in the given dtype.
    fn product(&self, dtype: DType) -> Result<Tensor> {
        let product = self.b.value().matmul(self.a.value())?;
        Ok(product.mul_scalar(self.scale)?.to_dtype(dtype)?)
    }
}

impl Linear {
    /// Adds what was learned to the weight and takes the addition off, which is given back.
    ///
    /// # Errors
    /// If the addition does not fit the weight.
    pub fn merge_lora(&mut self) -> Result<Option<Lora>> {
        let Some(lora) = self.lora.take() else { return Ok(None) };
        let weight = self.weight.value();
        let merged = weight.add(&lora.product(weight.dtype())?)?;
        self.weight.set_value(merged)?;
        Ok(Some(lora))
    }

    /// The inverse of [`Linear::merge_lora`], up to rounding: what was merged is subtracted from the weight
    /// and stands beside it again.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if there is an addition already, or an error if it does not fit.
    pub fn unmerge_lora(&mut self, lora: Lora) -> Result<()> {
        require(self.lora.is_none(), "Lora", "linear", "without an addition", "one with")?;
        let weight = self.weight.value();
        let without = weight.sub(&lora.product(weight.dtype())?)?;
        self.weight.set_value(without)?;
        self.lora = Some(lora);
        Ok(())
    }
}
