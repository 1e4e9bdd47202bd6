//! How probable given tokens are.

use crate::own::log_total;
use crate::prompt::fits;
use crate::{Causal, Error, Logits, Ragged, Result, Start, Want};

/// ln p(token | tokens before it) for every token of each row, in nats, from one call of the model.
///
/// These are the model's own log-probabilities, before any warp. The first token of a row has one only
/// if the model has a start token; otherwise the row's first entry is `None`.
///
/// # Errors
/// [`Error::OutOfVocab`], [`Error::Length`] for rows that are longer than the model's context, and what
/// the model reports.
///
/// # Examples
/// ```
/// use gradus_generate::{exact::Chain, score};
/// let chain = Chain::new(0.1)?;
/// let logps = score(&chain, &[vec![1, 1, 0]])?;
/// let expected = [0.5f64, 0.9, 0.1].map(|p| Some(p.ln()));
/// for (got, expected) in logps[0].iter().zip(expected) {
///     assert!((got.unwrap() - expected.unwrap()).abs() < 1e-12);
/// }
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn score<M: Causal + ?Sized>(model: &M, rows: &[Vec<u32>]) -> Result<Vec<Vec<Option<f64>>>> {
    let vocab = model.vocab();
    if let Some(&id) = rows.iter().flatten().find(|&&id| id as usize >= vocab) {
        return Err(Error::OutOfVocab { what: "tokens to score", id, vocab });
    }
    // The last token predicts nothing that is asked for.
    let fed: Vec<Vec<u32>> = rows.iter().map(|row| first_fed(model.start(), row)).collect();
    let longest = fed.iter().map(Vec::len).max().unwrap_or(0);
    fits(model, longest)?;
    let (tokens, mut logits) = (Ragged::from_rows(&fed), Logits::new(vocab));
    if tokens.total() > 0 {
        model.feed(&mut model.begin(rows.len())?, &tokens, Want::All, &mut logits)?;
    }
    logits.expect_rows(tokens.total())?;
    let (mut at, mut all) = (0, Vec::new());
    for (r, (row, fed)) in rows.iter().zip(&fed).enumerate() {
        let unscored = row.len() - fed.len();
        let mut logps = vec![None; unscored];
        for (k, &id) in row[unscored..].iter().enumerate() {
            let of = logits.row(at + k);
            let total = log_total(of).map_err(|e| e.at(r, unscored + k))?;
            logps.push(Some(of[id as usize] - total));
        }
        at += fed.len();
        all.push(logps);
    }
    Ok(all)
}

/// Everything before the last token, after a start token if there is one.
fn first_fed(start: Start, row: &[u32]) -> Vec<u32> {
    let before = &row[..row.len().saturating_sub(1)];
    match start {
        _ if row.is_empty() => Vec::new(),
        Start::Always(id) => [&[id], before].concat(),
        // Such a model was never fed both, so the first token has no law of its own beside others.
        Start::IfEmpty(_) | Start::Prompt => before.to_vec(),
    }
}
