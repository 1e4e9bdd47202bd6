//! The caches of all layers of a model.

use super::KvCacheLayer;
use super::layer::cat_fault;
use crate::Result;

/// The keys and values of every attention layer of a model, for decoding step by step.
///
/// All rows of a batch have the same length. A clone is cheap: it shares the memory.
///
/// | cache | memory |
/// |---|---|
/// | [`KvCache::new`] | grows with what is fed |
/// | [`KvCache::preallocated`] | taken once; more positions are an error |
/// | [`KvCache::sliding`] | of a window; older positions leave |
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Causal, Ctx, KvCache, Layer, MultiHeadAttentionConfig, Tensor, Var};
///
/// let config = MultiHeadAttentionConfig { causal: Causal::Yes, ..MultiHeadAttentionConfig::new(8, 2) };
/// let attention = config.init(&mut Keys::new(7))?;
/// let x = Var::constant(Tensor::randn([1, 5, 8], gradus_core::DType::F32, gradus_core::Key::new(1))?);
/// let whole = attention.forward(&x, &mut Ctx::eval())?;
///
/// let mut cache = KvCache::new(1);
/// let ctx = &mut Ctx::eval();
/// attention.forward_cached(&x.narrow(1, 0, 3)?, cache.layer_mut(0), ctx)?;
/// let last = attention.forward_cached(&x.narrow(1, 3, 2)?, cache.layer_mut(0), ctx)?;
/// assert_eq!(cache.len(), 5);
/// assert!(last.value().equal(&whole.value().narrow(1, 3, 2)?));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct KvCache {
    pub(super) layers: Vec<KvCacheLayer>,
}

/// A place in a [`KvCache`] to come back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KvMark(usize);

impl KvCache {
    /// An empty cache for a model of `n_layers` attention layers.
    pub fn new(n_layers: usize) -> Self {
        Self { layers: vec![KvCacheLayer::new(); n_layers] }
    }

    /// An empty cache with memory for `capacity` positions, which is taken at the first pass.
    pub fn preallocated(n_layers: usize, capacity: usize) -> Self {
        Self { layers: vec![KvCacheLayer::preallocated(capacity); n_layers] }
    }

    /// An empty cache for layers that see a window of positions: older ones leave. The last 64 positions
    /// before the latest pass can be taken back.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if `window` is zero.
    ///
    /// # Examples
    /// ```
    /// use gradus_core::{DType, Key, Keys};
    /// use gradus_nn::{Causal, Ctx, KvCache, Layer, MultiHeadAttentionConfig, Tensor, Var};
    ///
    /// let config = MultiHeadAttentionConfig {
    ///     causal: Causal::Yes,
    ///     window: Some(16),
    ///     ..MultiHeadAttentionConfig::new(8, 2)
    /// };
    /// let attention = config.init(&mut Keys::new(7))?;
    /// let x = Var::constant(Tensor::randn([1, 400, 8], DType::F32, Key::new(1))?);
    /// let whole = attention.forward(&x, &mut Ctx::eval())?;
    ///
    /// let mut cache = KvCache::sliding(1, 16)?;
    /// for i in 0..400 {
    ///     let x = x.narrow(1, i, 1)?;
    ///     let y = attention.forward_cached(&x, cache.layer_mut(0), &mut Ctx::eval())?;
    ///     assert!(y.value().equal(&whole.value().narrow(1, i, 1)?));
    /// }
    /// assert_eq!((cache.len(), cache.layer_mut(0).first()), (400, 320));
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    pub fn sliding(n_layers: usize, window: usize) -> Result<Self> {
        Ok(Self { layers: vec![KvCacheLayer::sliding(window)?; n_layers] })
    }

    /// How many positions were fed, including those that have left a sliding cache.
    pub fn len(&self) -> usize {
        self.layers.first().map_or(0, KvCacheLayer::len)
    }

    /// Whether no position was fed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows the batch has; none before the first pass.
    pub fn rows(&self) -> Option<usize> {
        self.layers.first()?.rows()
    }

    /// The layers, from the input to the output.
    pub fn layers_mut(&mut self) -> &mut [KvCacheLayer] {
        &mut self.layers
    }

    /// One layer.
    ///
    /// # Panics
    /// If there is no such layer, as a slice.
    pub fn layer_mut(&mut self, layer: usize) -> &mut KvCacheLayer {
        &mut self.layers[layer]
    }

    /// This place, to come back to with [`KvCache::rewind`].
    pub fn mark(&self) -> KvMark {
        KvMark(self.len())
    }

    /// Forgets all positions that were fed after the mark, such as a draft that was refused.
    ///
    /// # Errors
    /// [`crate::Error::Cache`] if the cache is shorter than it was, or a sliding cache has let positions go
    /// that are needed there; nothing is forgotten then.
    ///
    /// # Examples
    /// ```
    /// use gradus_core::DType;
    /// use gradus_nn::{KvCache, Tensor};
    ///
    /// let mut cache = KvCache::new(1);
    /// let two = Tensor::ones([1, 1, 2, 4], DType::F32)?;
    /// cache.layer_mut(0).append(&two, &two)?;
    /// let mark = cache.mark();
    /// cache.layer_mut(0).append(&two, &two)?;
    /// cache.rewind(mark)?;
    /// assert_eq!(cache.len(), 2);
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    pub fn rewind(&mut self, mark: KvMark) -> Result<()> {
        self.truncate(mark.0)
    }

    /// Forgets all positions from `keep` on.
    ///
    /// # Errors
    /// [`crate::Error::Cache`] if fewer than `keep` positions were fed, or a sliding cache has let positions
    /// go that are needed there; nothing is forgotten then.
    pub fn truncate(&mut self, keep: usize) -> Result<()> {
        self.layers.iter().try_for_each(|layer| layer.can_truncate(keep))?;
        self.layers.iter_mut().try_for_each(|layer| layer.truncate(keep))
    }

    /// One cache with the rows of several, one after another.
    ///
    /// # Errors
    /// [`crate::Error::Cache`] if there is none, or they differ in layers, in kind or in positions fed.
    ///
    /// # Examples
    /// ```
    /// use gradus_core::DType;
    /// use gradus_nn::{KvCache, Tensor};
    ///
    /// let held = Tensor::ones([2, 1, 5, 4], DType::F32)?; // two rows, five positions
    /// let mut two = KvCache::new(1);
    /// two.layer_mut(0).append(&held, &held)?;
    /// let mut one = two.clone();
    /// one.retain(&[1])?;
    /// let three = KvCache::cat(&[one, two])?;
    /// assert_eq!((three.rows(), three.len()), (Some(3), 5));
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    pub fn cat(caches: &[Self]) -> Result<Self> {
        let Some(first) = caches.first() else { return Err(cat_fault("at least one cache", 0)) };
        let n_layers = first.layers.len();
        if let Some(other) = caches.iter().find(|cache| cache.layers.len() != n_layers) {
            return Err(cat_fault(format_args!("{n_layers} layers each"), other.layers.len()));
        }
        let layer = |i| {
            let parts: Vec<_> = caches.iter().map(|cache| &cache.layers[i]).collect();
            KvCacheLayer::cat(&parts)
        };
        Ok(Self { layers: (0..n_layers).map(layer).collect::<Result<_>>()? })
    }

    /// Keeps the given rows of the batch, in the given order; a row may be repeated.
    ///
    /// # Errors
    /// If there is no such row.
    pub fn retain(&mut self, rows: &[usize]) -> Result<()> {
        self.layers.iter_mut().try_for_each(|layer| layer.retain(rows))
    }
}
