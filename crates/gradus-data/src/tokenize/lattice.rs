//! All ways to cut a word into pieces, with their scores.

use std::collections::HashMap;

/// Pieces with their log-probabilities, by text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pieces {
    places: HashMap<String, usize>,
    scores: Vec<f64>,
    /// Bytes of the longest piece: no longer one need be looked up.
    longest: usize,
    /// What a character without a piece costs.
    unknown_score: f64,
}

/// A piece within a word: where it ends, and its place in the vocabulary if it has one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub(super) end: usize,
    pub(super) place: Option<usize>,
    score: f64,
}

/// How much less than any piece an unknown character is liked; sentencepiece's constant.
const UNKNOWN_PENALTY: f64 = 10.0;

impl Pieces {
    /// The pieces that are given with their places; `scores` are by place.
    pub(super) fn new<'a>(
        pieces: impl Iterator<Item = (&'a str, usize)>,
        scores: Vec<f64>,
    ) -> Self {
        let places: HashMap<String, usize> =
            pieces.map(|(piece, place)| (piece.to_owned(), place)).collect();
        let longest = places.keys().map(String::len).max().unwrap_or(0);
        let least = scores.iter().copied().fold(f64::INFINITY, f64::min);
        Self { places, scores, longest, unknown_score: least - UNKNOWN_PENALTY }
    }

    /// The pieces that begin at `start`, from the shortest on, and the character there as unknown if
    /// it is no piece itself.
    fn steps(&self, word: &str, start: usize) -> impl Iterator<Item = Step> {
        let ends = word[start..].char_indices().map(move |(at, c)| start + at + c.len_utf8());
        let first = ends.clone().next();
        let known = move |end: usize| {
            let place = self.places.get(&word[start..end]).copied();
            let score = place.map_or(self.unknown_score, |place| self.scores[place]);
            (place.is_some() || Some(end) == first).then_some(Step { end, place, score })
        };
        ends.take_while(move |end| end - start <= self.longest || Some(*end) == first)
            .filter_map(known)
    }

    /// The most likely cut, without the step that covers the whole word if `whole` is excluded.
    pub(super) fn best(&self, word: &str, whole: Whole) -> Vec<Step> {
        // For each end: the best score up to there, and the step that leads there with its start.
        let mut best: Vec<Option<(f64, usize, Step)>> = vec![None; word.len() + 1];
        for (start, _) in word.char_indices() {
            let Some(so_far) = (if start == 0 { Some(0.0) } else { best[start].map(|b| b.0) })
            else {
                continue;
            };
            for step in self.steps(word, start) {
                if whole == Whole::Excluded && start == 0 && step.end == word.len() {
                    continue;
                }
                let score = so_far + step.score;
                // Of equal cuts the one that was found first stays.
                if best[step.end].is_none_or(|(known, ..)| score > known) {
                    best[step.end] = Some((score, start, step));
                }
            }
        }
        let mut steps = Vec::new();
        let mut end = word.len();
        while let Some((_, start, step)) = best[end].filter(|_| end > 0) {
            steps.push(step);
            end = start;
        }
        steps.reverse();
        steps
    }

    /// The log-probability of a cut.
    pub(super) fn score(steps: &[Step]) -> f64 {
        steps.iter().map(|step| step.score).sum()
    }

    /// Adds the expected number of each piece in a word to `expected`, `count` times, and returns the
    /// log-probability of the word over all cuts.
    pub(super) fn expect(&self, word: &str, count: f64, expected: &mut [f64]) -> f64 {
        let n = word.len();
        let mut forward = vec![f64::NEG_INFINITY; n + 1];
        let mut backward = forward.clone();
        (forward[0], backward[n]) = (0.0, 0.0);
        for (start, _) in word.char_indices() {
            for step in self.steps(word, start) {
                forward[step.end] = log_add(forward[step.end], forward[start] + step.score);
            }
        }
        for (start, _) in word.char_indices().rev() {
            for step in self.steps(word, start) {
                backward[start] = log_add(backward[start], step.score + backward[step.end]);
            }
        }
        for (start, _) in word.char_indices() {
            for step in self.steps(word, start) {
                if let Some(place) = step.place {
                    let log = forward[start] + step.score + backward[step.end] - forward[n];
                    expected[place] += count * log.exp();
                }
            }
        }
        forward[n]
    }
}

/// Whether a word may be one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    Allowed,
    Excluded,
}

fn log_add(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PIECES: [&str; 6] = ["a", "b", "ab", "ba", "aab", "é"];
    const SCORES: [f64; 6] = [-2.0, -2.5, -3.0, -3.1, -4.4, -5.0];

    fn pieces() -> Pieces {
        Pieces::new(PIECES.into_iter().zip(0..), SCORES.to_vec())
    }

    /// Every cut of a word of known characters, as places.
    fn cuts(word: &str) -> Vec<Vec<usize>> {
        if word.is_empty() {
            return vec![Vec::new()];
        }
        let first = (0..PIECES.len()).filter(|&p| word.starts_with(PIECES[p]));
        let with = |p: usize| {
            let rests = cuts(&word[PIECES[p].len()..]).into_iter();
            rests.map(move |rest| [vec![p], rest].concat())
        };
        first.flat_map(with).collect()
    }

    fn score(cut: &[usize]) -> f64 {
        cut.iter().map(|&p| SCORES[p]).sum()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn best_and_expected_are_those_of_all_cuts(word in "[abé]{1,8}") {
            let all = cuts(&word);
            let best = pieces().best(&word, Whole::Allowed);
            let most = all.iter().map(|cut| score(cut)).fold(f64::NEG_INFINITY, f64::max);
            prop_assert!((Pieces::score(&best) - most).abs() < 1e-9);
            let total: f64 = all.iter().map(|cut| score(cut).exp()).sum();
            let mut expected = [0.0; 6];
            let log = pieces().expect(&word, 2.0, &mut expected);
            prop_assert!((log - total.ln()).abs() < 1e-9);
            for (piece, got) in expected.iter().enumerate() {
                let times = |cut: &Vec<usize>| cut.iter().filter(|&&p| p == piece).count() as f64;
                let want: f64 = all.iter().map(|c| score(c).exp() / total * times(c)).sum();
                prop_assert!((got - 2.0 * want).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn unknown_characters_and_exclusion() {
        let places = |steps: Vec<Step>| steps.iter().map(|s| s.place).collect::<Vec<_>>();
        assert_eq!(places(pieces().best("axb", Whole::Allowed)), [Some(0), None, Some(1)]);
        assert_eq!(places(pieces().best("ab", Whole::Allowed)), [Some(2)]);
        assert_eq!(places(pieces().best("ab", Whole::Excluded)), [Some(0), Some(1)]);
        assert!(pieces().best("a", Whole::Excluded).is_empty());
        assert!(pieces().best("", Whole::Allowed).is_empty());
    }
}
