//! The cache of one layer.

use std::fmt::Display;

use gradus_tensor::Tensor;

use super::held::{Held, ROOM};
use crate::error::require;
use crate::{Error, Result};

/// The keys and values of one attention layer.
///
/// There is room for more positions than are held, a multiple of 64, and twice as much when it runs
/// out, so a position that is added moves no other. Only if a clone of the cache, or a tensor
/// that [`KvCacheLayer::append`], [`KvCacheLayer::keys`] or [`KvCacheLayer::values`] gave, is still
/// alive, the next append copies.
#[derive(Debug, Clone, Default)]
pub struct KvCacheLayer {
    held: Option<Held>,
    limit: Limit,
}

/// What becomes of a cache that is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Limit {
    /// It takes more memory.
    #[default]
    Memory,
    /// It refuses.
    Capacity(usize),
    /// It lets the oldest positions go.
    Window(usize),
}

impl KvCacheLayer {
    /// An empty cache.
    pub const fn new() -> Self {
        Self { held: None, limit: Limit::Memory }
    }

    /// An empty cache with memory for `capacity` positions, which is taken at the first pass.
    pub const fn preallocated(capacity: usize) -> Self {
        Self { held: None, limit: Limit::Capacity(capacity) }
    }

    /// An empty cache for a layer that sees a window of positions; see [`KvCache::sliding`](crate::KvCache::sliding).
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `window` is zero.
    pub fn sliding(window: usize) -> Result<Self> {
        require(window > 0, "KvCacheLayer", "window", "above zero", window)?;
        Ok(Self { held: None, limit: Limit::Window(window) })
    }

    /// How many positions were fed, including those that have left a sliding cache.
    pub fn len(&self) -> usize {
        self.held.as_ref().map_or(0, |held| held.gone + held.len)
    }

    /// The first position that is held: 0, unless the cache slides.
    pub fn first(&self) -> usize {
        self.held.as_ref().map_or(0, |held| held.gone)
    }

    /// How many positions it keeps for sure, if it slides.
    pub(crate) fn window(&self) -> Option<usize> {
        if let Limit::Window(window) = self.limit { Some(window) } else { None }
    }

    /// Whether no position was fed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows the batch has; none before the first pass.
    pub fn rows(&self) -> Option<usize> {
        self.held.as_ref().map(|held| held.keys.dims()[0])
    }

    /// The keys that are held, `[B, H, T, D]`, if a pass was made.
    pub fn keys(&self) -> Option<Tensor> {
        self.held.as_ref().and_then(|held| held.views().ok()).map(|(keys, _)| keys)
    }

    /// The values that are held, `[B, H, T, D]`, if a pass was made.
    pub fn values(&self) -> Option<Tensor> {
        self.held.as_ref().and_then(|held| held.views().ok()).map(|(_, values)| values)
    }

    /// Adds positions, and gives the keys and values that are held now: all, or, if the cache slides, at
    /// least those that the new positions see.
    ///
    /// # Errors
    /// If rows, heads, head size or dtype differ from what is held, keys from values, or there is no
    /// room; nothing is added then.
    pub fn append(&mut self, keys: &Tensor, values: &Tensor) -> Result<(Tensor, Tensor)> {
        check(keys, values)?;
        if let Some(held) = &self.held {
            fits(held, keys)?;
        }
        let (more, len) = (keys.dims()[2], self.len());
        let room = match self.limit {
            Limit::Memory => len + more,
            Limit::Capacity(capacity) if len + more > capacity => {
                let (expected, got) = (format!("at most {capacity}"), (len + more).to_string());
                return Err(Error::Cache { name: "positions", expected, got });
            }
            Limit::Capacity(capacity) => capacity,
            // What the window holds, what may be taken back, and what waits for a whole tile to go.
            Limit::Window(window) => window + 2 * ROOM + more,
        };
        let held = match &mut self.held {
            None => self.held.insert(Held::new(keys, room)?),
            Some(held) => held,
        };
        if let Limit::Window(window) = self.limit {
            held.let_go(len.saturating_sub(window - 1 + ROOM) / ROOM * ROOM);
        }
        if held.free() < more {
            *held = held.moved(room.max(2 * held.len))?;
        }
        held.push(keys, values)?;
        held.views()
    }

    /// Forgets all positions from `keep` on.
    ///
    /// # Errors
    /// [`Error::Cache`] if fewer than `keep` positions were fed, or the cache slides and has let positions go
    /// that are needed there.
    pub fn truncate(&mut self, keep: usize) -> Result<()> {
        self.can_truncate(keep)?;
        if let Some(held) = &mut self.held {
            held.len = keep - held.gone;
        }
        Ok(())
    }

    pub(super) fn can_truncate(&self, keep: usize) -> Result<()> {
        let (len, first) = (self.len(), self.first());
        let fault = |expected| Err(Error::Cache { name: "keep", expected, got: keep.to_string() });
        if keep > len {
            return fault(format!("at most the {len} positions that are held"));
        }
        let seen = if let Limit::Window(window) = self.limit { window - 1 } else { 0 };
        if first > 0 && keep < first + seen {
            return fault(format!("at least {}, since older positions have left", first + seen));
        }
        Ok(())
    }

    /// The rows of several layers; at least one is given.
    pub(super) fn cat(layers: &[&Self]) -> Result<Self> {
        let (len, limit) = (layers[0].len(), layers[0].limit);
        if let Some(other) = layers.iter().find(|layer| layer.len() != len) {
            return Err(cat_fault(format_args!("{len} positions each"), other.len()));
        }
        if layers.iter().any(|layer| layer.limit != limit) {
            return Err(cat_fault("caches of one kind", layers.len()));
        }
        let parts: Vec<&Held> = layers.iter().filter_map(|layer| layer.held.as_ref()).collect();
        let Some(first) = parts.iter().map(|held| held.gone).max() else {
            return Ok(Self { held: None, limit });
        };
        if parts.len() < layers.len() {
            return Err(cat_fault("caches that were all fed", layers.len() - parts.len()));
        }
        let view = |held: &&Held| {
            let mut held = (*held).clone();
            held.let_go(first);
            held.views()
        };
        let (keys, values): (Vec<_>, Vec<_>) =
            parts.iter().map(view).collect::<Result<Vec<_>>>()?.into_iter().unzip();
        let (keys, values) = (Tensor::cat(&keys, 0)?, Tensor::cat(&values, 0)?);
        let mut held = Held::new(&keys, len - first)?;
        held.push(&keys, &values)?;
        held.gone = first;
        Ok(Self { held: Some(held), limit })
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

pub(super) fn cat_fault(expected: impl Display, got: usize) -> Error {
    Error::Cache { name: "caches to join", expected: expected.to_string(), got: got.to_string() }
}
