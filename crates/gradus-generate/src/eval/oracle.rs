//! What another model thinks of samples.

use crate::{Causal, Error, Result, score};

/// Rows scored in one call: bounds the memory of their logits.
const ROWS: usize = 32;

/// −ln p of each row under an oracle, in nats per token.
///
/// The oracle is a causal model that did not make the samples: larger, from another seed, trained on
/// other data. Tokens that it cannot predict (the first, without a start token) do not count. A row
/// that the oracle holds for impossible has an infinite value.
///
/// **Not a distance by itself**: samples that are all alike are likelier than the data. Compare with
/// the value of held-out data, and show an entropy of the samples beside it.
///
/// # Errors
/// [`Error::Length`] if no token of a row can be scored, and as [`score`].
///
/// # Examples
/// ```
/// use gradus_generate::{eval::oracle_nll, exact::Chain};
/// let chain = Chain::new(0.1)?;
/// let nll = oracle_nll(&chain, &[vec![1, 1]])?;
/// assert!((nll[0] + (0.5f64.ln() + 0.9f64.ln()) / 2.0).abs() < 1e-12);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn oracle_nll<M: Causal + ?Sized>(oracle: &M, rows: &[Vec<u32>]) -> Result<Vec<f64>> {
    let mut all = Vec::with_capacity(rows.len());
    for rows in rows.chunks(ROWS) {
        for logps in score(oracle, rows)? {
            let scored: Vec<f64> = logps.into_iter().flatten().collect();
            if scored.is_empty() {
                let what = "tokens of a row that can be scored, at least";
                return Err(Error::Length { what, expected: 1, got: 0 });
            }
            // A sum of zeros is −0 after the sign; adding 0 mends it.
            all.push(-scored.iter().sum::<f64>() / scored.len() as f64 + 0.0);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Chain;
    use crate::{Ar, Request, Strategy};

    /// The mean over many samples of the law is its entropy.
    #[test]
    fn samples_of_the_oracle_cost_its_entropy() {
        let chain = Chain::new(0.1).unwrap();
        let request = Request::blank(8).rows(2_000).seed(5);
        let output = Ar::default().run(&chain, request).unwrap().collect_all().unwrap();
        let rows: Vec<Vec<u32>> = (0..output.rows()).map(|r| output.row(r)).collect();
        let nll = oracle_nll(&chain, &rows).unwrap();
        let mean = nll.iter().sum::<f64>() / nll.len() as f64;
        // 2.968728 nats a row; the standard error is about 0.002 nats a token.
        assert!((mean - 2.968728 / 8.0).abs() < 0.01, "{mean}");
        assert_eq!(nll[40], oracle_nll(&chain, &rows[40..41]).unwrap()[0]);
    }

    #[test]
    fn a_row_without_tokens_is_refused() {
        let chain = Chain::new(0.1).unwrap();
        assert!(oracle_nll(&chain, &[vec![]]).is_err());
        assert!(oracle_nll(&chain, &[vec![2]]).is_err());
        assert!(oracle_nll(&chain, &[]).unwrap().is_empty());
    }
}
