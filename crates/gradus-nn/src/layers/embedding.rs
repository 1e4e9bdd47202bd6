//! Vectors by id.

use gradus_autograd::{Param, Var};
use gradus_core::Keys;
use gradus_tensor::Tensor;

use super::layer_norm::check_channels;
use crate::error::require;
use crate::{Ctx, Layer, Module, Result, init};

/// Configuration of an [`Embedding`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingConfig {
    /// How many vectors there are.
    pub vocab: usize,
    /// Size of a vector.
    pub channels: usize,
    /// An id that stands for nothing: its vector begins as zeros and is not learned.
    pub padding_idx: Option<usize>,
}

impl EmbeddingConfig {
    /// Without an id for padding.
    pub const fn new(vocab: usize, channels: usize) -> Self {
        Self { vocab, channels, padding_idx: None }
    }

    /// Draws the table from N(0, 1), as PyTorch.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent is zero or `padding_idx` is no id.
    pub fn init(&self, keys: &mut Keys) -> Result<Embedding> {
        let Self { vocab, channels, padding_idx } = *self;
        require(vocab > 0, "Embedding", "vocab", "above zero", vocab)?;
        require(channels > 0, "Embedding", "channels", "above zero", channels)?;
        let valid = padding_idx.is_none_or(|id| id < vocab);
        require(valid, "Embedding", "padding_idx", "below vocab", padding_idx)?;
        let mut weight = init::normal([vocab, channels], 0.0, 1.0, keys.next_key())?;
        if let Some(id) = padding_idx {
            let ids = Tensor::arange(0.0, vocab as f64, 1.0, gradus_core::DType::I64)?;
            weight = weight.masked_fill(&ids.eq_scalar(id as f64)?.unsqueeze(1)?, 0.0)?;
        }
        Ok(Embedding { weight: Param::new(weight), padding_idx })
    }
}

/// A table of learned vectors, looked up by id.
///
/// # Shapes
/// - `ids`: `[...]` of `i64`, `weight`: `[V, C]` → `[..., C]`
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Ctx, Embedding, Tensor};
///
/// let table = Embedding::new(100, 8, &mut Keys::new(7))?;
/// let ids = Tensor::new([[1, 2, 3], [4, 5, 1]]);
/// assert_eq!(table.forward_ids(&ids, &mut Ctx::eval())?.dims(), &[2, 3, 8]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Embedding {
    /// One row per id: `[V, C]`.
    pub weight: Param,
    /// The id whose vector gets no gradient.
    #[module(skip)]
    pub padding_idx: Option<usize>,
}

impl Embedding {
    /// A table with [`EmbeddingConfig::new`].
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent is zero.
    pub fn new(vocab: usize, channels: usize, keys: &mut Keys) -> Result<Self> {
        EmbeddingConfig::new(vocab, channels).init(keys)
    }

    /// A table of given vectors, such as trained ones: `[V, C]`.
    ///
    /// # Errors
    /// [`crate::Error::InputShape`] if there are not two dimensions.
    pub fn from_vectors(vectors: Tensor) -> Result<Self> {
        if vectors.rank() != 2 {
            let (layer, expected) = ("Embedding", "[V, C]".to_owned());
            return Err(crate::Error::InputShape { layer, expected, got: vectors.shape().clone() });
        }
        Ok(Self { weight: Param::new(vectors), padding_idx: None })
    }

    /// The vectors of ids.
    ///
    /// # Errors
    /// If `ids` is not `i64` or an id is not below the number of rows.
    pub fn forward_ids(&self, ids: &Tensor, _ctx: &mut Ctx) -> Result<Var> {
        let vectors = self.weight.var().embedding(ids)?;
        let Some(padding) = self.padding_idx else { return Ok(vectors) };
        let padding = ids.eq_scalar(padding as f64)?.unsqueeze(-1)?;
        Ok(Var::where_cond(&padding, &vectors.detach(), &vectors)?)
    }

    /// The product of each vector of `x` with every vector of the table: the logits of an output layer that
    /// is tied to this table. There is one parameter, and both uses add to its gradient.
    ///
    /// # Shapes
    /// - `x`: `[..., C]` → `[..., V]`
    ///
    /// # Errors
    /// [`crate::Error::InputShape`] if the last dimension is not C.
    ///
    /// # Reference
    /// Press & Wolf 2017, "Using the Output Embedding to Improve Language Models".
    ///
    /// # Examples
    /// ```
    /// use gradus_core::Keys;
    /// use gradus_nn::{Ctx, Embedding, Tensor};
    ///
    /// let table = Embedding::new(100, 8, &mut Keys::new(7))?;
    /// let ctx = &mut Ctx::eval();
    /// let hidden = table.forward_ids(&Tensor::new([[1, 2]]), ctx)?;
    /// assert_eq!(table.logits(&hidden, ctx)?.dims(), &[1, 2, 100]);
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    pub fn logits(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let [vocab, channels] = [0, 1].map(|dim| self.weight.shape()[dim]);
        check_channels("Embedding", x, channels)?;
        ctx.count(2 * (x.len() * vocab) as u64);
        Ok(x.linear(&self.weight.var(), None)?)
    }
}

/// The value of `x` are the ids, so that a table can open a [`crate::Sequential`].
impl Layer for Embedding {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.forward_ids(x.value(), ctx)
    }
}
