//! Applying learned merges to a word.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::merges::Pair;

/// The merges by pair: when it was learned, and what it becomes.
pub(super) type Ranks = HashMap<Pair, (u32, u32)>;

/// Merges the symbols of a word until no pair is left that was learned: always the pair that was
/// learned first, and of equals the leftmost. In O(n log n).
pub(super) fn merge_word(symbols: Vec<u32>, ranks: &Ranks) -> Vec<u32> {
    let mut word = Word::new(symbols);
    let mut heap = BinaryHeap::new();
    let offer = |heap: &mut BinaryHeap<_>, word: &Word, at: usize| {
        if let Some((pair, &(rank, merged))) =
            word.pair(at).and_then(|pair| ranks.get(&pair).map(|found| (pair, found)))
        {
            heap.push(Reverse((rank, at, merged, pair)));
        }
    };
    (0..word.symbols.len()).for_each(|at| offer(&mut heap, &word, at));
    while let Some(Reverse((_, at, merged, pair))) = heap.pop() {
        // Either of the two may have been merged with another neighbour since.
        if word.pair(at) != Some(pair) {
            continue;
        }
        word.merge(at, merged);
        offer(&mut heap, &word, at);
        if let Some(before) = word.before(at) {
            offer(&mut heap, &word, before);
        }
    }
    word.left()
}

/// Symbols in a list from which some are taken out: `next` and `previous` skip the gaps.
struct Word {
    symbols: Vec<Option<u32>>,
    next: Vec<usize>,
    previous: Vec<usize>,
}

impl Word {
    fn new(symbols: Vec<u32>) -> Self {
        let n = symbols.len();
        let previous = (0..n).map(|at| at.wrapping_sub(1)).collect();
        Self { symbols: symbols.into_iter().map(Some).collect(), next: (1..=n).collect(), previous }
    }

    /// The symbol at a place and the one after it.
    fn pair(&self, at: usize) -> Option<Pair> {
        let after = *self.next.get(at)?;
        Some((self.symbols[at]?, (*self.symbols.get(after)?)?))
    }

    fn before(&self, at: usize) -> Option<usize> {
        self.symbols.get(self.previous[at]).map(|_| self.previous[at])
    }

    fn merge(&mut self, at: usize, merged: u32) {
        let gone = self.next[at];
        let after = self.next[gone];
        self.symbols[at] = Some(merged);
        self.symbols[gone] = None;
        self.next[at] = after;
        if let Some(previous) = self.previous.get_mut(after) {
            *previous = at;
        }
    }

    fn left(self) -> Vec<u32> {
        self.symbols.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(mut symbols: Vec<u32>, ranks: &Ranks) -> Vec<u32> {
        loop {
            let pairs = symbols.windows(2).enumerate();
            let ranked = pairs.filter_map(|(at, p)| Some((ranks.get(&(p[0], p[1]))?, at)));
            let Some((&(_, merged), at)) = ranked.min() else { return symbols };
            symbols[at] = merged;
            symbols.remove(at + 1);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn words_are_merged_as_the_naive_way_does(
            word in prop::collection::vec(0u32..4, 0..24),
            rules in prop::collection::vec((0u32..10, 0u32..10), 0..10),
        ) {
            let rank = |(i, pair): (usize, &Pair)| (*pair, (i as u32, 4 + i as u32));
            let ranks: Ranks = rules.iter().enumerate().map(rank).collect();
            prop_assert_eq!(merge_word(word.clone(), &ranks), naive(word, &ranks));
        }
    }
}
