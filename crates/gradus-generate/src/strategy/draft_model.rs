//! A smaller model that drafts.

use super::drafter::{Ask, Drafter, Hand};
use crate::prompt::{first_fed, fits};
use crate::{Causal, Error, Logits, Mark, Proposal, Ragged, Result, State, Want};

/// What a causal draft model remembers.
#[derive(Debug, Clone)]
pub struct Drafting<S> {
    /// None until the first proposals.
    state: Option<S>,
    /// Whether a row was fed its start token, if it has one.
    begun: Vec<bool>,
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
        if std::mem::replace(&mut self.begun[r], true) {
            return Ok(known);
        }
        whole(model, ask)
    }

    /// Before the first proposals: what the model holds of the rows already, if it is a prefix.
    fn resume<D: Causal<State = S>>(&mut self, model: &D, asks: &[Ask<'_>]) -> Result<()> {
        let rows = asks.iter().map(|ask| whole(model, ask)).collect::<Result<Vec<_>>>()?;
        let (state, held) = model.resume(&rows)?;
        for (r, (ask, &held)) in asks.iter().zip(&held).enumerate() {
            // A start token comes before what the row itself holds.
            let start = rows[r].len() - ask.history.iter().count();
            self.begun[r] = held > 0;
            self.fed[r] = ask.history.iter().take(held.saturating_sub(start)).collect();
        }
        self.state = Some(state);
        Ok(())
    }
}

/// All that a row holds, after a start token if there is one.
fn whole<D: Causal>(model: &D, ask: &Ask<'_>) -> Result<Vec<u32>> {
    let first = first_fed(model.start(), ask.row, ask.history.prompt)?;
    Ok([&first, ask.history.generated].concat())
}

/// A row of logits that cannot be drawn from ends the proposals of its row.
impl<D: Causal> Drafter for D {
    type State = Drafting<D::State>;

    fn check(&self, vocab: usize, tokens: usize) -> Result<()> {
        if vocab != self.vocab() {
            let what = "vocabulary of the draft, as large as that of the target";
            return Err(Error::Length { what, expected: vocab, got: self.vocab() });
        }
        fits(self, tokens)
    }

    fn begin(&self, rows: usize) -> Result<Self::State> {
        let (begun, fed) = (vec![false; rows], vec![Vec::new(); rows]);
        Ok(Drafting { state: None, begun, fed, mark: None })
    }

    fn propose(
        &self,
        s: &mut Self::State,
        asks: &[Ask<'_>],
        hand: &mut Hand<'_>,
    ) -> Result<Vec<Vec<Proposal>>> {
        if s.state.is_none() {
            s.resume(self, asks)?;
        }
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
            let Some(state) = &mut s.state else { break };
            self.feed(state, &tokens, Want::Last, &mut logits)?;
            hand.stats.draft_calls += 1;
            hand.stats.draft_fed += tokens.total() as u64;
            logits.expect_rows(active.len())?;
            if k == 0 {
                s.mark = Some((state.mark(), s.fed.iter().map(Vec::len).collect()));
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
        let (Some((mark, lens)), Some(state)) = (&s.mark, &mut s.state) else { return Ok(()) };
        let fed = &mut s.fed[row];
        let right = fed.iter().zip(tokens).take_while(|(a, b)| a == b).count();
        if right < fed.len() {
            state.rewind(row, mark, right - lens[row])?;
            fed.truncate(right);
        }
        Ok(())
    }

    fn retain(&self, s: &mut Self::State, rows: &[usize]) {
        if let Some(state) = &mut s.state {
            state.retain(rows);
        }
        s.begun = rows.iter().map(|&r| s.begun[r]).collect();
        s.fed = rows.iter().map(|&r| s.fed[r].clone()).collect();
        s.mark = None;
    }
}
