//! Vectors by id.

use gradus_autograd::{Param, Var};
use gradus_core::Keys;
use gradus_tensor::Tensor;

use crate::error::require;
use crate::{Ctx, Layer, Module, Result, init};

/// A table of learned vectors, looked up by id.
///
/// The table is drawn from N(0, 1), as PyTorch.
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
}

impl Embedding {
    /// A table of `vocab` vectors of size `channels`.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent is zero.
    pub fn new(vocab: usize, channels: usize, keys: &mut Keys) -> Result<Self> {
        require(vocab > 0, "Embedding", "vocab", "above zero", vocab)?;
        require(channels > 0, "Embedding", "channels", "above zero", channels)?;
        let weight = init::normal([vocab, channels], 0.0, 1.0, keys.next_key())?;
        Ok(Self { weight: Param::new(weight) })
    }

    /// The vectors of ids.
    ///
    /// # Errors
    /// If `ids` is not `i64` or an id is not below the number of rows.
    pub fn forward_ids(&self, ids: &Tensor, _ctx: &mut Ctx) -> Result<Var> {
        Ok(self.weight.var().embedding(ids)?)
    }
}

/// The value of `x` are the ids, so that a table can open a [`crate::Sequential`].
impl Layer for Embedding {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.forward_ids(x.value(), ctx)
    }
}
