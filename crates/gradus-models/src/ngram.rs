//! Counts of what follows what.

use std::collections::HashMap;

use gradus_generate::{Causal, Logits, Ragged, Start, State, TokenState, Want};

use crate::error::{Result, for_strategy, require};
use crate::inputs::{check_fed, check_rows, check_token};

const NAME: &str = "Ngram";

/// An n-gram model: the law of a token given the last n − 1, from counts, smoothed after Witten and Bell.
///
/// With c(h w) the times that w followed h, N(h) the number of different tokens that did, and h′ the context h
/// without its oldest token:
///
/// p(w | h) = (c(h w) + N(h) · p(w | h′)) / (Σᵥ c(h v) + N(h))
///
/// Below the empty context stands the uniform law 1 / V, so that every token has a chance. A context that was
/// never seen has the law of the shorter one.
///
/// A row begins with a start token, the vocabulary size, which is part of the contexts at its beginning. The
/// model is exact in `f64`, needs no gradient, and costs O(n · V) a token: a law for tests, a yardstick for
/// networks, and a draft for [`gradus_generate::Draft`].
///
/// # Reference
/// Witten & Bell 1991, "The zero-frequency problem"; Chen & Goodman 1999, "An empirical study of smoothing
/// techniques for language modeling", where it is one of the methods compared.
///
/// # Examples
/// As a draft, it makes a strategy faster and never changes what it draws:
/// ```
/// use gradus_generate::{Ar, Draft, Drafted, Request, Strategy};
/// use gradus_models::Ngram;
///
/// let text = [1, 2, 3, 1, 2, 3, 1, 2, 0];
/// let (target, draft) = (Ngram::fit([&text], 4, 5)?, Ngram::fit([&text], 2, 5)?);
/// assert!(target.probs(&[1, 2])[3] > 0.5);
/// let request = Request::blank(30).seed(7);
/// let plain = Ar::default().run(&target, request.clone())?.collect_all()?;
/// let pair = Drafted { target: &target, draft: &draft };
/// let fast = Draft::default().run(&pair, request)?.collect_all()?;
/// assert_eq!(fast.row(0), plain.row(0));
/// assert!(fast.stats.calls < plain.stats.calls);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ngram {
    vocab: usize,
    order: usize,
    contexts: HashMap<Vec<u32>, Followers>,
}

/// What followed a context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Followers {
    total: u64,
    /// How often each of them did.
    counts: HashMap<u32, u64>,
}

impl Ngram {
    /// Counts the tokens of some rows after contexts of up to `order` − 1 tokens.
    ///
    /// Without rows every law is uniform.
    ///
    /// # Errors
    /// [`crate::Error::Config`] if the order or the vocabulary is 0, [`crate::Error::Token`] for a token that
    /// is not below `vocab`.
    pub fn fit(
        rows: impl IntoIterator<Item = impl AsRef<[u32]>>,
        order: usize,
        vocab: usize,
    ) -> Result<Self> {
        require(order > 0, NAME, "order", "above zero", order)?;
        let ids = u32::try_from(vocab).is_ok_and(|vocab| (1..u32::MAX).contains(&vocab));
        require(ids, NAME, "vocab", "above zero and below 2³² − 1", vocab)?;
        let mut contexts = HashMap::<Vec<u32>, Followers>::new();
        for row in rows {
            let row = row.as_ref();
            row.iter().try_for_each(|&token| check_token(NAME, i64::from(token), vocab))?;
            let started = [&[vocab as u32], row].concat();
            for (at, &token) in row.iter().enumerate() {
                for context in suffixes(&started[..=at], order) {
                    let after = contexts.entry(context.to_vec()).or_default();
                    after.total += 1;
                    *after.counts.entry(token).or_default() += 1;
                }
            }
        }
        Ok(Self { vocab, order, contexts })
    }

    /// n: one more than the tokens that are looked back at.
    pub fn order(&self) -> usize {
        self.order
    }

    /// The law of the token after a row.
    pub fn probs(&self, row: &[u32]) -> Vec<f64> {
        self.law(&[&[self.vocab as u32], row].concat())
    }

    /// The law after a row with its start token.
    fn law(&self, started: &[u32]) -> Vec<f64> {
        let mut probs = vec![1.0 / self.vocab as f64; self.vocab];
        for context in suffixes(started, self.order) {
            // Longer ones were not seen either.
            let Some(after) = self.contexts.get(context) else { break };
            let kinds = after.counts.len() as f64;
            let all = after.total as f64 + kinds;
            probs.iter_mut().for_each(|p| *p *= kinds / all);
            for (&token, &count) in &after.counts {
                probs[token as usize] += count as f64 / all;
            }
        }
        probs
    }
}

/// The contexts of a model of this order, the empty one first.
fn suffixes(row: &[u32], order: usize) -> impl Iterator<Item = &[u32]> {
    (0..order.min(row.len() + 1)).map(|len| &row[row.len() - len..])
}

/// Logits are ln p, so that their softmax is the law itself.
impl Causal for Ngram {
    type State = TokenState;

    fn vocab(&self) -> usize {
        self.vocab
    }

    fn start(&self) -> Start {
        Start::Always(self.vocab as u32)
    }

    fn begin(&self, rows: usize) -> gradus_generate::Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    /// # Errors
    /// [`crate::Error::Token`] or [`crate::Error::Start`]; the state is then unchanged.
    fn feed(
        &self,
        state: &mut TokenState,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> gradus_generate::Result<()> {
        check_rows("rows fed to a state", state.rows(), tokens.rows())?;
        for (row, fed) in tokens.iter().enumerate() {
            check_fed(NAME, state.len(row), fed, self.vocab).map_err(for_strategy)?;
        }
        state.push(tokens)?;
        for (row, fed) in tokens.iter().enumerate() {
            let all = state.row(row);
            let wanted = match want {
                Want::None => 0,
                Want::Last => fed.len().min(1),
                Want::All => fed.len(),
            };
            for end in all.len() - wanted + 1..=all.len() {
                let law = self.law(&all[..end]);
                out.extend(&law.iter().map(|p| p.ln()).collect::<Vec<f64>>())?;
            }
        }
        Ok(())
    }
}
