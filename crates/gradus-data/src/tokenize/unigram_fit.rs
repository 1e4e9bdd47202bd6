//! Learning the pieces of a unigram model.
//!
//! ```text
//! pieces = all characters, and the substrings of words with the largest frequency · length
//! until there are few enough:
//!     twice: p(piece) = its expected share over all cuts of all words    (EM)
//!     drop the quarter of pieces whose loss lowers the likelihood least
//! ```

use std::collections::{BTreeMap, HashMap};

use super::lattice::{Pieces, Whole};

/// Pieces have at most so many characters; sentencepiece's default.
const MAX_CHARACTERS: usize = 16;
/// The share of pieces that is kept in a round of pruning; sentencepiece's default.
const SHRINK: f64 = 0.75;
/// Pieces with fewer expected occurrences are dropped at once; sentencepiece's constant.
const LEAST_EXPECTED: f64 = 0.5;
/// Seeds are this many times the tokens asked for.
const SEEDS_PER_TOKEN: usize = 20;

/// A piece and its score.
type Scored = (String, f64);

/// Learns at most `n_pieces` pieces, more only if there are more distinct characters; from the most
/// likely on.
pub(super) fn learn(words: &BTreeMap<String, u64>, n_pieces: usize) -> Vec<Scored> {
    let mut pieces = seeds(words, n_pieces.saturating_mul(SEEDS_PER_TOKEN));
    loop {
        for _ in 0..2 {
            pieces = em(words, pieces);
        }
        // The last tenth is left to the final choice by score.
        if pieces.len() * 10 <= n_pieces * 11 {
            break;
        }
        let before = pieces.len();
        pieces = prune(words, pieces, n_pieces);
        if pieces.len() == before {
            break;
        }
    }
    choose(pieces, n_pieces)
}

fn is_character(piece: &str) -> bool {
    piece.chars().nth(1).is_none()
}

/// All characters, and the substrings that would save most.
fn seeds(words: &BTreeMap<String, u64>, n_seeds: usize) -> Vec<Scored> {
    let mut characters: BTreeMap<&str, u64> = BTreeMap::new();
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for (word, &count) in words {
        let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
        for start in 0..ends.len() - 1 {
            for (n, &end) in ends[start + 1..].iter().take(MAX_CHARACTERS).enumerate() {
                let piece = &word[ends[start]..end];
                let total = if n == 0 {
                    characters.entry(piece).or_default()
                } else {
                    counts.entry(piece).or_default()
                };
                *total += count;
            }
        }
    }
    let saved =
        |(piece, count): (&str, u64)| (count * piece.chars().count() as u64, piece.to_owned());
    let mut longer: Vec<_> = counts.into_iter().filter(|&(_, n)| n >= 2).map(saved).collect();
    // In a fixed order whatever the map's is.
    longer.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    longer.truncate(n_seeds);
    let all = characters.into_iter().map(saved).chain(longer);
    let all: Vec<(u64, String)> = all.collect();
    let total = (all.iter().map(|(saved, _)| *saved as f64).sum::<f64>()).ln();
    all.into_iter().map(|(saved, piece)| (piece, (saved as f64).ln() - total)).collect()
}

fn lattice(pieces: &[Scored]) -> Pieces {
    let scores = pieces.iter().map(|(_, score)| *score).collect();
    Pieces::new(pieces.iter().map(|(piece, _)| piece.as_str()).zip(0..), scores)
}

/// A step of expectation and maximization.
fn em(words: &BTreeMap<String, u64>, pieces: Vec<Scored>) -> Vec<Scored> {
    let lattice = lattice(&pieces);
    let mut expected = vec![0.0; pieces.len()];
    for (word, &count) in words {
        lattice.expect(word, count as f64, &mut expected);
    }
    let kept: Vec<(String, f64)> = pieces
        .into_iter()
        .zip(expected)
        // A character stays, so that every word keeps a cut.
        .filter(|((piece, _), n)| *n >= LEAST_EXPECTED || is_character(piece))
        .map(|((piece, _), n)| (piece, n.max(LEAST_EXPECTED)))
        .collect();
    // The digamma function instead of the logarithm: a Dirichlet prior that favours few pieces.
    let total = digamma(kept.iter().map(|(_, n)| n).sum());
    kept.into_iter().map(|(piece, n)| (piece, digamma(n) - total)).collect()
}

/// Drops the pieces whose loss costs least.
fn prune(words: &BTreeMap<String, u64>, pieces: Vec<Scored>, n_pieces: usize) -> Vec<Scored> {
    let lattice = lattice(&pieces);
    let mut used = vec![0.0; pieces.len()];
    for (word, &count) in words {
        for place in lattice.best(word, Whole::Allowed).iter().filter_map(|step| step.place) {
            used[place] += count as f64;
        }
    }
    // What the corpus loses, in nats, if a piece is written with the others.
    let loss = |(place, (piece, score)): (usize, Scored)| {
        let without = Pieces::score(&lattice.best(&piece, Whole::Excluded));
        let loss =
            if is_character(&piece) { f64::INFINITY } else { used[place] * (score - without) };
        (loss, piece, score)
    };
    let mut by_loss: Vec<_> = pieces.into_iter().enumerate().map(loss).collect();
    // Stable: equal losses stay in the order of the seeds.
    by_loss.sort_by(|a, b| b.0.total_cmp(&a.0));
    let n_characters = by_loss.iter().take_while(|(loss, ..)| loss.is_infinite()).count();
    let shrunk = (by_loss.len() as f64 * SHRINK) as usize;
    by_loss.truncate(shrunk.max(n_pieces * 11 / 10).max(n_characters));
    by_loss.into_iter().map(|(_, piece, score)| (piece, score)).collect()
}

/// All characters and the most likely of the others, from the most likely on.
fn choose(mut pieces: Vec<Scored>, n_pieces: usize) -> Vec<Scored> {
    let order = |a: &Scored, b: &Scored| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0));
    pieces.sort_unstable_by(order);
    let (characters, longer): (Vec<_>, Vec<_>) =
        pieces.into_iter().partition(|(piece, _)| is_character(piece));
    let room = n_pieces.saturating_sub(characters.len());
    let mut chosen: Vec<Scored> =
        characters.into_iter().chain(longer.into_iter().take(room)).collect();
    chosen.sort_unstable_by(order);
    chosen
}

/// ψ(x) for x > 0: the recurrence up to 7, then the asymptotic series; good to 1e-12.
fn digamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 7.0 {
        shift -= 1.0 / x;
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let series =
        y * (1.0 / 12.0 - y * (1.0 / 120.0 - y * (1.0 / 252.0 - y * (1.0 / 240.0 - y / 132.0))));
    shift + x.ln() - 0.5 / x - series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digamma_takes_known_values() {
        let gamma = 0.577_215_664_901_532_9;
        assert!((digamma(1.0) + gamma).abs() < 1e-10);
        assert!((digamma(0.5) + gamma + 2.0 * 2.0f64.ln()).abs() < 1e-10);
        assert!((digamma(11.5) - (digamma(10.5) + 1.0 / 10.5)).abs() < 1e-12);
    }

    #[test]
    fn em_raises_the_likelihood_and_scores_are_log_probabilities() {
        let words: BTreeMap<String, u64> =
            [("banana", 5), ("bandana", 3), ("cabana", 2)].map(|(w, n)| (w.to_owned(), n)).into();
        let likelihood = |pieces: &[Scored]| -> f64 {
            let lattice = lattice(pieces);
            let mut unused = vec![0.0; pieces.len()];
            words.iter().map(|(w, &n)| n as f64 * lattice.expect(w, 1.0, &mut unused)).sum()
        };
        let start = seeds(&words, 100);
        let once = em(&words, start.clone());
        assert!(likelihood(&once) > likelihood(&start));
        let learned = learn(&words, 8);
        assert_eq!(learned.len(), 8);
        assert!(learned.windows(2).all(|w| w[0].1 >= w[1].1));
        assert!(["a", "b", "c", "d", "n"].iter().all(|c| learned.iter().any(|(p, _)| p == c)));
        let mass: f64 = learn(&words, 100).iter().map(|(_, score)| score.exp()).sum();
        assert!(mass > 0.5 && mass < 1.0, "{mass}");
    }
}
