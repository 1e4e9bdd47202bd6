//! The recurrent language model as a strategy sees it.

use gradus_autograd::{Var, no_grad};
use gradus_generate::{Causal, Logits, Ragged, Start, State, Want};
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use super::net::{NAME, RnnLm};
use super::state::RnnLmState;
use crate::conditioned::Conditioned;
use crate::error::{Error, Result, for_strategy};
use crate::gpt_feed::{extend, readable};
use crate::inputs::{check_classes, check_rows, check_token};

impl Causal for RnnLm {
    type State = RnnLmState;

    fn vocab(&self) -> usize {
        self.config().vocab
    }

    fn start(&self) -> Start {
        Start::Prompt
    }

    /// # Errors
    /// [`Error::Classes`] if the model knows classes: they are given through [`RnnLm::conditioned`].
    fn begin(&self, rows: usize) -> gradus_generate::Result<RnnLmState> {
        check_classes(NAME, None, rows, self.config().classes).map_err(for_strategy)?;
        Ok(RnnLmState::new(&self.zero().map_err(for_strategy)?, vec![None; rows]))
    }

    /// # Errors
    /// [`Error::Token`] or [`Error::Start`]; the state is then unchanged.
    fn feed(
        &self,
        state: &mut RnnLmState,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> gradus_generate::Result<()> {
        check_rows("rows fed to a state", state.rows(), tokens.rows())?;
        let answers = no_grad(|| self.feed_groups(state, tokens, want)).map_err(for_strategy)?;
        for values in answers.into_iter().flatten() {
            extend(out, &values, 0..values.len())?;
        }
        Ok(())
    }
}

/// The class stands in for the start token, whose id is the vocabulary size.
impl Causal for Conditioned<'_, RnnLm> {
    type State = RnnLmState;

    fn vocab(&self) -> usize {
        self.model.vocab()
    }

    fn start(&self) -> Start {
        Start::Always(self.model.vocab() as u32)
    }

    fn alike(&self, row: usize, other: usize) -> bool {
        self.classes.get(row) == self.classes.get(other)
    }

    /// # Errors
    /// [`Error::Classes`] unless there is one class for each row.
    fn begin(&self, rows: usize) -> gradus_generate::Result<RnnLmState> {
        let (classes, known) = (&self.classes, self.model.config().classes);
        check_classes(NAME, Some(&classes.clone().into()), rows, known).map_err(for_strategy)?;
        let zero = self.model.zero().map_err(for_strategy)?;
        let ids = classes.iter().map(|class| Some(self.model.vocab() as i64 + class));
        Ok(RnnLmState::new(&zero, ids))
    }

    fn feed(
        &self,
        state: &mut RnnLmState,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> gradus_generate::Result<()> {
        self.model.feed(state, tokens, want, out)
    }
}

impl RnnLm {
    /// The state of a row that was fed nothing.
    fn zero(&self) -> Result<Vec<Tensor>> {
        let dims = [self.config().n_layers, 1, self.config().hidden_size];
        let part = Tensor::zeros(dims, self.token.weight.dtype())?;
        Ok(vec![part; self.rnn.parts()])
    }

    /// Checks everything, then makes the passes of each group of rows; the wanted logits of each row.
    fn feed_groups(
        &self,
        state: &mut RnnLmState,
        tokens: &Ragged,
        want: Want,
    ) -> Result<Vec<Option<Tensor>>> {
        let ids: Vec<Vec<i64>> = tokens
            .iter()
            .enumerate()
            .map(|(row, tokens)| self.row_ids(state, row, tokens))
            .collect::<Result<_>>()?;
        let mut answers = vec![None; tokens.rows()];
        for rows in RnnLmState::groups(tokens) {
            let fed = tokens.row(rows[0]).len();
            let flat = rows.iter().flat_map(|&row| ids[row].iter().copied()).collect();
            let ids = Tensor::from_vec::<i64>(flat, [rows.len(), fed])?; // (G, n)
            let x = self.feed_group(state, &rows, &ids)?; // (G, n, H)
            let first = match want {
                Want::None => continue,
                Want::Last => fed - 1,
                Want::All => 0,
            };
            let x = x.narrow(1, first, fed - first)?;
            let values = readable(self.logits(&x, &mut Ctx::eval())?.value())?;
            for (slot, &row) in rows.iter().enumerate() {
                answers[row] = Some(values.narrow(0, slot, 1)?.contiguous());
            }
        }
        Ok(answers)
    }

    /// Outputs of rows of equal length. A state is kept after each token if it may be taken back.
    fn feed_group(&self, state: &mut RnnLmState, rows: &[usize], ids: &Tensor) -> Result<Var> {
        let (fed, ctx) = (ids.size(1)?, &mut Ctx::eval());
        let step = if state.is_marked() { 1 } else { fed };
        let (mut outputs, mut passes) = (Vec::new(), Vec::new());
        let mut now = state.batch(rows)?;
        for at in (0..fed).step_by(step) {
            let (y, end) = self.hidden(&ids.narrow(1, at, step)?, Some(&now), ctx)?;
            outputs.push(y);
            passes.push(end.clone());
            now = end;
        }
        state.push(rows, &passes, fed)?;
        Ok(Var::cat(&outputs, 1)?)
    }

    /// The ids of the tokens that a row is fed, with its class in place of the start token.
    fn row_ids(&self, state: &RnnLmState, row: usize, tokens: &[u32]) -> Result<Vec<i64>> {
        let vocab = self.config().vocab;
        let (first, plain) = match (state.class(row), tokens) {
            (Some(class), [got, plain @ ..]) if state.len(row) == 0 => {
                let (start, got) = (vocab as u32, *got);
                if got != start {
                    return Err(Error::Start { model: NAME, start, got });
                }
                (Some(class), plain)
            }
            _ => (None, tokens),
        };
        let plain = plain.iter().map(|&token| i64::from(token));
        plain.clone().try_for_each(|token| check_token(NAME, token, vocab))?;
        Ok(first.into_iter().chain(plain).collect())
    }
}
