//! Learning which neighbouring symbols to merge.
//!
//! ```text
//! symbols of a word = its characters
//! until the vocabulary is full:
//!     (a, b) = the pair of neighbours that occurs most often; of equals, the least pair of ids
//!     add the symbol ab; replace a b by ab in every word
//! ```

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

/// Two neighbouring symbols.
pub(super) type Pair = (u32, u32);

/// A vocabulary under construction: symbols in the order of their ids.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    pub(super) names: Vec<String>,
    pub(super) ids: HashMap<String, u32>,
}

impl Symbols {
    /// The id of a symbol, which is added if it is new.
    pub(super) fn add(&mut self, name: &str) -> u32 {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.ids.insert(name.to_owned(), id);
        id
    }

    /// Adds symbols in order.
    pub(super) fn add_all(&mut self, names: impl IntoIterator<Item = String>) {
        for name in names {
            self.add(&name);
        }
    }
}

/// What ends the learning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Until {
    pub(super) vocab_size: usize,
    pub(super) min_frequency: u64,
}

/// Adds merged symbols to a vocabulary and returns the merges in order. `join` names a merged
/// symbol after its two parts.
pub(super) fn learn(
    words: Vec<(Vec<u32>, u64)>,
    symbols: &mut Symbols,
    until: Until,
    join: impl Fn(&str, &str) -> String,
) -> Vec<Pair> {
    let mut pairs = Pairs::new(words);
    let mut merges = Vec::new();
    while symbols.names.len() < until.vocab_size {
        let Some((pair, count)) = pairs.most_frequent() else { break };
        if count < until.min_frequency {
            break;
        }
        let [a, b] = [pair.0, pair.1].map(|id| &symbols.names[id as usize]);
        let name = join(a, b);
        let merged = symbols.add(&name);
        merges.push(pair);
        pairs.merge(pair, merged);
    }
    merges
}

/// The words, and where and how often each pair occurs in them.
struct Pairs {
    words: Vec<(Vec<u32>, u64)>,
    counts: HashMap<Pair, u64>,
    places: HashMap<Pair, BTreeSet<usize>>,
    /// Counts as they were when they rose; too high by now for some.
    heap: BinaryHeap<(u64, Reverse<Pair>)>,
    /// A rule is made once: a pair that comes up again is not merged a second time.
    merged: HashSet<Pair>,
}

impl Pairs {
    fn new(words: Vec<(Vec<u32>, u64)>) -> Self {
        let mut pairs = Self {
            words,
            counts: HashMap::new(),
            places: HashMap::new(),
            heap: BinaryHeap::new(),
            merged: HashSet::new(),
        };
        for word in 0..pairs.words.len() {
            pairs.add_word(word);
        }
        pairs.heap = pairs.counts.iter().map(|(&pair, &count)| (count, Reverse(pair))).collect();
        pairs
    }

    fn add_word(&mut self, word: usize) {
        let (symbols, count) = &self.words[word];
        for pair in symbols.windows(2).map(|p| (p[0], p[1])) {
            *self.counts.entry(pair).or_default() += count;
            self.places.entry(pair).or_default().insert(word);
        }
    }

    fn most_frequent(&mut self) -> Option<(Pair, u64)> {
        while let Some((count, Reverse(pair))) = self.heap.pop() {
            let now = self.counts.get(&pair).copied().unwrap_or(0);
            if now == 0 || self.merged.contains(&pair) {
                continue;
            }
            if now == count {
                return Some((pair, count));
            }
            self.heap.push((now, Reverse(pair)));
        }
        None
    }

    fn merge(&mut self, pair: Pair, merged: u32) {
        self.merged.insert(pair);
        let mut risen = HashSet::new();
        for word in self.places.remove(&pair).unwrap_or_default() {
            let (symbols, count) = &mut self.words[word];
            for old in symbols.windows(2).map(|p| (p[0], p[1])) {
                if let Some(total) = self.counts.get_mut(&old) {
                    *total -= *count;
                }
            }
            replace(symbols, pair, merged);
            let with_merged = |p: &[u32]| p.contains(&merged).then_some((p[0], p[1]));
            risen.extend(symbols.windows(2).filter_map(with_merged));
            self.add_word(word);
        }
        self.heap.extend(risen.into_iter().map(|pair| (self.counts[&pair], Reverse(pair))));
    }
}

/// Replaces every occurrence of a pair, from the left.
fn replace(symbols: &mut Vec<u32>, pair: Pair, merged: u32) {
    let mut kept = 0;
    let mut at = 0;
    while at < symbols.len() {
        let is_pair = symbols[at] == pair.0 && symbols.get(at + 1) == Some(&pair.1);
        symbols[kept] = if is_pair { merged } else { symbols[at] };
        at += if is_pair { 2 } else { 1 };
        kept += 1;
    }
    symbols.truncate(kept);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Counts everything anew for every merge.
    fn naive(mut words: Vec<(Vec<u32>, u64)>, symbols: &mut Symbols, until: Until) -> Vec<Pair> {
        let mut merges: Vec<Pair> = Vec::new();
        while symbols.names.len() < until.vocab_size {
            let mut counts: HashMap<Pair, u64> = HashMap::new();
            for (symbols, count) in &words {
                for p in symbols.windows(2) {
                    *counts.entry((p[0], p[1])).or_default() += count;
                }
            }
            counts.retain(|pair, count| *count >= until.min_frequency && !merges.contains(pair));
            let Some(best) = counts.into_iter().map(|(p, c)| (c, Reverse(p))).max() else { break };
            let pair = best.1.0;
            let name =
                format!("{}{}", symbols.names[pair.0 as usize], symbols.names[pair.1 as usize]);
            let merged = symbols.add(&name);
            merges.push(pair);
            words.iter_mut().for_each(|(word, _)| replace(word, pair, merged));
        }
        merges
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn merges_are_those_of_counting_anew(
            words in prop::collection::vec((prop::collection::vec(0u32..3, 1..9), 1u64..4), 0..8),
            vocab_size in 3usize..20, min_frequency in 1u64..4,
        ) {
            let start = || {
                let mut symbols = Symbols::default();
                symbols.add_all(["a", "b", "c"].map(str::to_owned));
                symbols
            };
            let until = Until { vocab_size, min_frequency };
            let (mut fast, mut slow) = (start(), start());
            let merges = learn(words.clone(), &mut fast, until, |a, b| format!("{a}{b}"));
            prop_assert_eq!(merges, naive(words, &mut slow, until));
            prop_assert_eq!(fast.names, slow.names);
        }
    }
}
