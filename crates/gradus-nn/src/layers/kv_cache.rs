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
/// There is room for more positions than are held, a multiple of 64, and twice as much when it runs
/// out, so a position that is added moves no other. Only if a clone of the cache, or a tensor
/// that [`KvCacheLayer::append`], [`KvCacheLayer::keys`] or [`KvCacheLayer::values`] gave, is still
/// alive, the next append copies.
#[derive(Debug, Clone, Default)]
pub struct KvCacheLayer {
    held: Option<Held>,
}

/// Memory for positions, of which the first `len` are held.
#[derive(Debug, Clone)]
struct Held {
    /// `[B, H, room, D]`
    keys: Tensor,
    values: Tensor,
    len: usize,
}

/// Room is a multiple of this many positions.
const ROOM: usize = 64;

impl Held {
    /// Room for what follows, none of it held yet.
    fn new(like: &Tensor, positions: usize) -> Result<Self> {
        let [rows, n_heads, _, head_dim] = [0, 1, 2, 3].map(|dim| like.dims()[dim]);
        let room = positions.max(1).next_multiple_of(ROOM);
        let zeros = || Tensor::zeros([rows, n_heads, room, head_dim], like.dtype());
        Ok(Self { keys: zeros()?, values: zeros()?, len: 0 })
    }

    fn views(&self) -> Result<(Tensor, Tensor)> {
        Ok((self.keys.narrow(2, 0, self.len)?, self.values.narrow(2, 0, self.len)?))
    }

    fn push(&mut self, keys: &Tensor, values: &Tensor) -> Result<()> {
        self.keys.narrow_assign(2, self.len, keys)?;
        self.values.narrow_assign(2, self.len, values)?;
        self.len += keys.dims()[2];
        Ok(())
    }

    /// Each of the two views made into another.
    fn map(&self, f: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        let (keys, values) = self.views()?;
        let (keys, values) = (f(&keys)?, f(&values)?);
        let mut held = Self::new(&keys, self.len)?;
        held.push(&keys, &values)?;
        Ok(held)
    }
}

impl KvCacheLayer {
    /// An empty cache.
    pub const fn new() -> Self {
        Self { held: None }
    }

    /// How many positions are held.
    pub fn len(&self) -> usize {
        self.held.as_ref().map_or(0, |held| held.len)
    }

    /// Whether no position is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows the batch has; none before the first pass.
    pub fn rows(&self) -> Option<usize> {
        self.held.as_ref().map(|held| held.keys.dims()[0])
    }

    /// The keys `[B, H, T, D]`, if a pass was made.
    pub fn keys(&self) -> Option<Tensor> {
        self.held.as_ref().and_then(|held| held.keys.narrow(2, 0, held.len).ok())
    }

    /// The values `[B, H, T, D]`, if a pass was made.
    pub fn values(&self) -> Option<Tensor> {
        self.held.as_ref().and_then(|held| held.values.narrow(2, 0, held.len).ok())
    }

    /// Adds positions, and gives all keys and values that are held now.
    ///
    /// # Errors
    /// If rows, heads, head size or dtype differ from what is held, or keys from values; nothing is
    /// added then.
    pub fn append(&mut self, keys: &Tensor, values: &Tensor) -> Result<(Tensor, Tensor)> {
        check(keys, values)?;
        let more = keys.dims()[2];
        let held = match &mut self.held {
            None => self.held.insert(Held::new(keys, more)?),
            Some(held) => {
                fits(held, keys)?;
                let room = held.keys.dims()[2];
                if held.len + more > room {
                    let mut larger = Held::new(keys, (held.len + more).max(2 * room))?;
                    let (keys, values) = held.views()?;
                    larger.push(&keys, &values)?;
                    *held = larger;
                }
                held
            }
        };
        held.push(keys, values)?;
        held.views()
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
        if let Some(held) = &mut self.held {
            held.len = keep;
        }
        Ok(())
    }

    /// The rows of several layers; at least one is given.
    fn cat(layers: &[&Self]) -> Result<Self> {
        let len = layers[0].len();
        if let Some(other) = layers.iter().find(|layer| layer.len() != len) {
            return Err(cat_fault(format_args!("{len} positions each"), other.len()));
        }
        let views = layers.iter().filter_map(|layer| layer.held.as_ref()).map(Held::views);
        let (keys, values): (Vec<_>, Vec<_>) =
            views.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        if keys.is_empty() {
            return Ok(Self::new());
        }
        if keys.len() < layers.len() {
            return Err(cat_fault("caches that were all fed", layers.len() - keys.len()));
        }
        let (keys, values) = (Tensor::cat(&keys, 0)?, Tensor::cat(&values, 0)?);
        let mut held = Held::new(&keys, len)?;
        held.push(&keys, &values)?;
        Ok(Self { held: Some(held) })
    }

    /// Keeps the given rows of the batch, in the given order; a row may be repeated.
    ///
    /// # Errors
    /// If there is no such row.
    pub fn retain(&mut self, rows: &[usize]) -> Result<()> {
        let ids: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        let ids = Tensor::from_vec(ids, [rows.len()])?;
        if let Some(held) = &mut self.held {
            *held = held.map(|x| Ok(x.index_select(0, &ids)?))?;
        }
        Ok(())
    }
}

/// Keys and values are of one kind: `[B, H, T, D]`.
fn check(keys: &Tensor, values: &Tensor) -> Result<()> {
    if keys.rank() == 4 && keys.dims() == values.dims() && keys.dtype() == values.dtype() {
        return Ok(());
    }
    Err(Error::Cache {
        name: "keys and values",
        expected: "of one dtype and one shape [B, H, T, D]".to_owned(),
        got: format!("{} and {}", describe(keys), describe(values)),
    })
}

/// New keys are of the kind that is held.
fn fits(held: &Held, keys: &Tensor) -> Result<()> {
    let same = |dim: usize| held.keys.dims()[dim] == keys.dims()[dim];
    if same(0) && same(1) && same(3) && held.keys.dtype() == keys.dtype() {
        return Ok(());
    }
    let [rows, n_heads, _, head_dim] = [0, 1, 2, 3].map(|dim| held.keys.dims()[dim]);
    let expected = format!("{} [{rows}, {n_heads}, T, {head_dim}]", held.keys.dtype());
    Err(Error::Cache { name: "keys", expected, got: describe(keys) })
}

fn describe(x: &Tensor) -> String {
    format!("{} {}", x.dtype(), x.shape())
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
        let same = |x: Option<Tensor>, y: Option<Tensor>| x.unwrap().equal(&y.unwrap());
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
    fn positions_stay_where_they_are() {
        let of = |cache: &KvCacheLayer| {
            let first = cache.keys().unwrap().select(0, 0).unwrap().select(0, 0).unwrap();
            first.as_slice::<f32>().unwrap().as_ptr()
        };
        let draw = |len, seed| Tensor::randn([2, 3, len, 4], DType::F32, Key::new(seed)).unwrap();
        let all = draw(200, 1);
        let mut cache = KvCacheLayer::new();
        let mut places = Vec::new();
        for i in 0..200 {
            let one = all.narrow(2, i, 1).unwrap();
            cache.append(&one, &one).unwrap();
            places.push(of(&cache));
        }
        assert!(cache.keys().unwrap().equal(&all) && cache.values().unwrap().equal(&all));
        places.dedup();
        assert_eq!(places.len(), 3); // room for 64, 128, 256
        let clone = cache.clone();
        cache.truncate(5).unwrap();
        cache.append(&draw(1, 2), &draw(1, 3)).unwrap();
        assert!(clone.keys().unwrap().equal(&all));
        assert!(
            cache.keys().unwrap().narrow(2, 0, 5).unwrap().equal(&all.narrow(2, 0, 5).unwrap())
        );
    }

    #[test]
    fn what_does_not_fit_is_not_added() {
        let zeros = |shape: [usize; 4], dtype| Tensor::zeros(shape, dtype).unwrap();
        let one = zeros([2, 3, 1, 4], DType::F32);
        let mut cache = KvCacheLayer::new();
        cache.append(&one, &one).unwrap();
        for shape in [[1, 3, 1, 4], [2, 1, 1, 4], [2, 3, 1, 5]] {
            let other = zeros(shape, DType::F32);
            assert!(cache.append(&other, &other).is_err() && cache.append(&one, &other).is_err());
        }
        let other = zeros([2, 3, 1, 4], DType::F64);
        let error = cache.append(&other, &other).unwrap_err().to_string();
        assert_eq!(error, "key-value cache: keys must be f32 [2, 3, T, 4], got f64 [2, 3, 1, 4]");
        assert_eq!(cache.len(), 1);
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
