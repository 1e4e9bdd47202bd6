//! Short pieces of rows: how often each occurs.

use std::collections::BTreeMap;

use super::discrete::js;
use crate::{Error, Result};

/// The Jensen–Shannon divergence of the n-grams of two sets of rows, in nats: from 0 to ln 2.
///
/// An n-gram lies inside one row. The divergence is that of the counts, without a correction for
/// rare pieces, so two samples of one law do not reach 0, the less the longer the pieces: show the
/// value between data and as many other data beside it.
///
/// # Errors
/// [`Error::Parameter`] for n = 0, [`Error::Length`] if a set has no row of n tokens.
///
/// # Examples
/// ```
/// use gradus_generate::eval::ngram_divergence;
/// let (a, b) = ([vec![1, 2, 1]], [vec![3, 4]]);
/// assert_eq!(ngram_divergence(&a, &a, 2)?, 0.0);
/// assert!((ngram_divergence(&a, &b, 1)? - 2f64.ln()).abs() < 1e-15);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn ngram_divergence<A, B>(a: &[A], b: &[B], n: usize) -> Result<f64>
where
    A: AsRef<[u32]>,
    B: AsRef<[u32]>,
{
    let mut counts: BTreeMap<&[u32], [u64; 2]> = BTreeMap::new();
    let mut totals = [0u64; 2];
    for gram in ngrams(a, n)? {
        counts.entry(gram).or_default()[0] += 1;
        totals[0] += 1;
    }
    for gram in ngrams(b, n)? {
        counts.entry(gram).or_default()[1] += 1;
        totals[1] += 1;
    }
    totals.iter().try_for_each(|&total| some(total))?;
    let share = |count: u64, side: usize| count as f64 / totals[side] as f64;
    Ok(js(counts.values().map(|c| (share(c[0], 0), share(c[1], 1)))))
}

/// The entropy of the n-grams of rows, in nats: how many different ones there are, and how evenly
/// they are used.
///
/// It is that of the counts, so it rises with the number of rows: compare equal numbers.
///
/// # Errors
/// As [`ngram_divergence`].
pub fn ngram_entropy<R: AsRef<[u32]>>(rows: &[R], n: usize) -> Result<f64> {
    let counts = counts(rows, n)?;
    let total: u64 = counts.values().sum();
    let term = |&count: &u64| {
        let p = count as f64 / total as f64;
        -p * p.ln()
    };
    Ok(counts.values().map(term).sum::<f64>().max(0.0))
}

/// How often each piece occurs; at least one does. In order, so that sums have the same bits.
pub(super) fn counts<R: AsRef<[u32]>>(rows: &[R], n: usize) -> Result<BTreeMap<&[u32], u64>> {
    let mut counts = BTreeMap::new();
    for gram in ngrams(rows, n)? {
        *counts.entry(gram).or_default() += 1;
    }
    some(counts.len() as u64)?;
    Ok(counts)
}

fn ngrams<R: AsRef<[u32]>>(rows: &[R], n: usize) -> Result<impl Iterator<Item = &[u32]>> {
    if n == 0 {
        return Err(Error::Parameter { name: "n", expected: "at least 1", got: 0.0 });
    }
    Ok(rows.iter().flat_map(move |row| row.as_ref().windows(n)))
}

fn some(found: u64) -> Result<()> {
    if found > 0 {
        return Ok(());
    }
    Err(Error::Length { what: "pieces of n tokens, at least", expected: 1, got: 0 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::js_divergence;
    use super::*;

    fn rows() -> impl Strategy<Value = Vec<Vec<u32>>> {
        prop::collection::vec(prop::collection::vec(0..3u32, 2..9), 1..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Pairs of three ids as the digits of a number, against the law over all nine.
        #[test]
        fn it_is_the_divergence_of_the_counts(a in rows(), b in rows()) {
            let law = |rows: &[Vec<u32>]| {
                let mut law = vec![0.0; 9];
                for row in rows {
                    for i in 1..row.len() {
                        law[(row[i - 1] * 3 + row[i]) as usize] += 1.0;
                    }
                }
                law
            };
            let expected = js_divergence(&law(&a), &law(&b)).unwrap();
            prop_assert!((ngram_divergence(&a, &b, 2).unwrap() - expected).abs() < 1e-12);
        }

        #[test]
        fn entropy_is_at_most_the_logarithm_of_the_count(a in rows()) {
            let h = ngram_entropy(&a, 1).unwrap();
            prop_assert!(h >= 0.0 && h <= 3f64.ln() + 1e-12);
        }
    }

    #[test]
    fn even_pieces_have_the_most_entropy() {
        assert!((ngram_entropy(&[[0, 1, 2, 3]], 1).unwrap() - 4f64.ln()).abs() < 1e-15);
        assert_eq!(ngram_entropy(&[[7, 7, 7]], 2).unwrap(), 0.0);
    }

    #[test]
    fn rows_that_are_too_short_are_refused() {
        let (none, short): (&[Vec<u32>], _) = (&[], [vec![1u32]]);
        assert!(ngram_divergence(&short, &short, 2).is_err());
        assert!(ngram_divergence(&short, none, 1).is_err());
        assert!(ngram_divergence(&short, &short, 0).is_err());
        assert!(ngram_entropy(none, 1).is_err());
    }
}
