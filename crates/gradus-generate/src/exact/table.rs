//! Any law over short sequences.

use crate::{
    Canvas, Causal, Cell, Error, Logits, Masked, Pos, Ragged, Result, Start, TokenState, Want,
};

/// A law given by the probability of every sequence: the smallest model that can be anything.
///
/// Each call sums over all sequences, so it is for tests with few ids and few positions.
///
/// # Examples
/// ```
/// use gradus_generate::exact::Table;
/// // Two bits that are always equal.
/// let table = Table::new(2, 2, &[1.0, 0.0, 0.0, 3.0])?;
/// assert_eq!(table.prob(&[1, 1]), 0.75);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    vocab: usize,
    len: usize,
    probs: Vec<f64>,
}

impl Table {
    /// The law proportional to the weights of all `vocab`^`len` sequences, the last position counting
    /// fastest.
    ///
    /// # Errors
    /// [`Error::Length`] for another number of weights, [`Error::Parameter`] for weights that are not
    /// finite numbers ≥ 0 with a positive sum.
    pub fn new(vocab: usize, len: usize, weights: &[f64]) -> Result<Self> {
        let n = u32::try_from(len).ok().and_then(|len| vocab.checked_pow(len));
        if vocab == 0 || len == 0 || n != Some(weights.len()) {
            let what = "weights, one for each sequence";
            return Err(Error::Length { what, expected: n.unwrap_or(0), got: weights.len() });
        }
        let sum: f64 = weights.iter().sum();
        if weights.iter().any(|w| !(w.is_finite() && *w >= 0.0)) || !(sum > 0.0 && sum.is_finite())
        {
            let (name, expected) = ("sum of weights", "positive, and every weight finite and ≥ 0");
            return Err(Error::Parameter { name, expected, got: sum });
        }
        Ok(Self { vocab, len, probs: weights.iter().map(|w| w / sum).collect() })
    }

    /// The probability of a sequence; 0 for one of another length or with another id.
    pub fn prob(&self, ids: &[u32]) -> f64 {
        if ids.len() != self.len || ids.iter().any(|&id| id as usize >= self.vocab) {
            return 0.0;
        }
        self.probs[ids.iter().fold(0, |index, &id| index * self.vocab + id as usize)]
    }

    /// The logits of position `at`, given what is known of the sequence.
    fn logits(&self, known: &[Option<u32>], at: usize) -> Vec<f64> {
        let mut mass = vec![0.0; self.vocab];
        let mut ids = vec![0; self.len];
        for (index, p) in self.probs.iter().enumerate() {
            let mut rest = index;
            for id in ids.iter_mut().rev() {
                *id = (rest % self.vocab) as u32;
                rest /= self.vocab;
            }
            if known.iter().zip(&ids).all(|(known, &id)| known.is_none_or(|known| known == id)) {
                mass[ids[at] as usize] += p;
            }
        }
        mass.into_iter().map(f64::ln).collect()
    }

    /// After `fed`, which begins with the start token.
    fn next(&self, fed: &[u32]) -> Result<Vec<f64>> {
        let prefix = &fed[1.min(fed.len())..];
        if prefix.len() >= self.len {
            let what = "tokens before a position of the table, below";
            return Err(Error::Length { what, expected: self.len, got: prefix.len() });
        }
        let known: Vec<Option<u32>> = prefix.iter().copied().map(Some).collect();
        Ok(self.logits(&known, prefix.len()))
    }
}

impl Causal for Table {
    type State = TokenState;

    fn vocab(&self) -> usize {
        self.vocab
    }

    fn start(&self) -> Start {
        Start::Always(self.vocab as u32)
    }

    fn context(&self) -> Option<usize> {
        Some(self.len)
    }

    fn begin(&self, rows: usize) -> Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    fn feed(
        &self,
        state: &mut TokenState,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> Result<()> {
        state.push(tokens)?;
        for (r, new) in tokens.iter().enumerate() {
            let fed = state.row(r);
            let first = match want {
                Want::None => new.len(),
                Want::Last => new.len().saturating_sub(1),
                Want::All => 0,
            };
            for k in first..new.len() {
                out.extend(&self.next(&fed[..fed.len() - new.len() + k + 1])?)?;
            }
        }
        Ok(())
    }
}

impl Masked for Table {
    fn vocab(&self) -> usize {
        self.vocab
    }

    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> Result<()> {
        if canvas.len() != self.len {
            let what = "positions of a canvas for this table";
            return Err(Error::Length { what, expected: self.len, got: canvas.len() });
        }
        for pos in at {
            let known: Vec<_> = canvas.row(pos.row).iter().map(|c: &Cell| c.id()).collect();
            out.extend(&self.logits(&known, pos.at))?;
        }
        Ok(())
    }
}
