//! Do not repeat yourself.

use gradus_core::Key;

use super::traits::require;
use crate::{Error, History, Result, Stage, Warp};

/// Makes tokens less likely that would go on with a repetition.
///
/// If the last n tokens have occurred before, followed by t, and n is at least `allowed`, then
/// l(t) ← l(t) − multiplier · base^(n − allowed), with the longest such n for each t. A match never
/// goes across a breaker.
///
/// # Reference
/// p-e-w 2024, "DRY: A modern repetition penalty that reliably prevents looping".
#[derive(Debug, Clone, PartialEq)]
pub struct Dry {
    /// Scale of the penalty; 0 changes nothing.
    pub multiplier: f64,
    /// How fast the penalty grows with the length of the repetition.
    pub base: f64,
    /// The shortest repetition that is penalised.
    pub allowed: usize,
    /// How many of the last tokens are searched.
    pub window: usize,
    /// Ids that cut a repetition, such as line ends.
    pub breakers: Vec<u32>,
}

impl Default for Dry {
    /// Multiplier 0.8, base 1.75, two tokens allowed, everything searched, no breakers.
    fn default() -> Self {
        let (multiplier, base, allowed) = (0.8, 1.75, 2);
        Self { multiplier, base, allowed, window: usize::MAX, breakers: Vec::new() }
    }
}

impl Dry {
    /// For each token that followed an earlier match of the end: the token and the match's length.
    fn matches(&self, history: &History<'_>) -> Vec<(u32, usize)> {
        let mut back: Vec<u32> = history.iter().collect();
        back.reverse();
        back.truncate(self.window);
        let cut = back.iter().position(|id| self.breakers.contains(id)).unwrap_or(back.len());
        let lengths = prefix_lengths(&back);
        let found = (1..back.len()).map(|k| (back[k - 1], lengths[k].min(cut)));
        let mut found: Vec<_> = found.filter(|x| x.1 >= self.allowed).collect();
        // The longest one of each token comes first.
        found.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        found.dedup_by_key(|x| x.0);
        found
    }
}

/// For each place, how far the sequence from there on equals the sequence from its start: the
/// Z-function, in linear time.
fn prefix_lengths(s: &[u32]) -> Vec<usize> {
    let mut z = vec![s.len(); s.len()];
    let (mut left, mut right) = (0, 0);
    for k in 1..s.len() {
        z[k] = if k < right { z[k - left].min(right - k) } else { 0 };
        while k + z[k] < s.len() && s[z[k]] == s[k + z[k]] {
            z[k] += 1;
        }
        if k + z[k] > right {
            (left, right) = (k, k + z[k]);
        }
    }
    z
}

impl Warp for Dry {
    fn apply(&self, logits: &mut [f64], history: &History<'_>, _: Key) -> Result<()> {
        // Not even if the power of a very long repetition is infinite.
        if self.multiplier == 0.0 {
            return Ok(());
        }
        for (id, length) in self.matches(history) {
            let penalty = self.multiplier * self.base.powf((length - self.allowed) as f64);
            if let Some(l) = logits.get_mut(id as usize) {
                // A finite number, however long the match: what else is there may be removed.
                *l -= penalty.min(1e100);
            }
        }
        Ok(())
    }

    fn check(&self, vocab: usize) -> Result<()> {
        let positive = |x: f64| x.is_finite() && x >= 0.0;
        require("DRY multiplier", self.multiplier, "a finite number ≥ 0", positive)?;
        require("DRY base", self.base, "a finite number ≥ 1", |b| b.is_finite() && b >= 1.0)?;
        require("DRY allowed length", self.allowed as f64, "at least 1", |n| n >= 1.0)?;
        match self.breakers.iter().find(|&&id| id as usize >= vocab) {
            Some(&id) => Err(Error::OutOfVocab { what: "DRY breakers", id, vocab }),
            None => Ok(()),
        }
    }

    fn stage(&self) -> Stage {
        Stage::Dry
    }

    fn ordered(&self) -> bool {
        true
    }

    fn label(&self) -> String {
        format!("{self:?}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By the definition: every earlier place, token by token.
    fn naive(dry: &Dry, ids: &[u32]) -> Vec<(u32, usize)> {
        let ids = &ids[ids.len() - dry.window.min(ids.len())..];
        let mut best = std::collections::BTreeMap::new();
        for end in 1..ids.len() {
            let equal = |n: &usize| {
                ids[end - n] == ids[ids.len() - n] && !dry.breakers.contains(&ids[end - n])
            };
            let n = (1..=end).take_while(equal).count();
            if n >= dry.allowed {
                let longest = best.entry(ids[end]).or_insert(n);
                *longest = n.max(*longest);
            }
        }
        best.into_iter().collect()
    }

    #[test]
    fn a_repetition_costs_more_the_longer_it_is() {
        let dry = Dry { multiplier: 1.0, base: 2.0, ..Dry::default() };
        let ids = [3, 1, 2, 0, 3, 1, 2];
        let mut logits = [0.0; 4];
        let history = History { prompt: &ids[..4], generated: &ids[4..], ..History::default() };
        dry.apply(&mut logits, &history, Key::new(0)).unwrap();
        assert_eq!(logits, [-2.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_very_long_repetition_stays_finite() {
        let ids = vec![1; 5000];
        let mut logits = [0.0; 2];
        let history = History { prompt: &ids, ..History::default() };
        Dry::default().apply(&mut logits, &history, Key::new(0)).unwrap();
        assert!(logits[1].is_finite() && logits[1] < -1e50);
        let (off, mut same) = (Dry { multiplier: 0.0, ..Dry::default() }, [0.0; 2]);
        off.apply(&mut same, &history, Key::new(0)).unwrap();
        assert_eq!(same, [0.0; 2]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn matches_are_those_of_the_definition(
            ids in prop::collection::vec(0..3u32, 0..40), allowed in 1..4usize,
            window in 1..50usize, breaker in 0..5u32,
        ) {
            let dry = Dry { allowed, window, breakers: vec![breaker], ..Dry::default() };
            let history = History { prompt: &ids, ..History::default() };
            prop_assert_eq!(dry.matches(&history), naive(&dry, &ids));
        }
    }
}
