//! Which keys a query sees by its place.

use std::ops::Range;

use super::{Extents, TILE};

/// Which keys a query sees by its place: query `i` stands at key `i + ahead`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    keys: usize,
    ahead: usize,
    /// How many keys a query sees, its own the last; `None` is all keys, also later ones.
    reach: Option<usize>,
}

impl Sight {
    /// All keys.
    pub const fn all(extents: &Extents) -> Self {
        Self { keys: extents.keys, ahead: 0, reach: None }
    }

    /// No key after the query's own, where the last query stands at the last key.
    ///
    /// # Panics
    /// If there are more queries than keys.
    pub fn causal(extents: &Extents) -> Self {
        Self::window(extents, usize::MAX)
    }

    /// As [`Sight::causal`], and of those keys the last `reach`.
    ///
    /// # Panics
    /// If there are more queries than keys.
    pub fn window(extents: &Extents, reach: usize) -> Self {
        let ahead = extents.keys.checked_sub(extents.queries);
        let ahead = ahead.expect("attention: more causal queries than keys");
        Self { keys: extents.keys, ahead, reach: Some(reach) }
    }

    /// Where a query stands in its sequence, as far as that is known.
    pub(super) fn place(&self, query: usize) -> usize {
        query + self.ahead
    }

    /// The keys that a query sees.
    pub(super) fn keys(&self, query: usize) -> Range<usize> {
        match self.reach {
            None => 0..self.keys,
            Some(reach) => {
                let end = query + self.ahead + 1;
                end.saturating_sub(reach)..end
            }
        }
    }

    /// The first keys of the tiles that some of these queries see.
    pub(super) fn tiles(&self, queries: &Range<usize>) -> impl Iterator<Item = usize> + use<> {
        let (first, last) = (self.keys(queries.start), self.keys(queries.end - 1));
        (first.start / TILE * TILE..last.end).step_by(TILE)
    }

    /// Of these queries, those that see a key of `tile`.
    pub(super) fn queries(&self, tile: &Range<usize>, queries: &Range<usize>) -> Range<usize> {
        let Some(reach) = self.reach else { return queries.clone() };
        let first = tile.start.saturating_sub(self.ahead);
        // The last query whose window still holds the tile's last key.
        let last = (tile.end - 1).saturating_add(reach).saturating_sub(self.ahead);
        let start = first.clamp(queries.start, queries.end);
        start..last.clamp(start, queries.end)
    }

    /// Whether all of these queries see all of `tile`.
    pub(super) fn is_open(&self, tile: &Range<usize>, queries: &Range<usize>) -> bool {
        let (first, last) = (self.keys(queries.start), self.keys(queries.end - 1));
        first.end >= tile.end && last.start <= tile.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_and_queries_are_those_with_a_visible_key() {
        for (queries, keys) in [(1, 1), (5, 5), (3, 130), (200, 200), (70, 300)] {
            let extents = Extents { queries, keys, ..Extents::single(1, 1) };
            let sights = [
                Sight::all(&extents),
                Sight::causal(&extents),
                Sight::window(&extents, 1),
                Sight::window(&extents, 70),
            ];
            for sight in sights {
                for rows in [0..queries, queries / 2..queries, queries - 1..queries] {
                    let sees = |tile: &Range<usize>, i: usize| {
                        let seen = sight.keys(i);
                        seen.start < tile.end && tile.start < seen.end
                    };
                    let all = (0..keys).step_by(TILE).map(|k| k..(k + TILE).min(keys));
                    let tiles: Vec<_> =
                        all.filter(|tile| rows.clone().any(|i| sees(tile, i))).collect();
                    let starts: Vec<_> = tiles.iter().map(|tile| tile.start).collect();
                    assert_eq!(sight.tiles(&rows).collect::<Vec<_>>(), starts);
                    for tile in tiles {
                        let expected: Vec<_> = rows.clone().filter(|&i| sees(&tile, i)).collect();
                        assert!(sight.queries(&tile, &rows).eq(expected), "{sight:?} {tile:?}");
                        let open = rows.clone().all(|i| {
                            let seen = sight.keys(i);
                            seen.start <= tile.start && tile.end <= seen.end
                        });
                        assert_eq!(sight.is_open(&tile, &rows), open);
                    }
                }
            }
        }
    }
}
