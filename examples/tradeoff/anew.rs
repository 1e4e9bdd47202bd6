//! A model that reads everything again at each call.

use gradus::generate::{Causal, Logits, Ragged, Result, Start, State, TokenState, Want};

/// A causal model without its cache: what autoregression costs when nothing is remembered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Anew<M>(pub(crate) M);

impl<M: Causal> Causal for Anew<M> {
    type State = TokenState;

    fn vocab(&self) -> usize {
        self.0.vocab()
    }

    fn start(&self) -> Start {
        self.0.start()
    }

    fn context(&self) -> Option<usize> {
        self.0.context()
    }

    fn alike(&self, row: usize, other: usize) -> bool {
        self.0.alike(row, other)
    }

    fn begin(&self, rows: usize) -> Result<TokenState> {
        Ok(TokenState::new(rows))
    }

    /// All rows of the request stay to the end here, since no row stops early: row `i` of the state
    /// is row `i` of the model.
    fn feed(
        &self,
        state: &mut TokenState,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> Result<()> {
        state.push(tokens)?;
        let mut fresh = self.0.begin(state.rows())?;
        let all = |row: usize, n: usize| state.row(row)[..n].to_vec();
        let before = (0..state.rows()).map(|r| all(r, state.len(r) - tokens.row(r).len()));
        match want {
            // One pass over everything; the law after the last token is asked for.
            Want::Last | Want::None => {
                let rows = (0..state.rows()).map(|r| all(r, state.len(r)));
                self.0.feed(&mut fresh, &Ragged::from_rows(rows), want, out)
            }
            Want::All => {
                let before = Ragged::from_rows(before);
                if before.total() > 0 {
                    self.0.feed(&mut fresh, &before, Want::None, out)?;
                }
                self.0.feed(&mut fresh, tokens, Want::All, out)
            }
        }
    }
}
