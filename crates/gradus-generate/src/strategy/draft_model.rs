//! A smaller model that drafts.

use super::drafter::{Ask, Drafter, Hand};
use super::row;
use crate::{Causal, Error, Logits, Mark, Proposal, Ragged, Result, State, Want};

/// What a causal draft model remembers.
#[derive(Debug, Clone)]
pub struct Drafting<S> {
    state: S,
    /// The tokens of each row that the model was fed, without the start token.
    fed: Vec<Vec<u32>>,
    /// After what is certain.
    mark: Option<(Mark, Vec<usize>)>,
}

impl<S: State> Drafting<S> {
    /// What a row holds that the model was not fed, which it will be now.
    fn unfed<D: Causal>(&mut self, model: &D, r: usize, ask: &Ask<'_>) -> Result<Vec<u32>> {
        let known: Vec<u32> = ask.history.iter().skip(self.fed[r].len()).collect();
        self.fed[r].extend(&known);
        if self.state.len(r) > 0 {
            return Ok(known);
        }
        let first = row::first_fed(model.start(), ask.row, ask.history.prompt)?;
        Ok([&first, ask.history.generated].concat())
    }
}

/// A row of logits that cannot be drawn from ends the proposals of its row.
impl<D: Causal> Drafter for D {
    type State = Drafting<D::State>;

    fn check(&self, vocab: usize, tokens: usize) -> Result<()> {
        if vocab != self.vocab() {
            let what = "vocabulary of the draft, as large as that of the target";
            return Err(Error::Length { what, expected: vocab, got: self.vocab() });
        }
        row::fits(self, tokens)
    }

    fn begin(&self, rows: usize) -> Result<Self::State> {
        Ok(Drafting { state: Causal::begin(self, rows)?, fed: vec![Vec::new(); rows], mark: None })
    }

    fn propose(
        &self,
        s: &mut Self::State,
        asks: &[Ask<'_>],
        hand: &mut Hand<'_>,
    ) -> Result<Vec<Vec<Proposal>>> {
        let mut new = Vec::with_capacity(asks.len());
        for (r, ask) in asks.iter().enumerate() {
            new.push(if ask.ahead == 0 { Vec::new() } else { s.unfed(self, r, ask)? });
        }
        let mut guesses = vec![Vec::new(); asks.len()];
        let mut ahead: Vec<usize> = asks.iter().map(|ask| ask.ahead).collect();
        let mut logits = Logits::new(Causal::vocab(self));
        for k in 0.. {
            let active: Vec<usize> = (0..asks.len()).filter(|&r| ahead[r] > k).collect();
            if active.is_empty() {
                break;
            }
            let tokens = Ragged::from_rows(&new);
            logits.clear();
            self.feed(&mut s.state, &tokens, Want::Last, &mut logits)?;
            hand.stats.draft_calls += 1;
            hand.stats.draft_fed += tokens.total() as u64;
            logits.expect_rows(active.len())?;
            if k == 0 {
                s.mark = Some((s.state.mark(), s.fed.iter().map(Vec::len).collect()));
            }
            new.iter_mut().for_each(Vec::clear);
            for (slot, &r) in active.iter().enumerate() {
                match hand.draw(&asks[r], &guesses[r], logits.row_mut(slot)) {
                    Ok(proposal) => {
                        if ahead[r] > k + 1 {
                            new[r].push(proposal.token);
                            s.fed[r].push(proposal.token);
                        }
                        guesses[r].push(proposal);
                    }
                    // The target may go where the draft has nothing to say.
                    Err(Error::EmptySupport { .. } | Error::NotFinite { .. }) => ahead[r] = k,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(guesses)
    }

    fn settle(&self, s: &mut Self::State, row: usize, tokens: &[u32]) -> Result<()> {
        let Some((mark, lens)) = &s.mark else { return Ok(()) };
        let fed = &mut s.fed[row];
        let right = fed.iter().zip(tokens).take_while(|(a, b)| a == b).count();
        if right < fed.len() {
            s.state.rewind(row, mark, right - lens[row])?;
            fed.truncate(right);
        }
        Ok(())
    }

    fn retain(&self, s: &mut Self::State, rows: &[usize]) {
        s.state.retain(rows);
        s.fed = rows.iter().map(|&r| s.fed[r].clone()).collect();
        s.mark = None;
    }
}
