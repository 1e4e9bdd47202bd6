//! The keys and values of the positions that were fed already.

use std::fmt::Display;

use gradus_tensor::Tensor;

use crate::{Error, Result};

/// The keys and values of every attention layer of a model, for decoding step by step.
///
/// All rows of a batch have the same length. A clone is cheap: it shares the memory.
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
    layers: Vec<KvCacheLayer>,
}

impl KvCache {
    /// An empty cache for a model of `n_layers` attention layers.
    pub fn new(n_layers: usize) -> Self {
        Self { layers: vec![KvCacheLayer::new(); n_layers] }
    }

    /// How many positions are held.
    pub fn len(&self) -> usize {
        self.layers.first().map_or(0, KvCacheLayer::len)
    }

    /// Whether no position is held.
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

    /// Forgets all positions from `keep` on.
    ///
    /// # Errors
    /// [`Error::Cache`] if fewer than `keep` positions are held.
    pub fn truncate(&mut self, keep: usize) -> Result<()> {
        self.layers.iter_mut().try_for_each(|layer| layer.truncate(keep))
    }

    /// One cache with the rows of several, one after another.
    ///
    /// # Errors
    /// [`Error::Cache`] if there is none, or they differ in layers or in positions held.
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

/// The keys and values of one attention layer.
///
/// Appending copies what is held, so feeding T positions one by one moves T²/2 of them.
#[derive(Debug, Clone, Default)]
pub struct KvCacheLayer {
    /// Keys and values, each `[B, H, T, D]`.
    held: Option<(Tensor, Tensor)>,
}

impl KvCacheLayer {
    /// An empty cache.
    pub const fn new() -> Self {
        Self { held: None }
    }

    /// How many positions are held.
    pub fn len(&self) -> usize {
        self.held.as_ref().map_or(0, |(keys, _)| keys.dims()[2])
    }

    /// Whether no position is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows the batch has; none before the first pass.
    pub fn rows(&self) -> Option<usize> {
        self.held.as_ref().map(|(keys, _)| keys.dims()[0])
    }

    /// The keys `[B, H, T, D]`, if a pass was made.
    pub fn keys(&self) -> Option<&Tensor> {
        self.held.as_ref().map(|(keys, _)| keys)
    }

    /// The values `[B, H, T, D]`, if a pass was made.
    pub fn values(&self) -> Option<&Tensor> {
        self.held.as_ref().map(|(_, values)| values)
    }

    /// Adds positions, and gives all keys and values that are held now.
    ///
    /// # Errors
    /// If rows, heads, head size or dtype differ from what is held, or keys from values.
    pub fn append(&mut self, keys: &Tensor, values: &Tensor) -> Result<(Tensor, Tensor)> {
        check(keys, values)?;
        let held = match &self.held {
            None => (keys.contiguous(), values.contiguous()),
            Some((old_keys, old_values)) => {
                (Tensor::cat(&[old_keys, keys], 2)?, Tensor::cat(&[old_values, values], 2)?)
            }
        };
        self.held = Some(held.clone());
        Ok(held)
    }

    /// Forgets all positions from `keep` on.
    ///
    /// # Errors
    /// [`Error::Cache`] if fewer than `keep` positions are held.
    pub fn truncate(&mut self, keep: usize) -> Result<()> {
        let len = self.len();
        if keep > len {
            let expected = format!("at most the {len} positions that are held");
            return Err(Error::Cache { name: "keep", expected, got: keep.to_string() });
        }
        if let Some((keys, values)) = &mut self.held {
            *keys = keys.narrow(2, 0, keep)?;
            *values = values.narrow(2, 0, keep)?;
        }
        Ok(())
    }

    /// The rows of several layers; at least one is given.
    fn cat(layers: &[&Self]) -> Result<Self> {
        let len = layers[0].len();
        if let Some(other) = layers.iter().find(|layer| layer.len() != len) {
            return Err(cat_fault(format_args!("{len} positions each"), other.len()));
        }
        let (keys, values): (Vec<_>, Vec<_>) =
            layers.iter().filter_map(|layer| layer.held.as_ref()).map(|(k, v)| (k, v)).unzip();
        if keys.is_empty() {
            return Ok(Self::new());
        }
        if keys.len() < layers.len() {
            return Err(cat_fault("caches that were all fed", layers.len() - keys.len()));
        }
        Ok(Self { held: Some((Tensor::cat(&keys, 0)?, Tensor::cat(&values, 0)?)) })
    }

    /// Keeps the given rows of the batch, in the given order; a row may be repeated.
    ///
    /// # Errors
    /// If there is no such row.
    pub fn retain(&mut self, rows: &[usize]) -> Result<()> {
        let ids: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        let ids = Tensor::from_vec(ids, [rows.len()])?;
        if let Some((keys, values)) = &mut self.held {
            *keys = keys.index_select(0, &ids)?;
            *values = values.index_select(0, &ids)?;
        }
        Ok(())
    }
}

/// Keys and values are of one kind: `[B, H, T, D]`.
fn check(keys: &Tensor, values: &Tensor) -> Result<()> {
    if keys.rank() == 4 && keys.dims() == values.dims() {
        return Ok(());
    }
    Err(Error::Cache {
        name: "keys and values",
        expected: "of one shape [B, H, T, D]".to_owned(),
        got: format!("{} and {}", keys.shape(), values.shape()),
    })
}

fn cat_fault(expected: impl Display, got: usize) -> Error {
    Error::Cache { name: "caches to join", expected: expected.to_string(), got: got.to_string() }
}

#[cfg(test)]
mod tests {
    use gradus_core::{DType, Key};

    use super::*;

    /// A cache of two layers that holds `len` positions of `rows` rows.
    fn cache(rows: usize, len: usize, seed: u64) -> KvCache {
        let mut cache = KvCache::new(2);
        for (i, layer) in cache.layers_mut().iter_mut().enumerate() {
            let draw = |j| Tensor::randn([rows, 3, len, 4], DType::F32, Key::new(seed).fold_in(j));
            layer.append(&draw(2 * i as u64).unwrap(), &draw(2 * i as u64 + 1).unwrap()).unwrap();
        }
        cache
    }

    fn equal(a: &KvCache, b: &KvCache) -> bool {
        let same = |x: Option<&Tensor>, y: Option<&Tensor>| x.unwrap().equal(y.unwrap());
        a.layers
            .iter()
            .zip(&b.layers)
            .all(|(a, b)| same(a.keys(), b.keys()) && same(a.values(), b.values()))
    }

    #[test]
    fn joining_the_rows_of_a_cache_gives_it_back() {
        let whole = cache(3, 5, 1);
        let rows = [0, 1, 2].map(|row| {
            let mut one = whole.clone();
            one.retain(&[row]).unwrap();
            one
        });
        assert!(equal(&KvCache::cat(&rows).unwrap(), &whole));
        assert_eq!(KvCache::cat(&[cache(2, 5, 2), whole]).unwrap().rows(), Some(5));
        let empty = KvCache::cat(&[KvCache::new(2), KvCache::new(2)]).unwrap();
        assert_eq!((empty.rows(), empty.len()), (None, 0));
    }

    #[test]
    fn caches_that_differ_cannot_be_joined() {
        let fault = |caches: &[KvCache]| KvCache::cat(caches).unwrap_err().to_string();
        let text = "key-value cache: caches to join must be";
        assert_eq!(fault(&[]), format!("{text} at least one cache, got 0"));
        assert_eq!(
            fault(&[KvCache::new(2), KvCache::new(1)]),
            format!("{text} 2 layers each, got 1")
        );
        assert_eq!(
            fault(&[cache(1, 5, 1), cache(1, 4, 1)]),
            format!("{text} 5 positions each, got 4")
        );
        let mut empty = cache(1, 5, 1);
        empty.truncate(0).unwrap();
        assert_eq!(
            fault(&[empty, KvCache::new(2)]),
            format!("{text} caches that were all fed, got 1")
        );
    }
}
