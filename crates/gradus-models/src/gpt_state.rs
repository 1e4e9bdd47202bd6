//! What a causal transformer remembers of each row.

use std::collections::BTreeMap;
use std::sync::Arc;

use gradus_generate::{Mark, Ragged, State};
use gradus_nn::KvCache;

use crate::error::Result;

/// The keys and values of every row, each row with its own length.
///
/// Rows that were fed together stay together in one cache, which the next feed extends without
/// taking it apart. A rewound row keeps its cache and counts fewer positions of it.
#[derive(Debug, Clone)]
pub struct GptState {
    rows: Vec<Row>,
    empty: KvCache,
}

#[derive(Debug, Clone)]
struct Row {
    /// The cache that holds this row, shared with the rows fed beside it.
    cache: Arc<KvCache>,
    /// Where in the cache's batch the row stands.
    slot: usize,
    /// How many of the cache's positions count.
    len: usize,
    /// The id that is fed in place of the start token.
    class: Option<i64>,
}

impl GptState {
    /// One row for each entry of `classes`.
    pub(crate) fn new(empty: KvCache, classes: impl IntoIterator<Item = Option<i64>>) -> Self {
        let cache = Arc::new(empty.clone());
        let row = |class| Row { cache: Arc::clone(&cache), slot: 0, len: 0, class };
        Self { rows: classes.into_iter().map(row).collect(), empty }
    }

    /// The id of a row's class.
    pub(crate) fn class(&self, row: usize) -> Option<i64> {
        self.rows[row].class
    }

    /// Rows that can share a pass: those of equal length that are fed equally many tokens.
    pub(crate) fn groups(&self, tokens: &Ragged) -> Vec<Vec<usize>> {
        let mut groups = BTreeMap::<_, Vec<usize>>::new();
        for (row, fed) in tokens.iter().enumerate().filter(|(_, fed)| !fed.is_empty()) {
            groups.entry((self.len(row), fed.len())).or_default().push(row);
        }
        groups.into_values().collect()
    }

    /// The cache of some rows of equal length as one batch. It is taken out of the state if no other
    /// row needs it, so that what is fed next is added in place; [`GptState::put`] puts it back.
    pub(crate) fn take(&mut self, rows: &[usize]) -> Result<KvCache> {
        let len = self.rows[rows[0]].len;
        if len == 0 {
            return Ok(self.empty.clone());
        }
        if !self.are_one_batch(rows) {
            let alone = rows.iter().map(|&row| self.rows[row].alone());
            return Ok(KvCache::cat(&alone.collect::<Result<Vec<_>>>()?)?);
        }
        let cache = Arc::clone(&self.rows[rows[0]].cache);
        let none = Arc::new(self.empty.clone());
        rows.iter().for_each(|&row| self.rows[row].cache = Arc::clone(&none));
        let mut cache = Arc::try_unwrap(cache).unwrap_or_else(|shared| (*shared).clone());
        cache.truncate(len)?;
        Ok(cache)
    }

    /// Whether the rows are those of one cache, in its order.
    fn are_one_batch(&self, rows: &[usize]) -> bool {
        let cache = &self.rows[rows[0]].cache;
        cache.rows().is_none_or(|n| n == rows.len())
            && rows.iter().enumerate().all(|(slot, &row)| {
                let row = &self.rows[row];
                row.slot == slot && Arc::ptr_eq(&row.cache, cache)
            })
    }

    /// Puts the cache of some rows back, after each was fed `fed` tokens.
    pub(crate) fn put(&mut self, rows: &[usize], batch: KvCache, fed: usize) {
        let cache = Arc::new(batch);
        for (slot, &row) in rows.iter().enumerate() {
            let row = &mut self.rows[row];
            (row.cache, row.slot) = (Arc::clone(&cache), slot);
            row.len += fed;
        }
    }
}

impl Row {
    /// The positions that count, of this row.
    fn alone(&self) -> Result<KvCache> {
        let mut cache = (*self.cache).clone();
        cache.truncate(self.len)?;
        cache.retain(&[self.slot])?;
        Ok(cache)
    }
}

impl State for GptState {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn len(&self, row: usize) -> usize {
        self.rows[row].len
    }

    fn mark(&mut self) -> Mark {
        Mark::new(self.rows.iter().map(|row| row.len).collect())
    }

    fn rewind(&mut self, row: usize, mark: &Mark, keep: usize) -> gradus_generate::Result<()> {
        let len = mark.target(row, keep, self.rows.get(row).map_or(0, |row| row.len))?;
        self.rows[row].len = len;
        Ok(())
    }

    fn retain(&mut self, rows: &[usize]) {
        self.rows = rows.iter().map(|&row| self.rows[row].clone()).collect();
    }
}
