//! The causal transformer as a strategy sees it.

use std::ops::Range;

use gradus_autograd::no_grad;
use gradus_generate::{Causal, Logits, Ragged, Start, State, Want};
use gradus_nn::Ctx;
use gradus_tensor::{DType, Tensor};

use crate::error::{Error, Result, for_strategy};
use crate::gpt::Gpt;
use crate::gpt_state::GptState;

impl Causal for Gpt {
    type State = GptState;

    fn vocab(&self) -> usize {
        self.config().vocab
    }

    fn start(&self) -> Start {
        Start::Prompt
    }

    fn context(&self) -> Option<usize> {
        Some(self.config().context)
    }

    /// # Errors
    /// [`Error::Classes`] if the model knows classes: they are given through [`Gpt::conditioned`].
    fn begin(&self, rows: usize) -> gradus_generate::Result<GptState> {
        self.net.class_ids(rows, &[]).map_err(for_strategy)?;
        Ok(GptState::new(self.net.cache(), vec![None; rows]))
    }

    /// # Errors
    /// [`Error::Token`], [`Error::Start`] or [`Error::Context`]; the state is then unchanged.
    fn feed(
        &self,
        state: &mut GptState,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> gradus_generate::Result<()> {
        let (expected, got) = (state.rows(), tokens.rows());
        if expected != got {
            let what = "rows fed to a state";
            return Err(gradus_generate::Error::Length { what, expected, got });
        }
        let answers = self.feed_groups(state, tokens, want).map_err(for_strategy)?;
        for row in answers.rows.into_iter().flatten() {
            extend(out, &answers.groups[row.group], row.values)?;
        }
        Ok(())
    }
}

/// Appends some values of a tensor of f32 or f64.
pub(crate) fn extend(
    out: &mut Logits,
    values: &Tensor,
    range: Range<usize>,
) -> gradus_generate::Result<()> {
    let fault = |error: gradus_tensor::Error| for_strategy(error.into());
    match values.dtype() {
        DType::F64 => out.extend(&values.as_slice::<f64>().map_err(fault)?[range]),
        _ => out.extend(&values.as_slice::<f32>().map_err(fault)?[range]),
    }
}

/// Logits of each group in the order in which they were computed, and where those of each row are.
struct Answers {
    groups: Vec<Tensor>,
    rows: Vec<Option<RowAnswer>>,
}

#[derive(Clone)]
struct RowAnswer {
    group: usize,
    values: Range<usize>,
}

impl Gpt {
    /// Stands for the class of a row.
    pub(crate) fn start_token(&self) -> u32 {
        self.config().vocab as u32
    }

    /// Checks everything, then makes one pass for each group of rows.
    fn feed_groups(&self, state: &mut GptState, tokens: &Ragged, want: Want) -> Result<Answers> {
        let ids: Vec<Vec<i64>> = tokens
            .iter()
            .enumerate()
            .map(|(row, tokens)| self.row_ids(state, row, tokens))
            .collect::<Result<_>>()?;
        let mut answers = Answers { groups: Vec::new(), rows: vec![None; tokens.rows()] };
        for rows in state.groups(tokens) {
            let fed = tokens.row(rows[0]).len();
            let flat = rows.iter().flat_map(|&row| ids[row].iter().copied()).collect();
            let ids = Tensor::from_vec(flat, [rows.len(), fed])?; // (G, n)
            let first = match want {
                Want::None => fed,
                Want::Last => fed - 1,
                Want::All => 0,
            };
            let Some(values) = self.feed_group(state, &rows, &ids, first)? else { continue };
            let (group, each) = (answers.groups.len(), (fed - first) * self.config().vocab);
            for (i, &row) in rows.iter().enumerate() {
                let values = i * each..(i + 1) * each;
                answers.rows[row] = Some(RowAnswer { group, values });
            }
            answers.groups.push(values);
        }
        Ok(answers)
    }

    /// One pass over rows of equal length; logits from the `first` fed token of each row on, if there
    /// is one.
    fn feed_group(
        &self,
        state: &mut GptState,
        rows: &[usize],
        ids: &Tensor,
        first: usize,
    ) -> Result<Option<Tensor>> {
        let (held, fed) = (state.len(rows[0]), ids.size(1)?);
        let mut cache = state.take(rows)?;
        let values = no_grad(|| {
            let x = self.net.hidden_cached(ids, held, &mut cache)?; // (G, n, C)
            if first == fed {
                return Ok(None);
            }
            let x = x.narrow(1, first, fed - first)?;
            let logits = self.net.logits(&x, &mut Ctx::eval())?;
            Ok(Some(readable(logits.value())?))
        });
        if values.is_err() {
            cache.truncate(held)?;
        }
        state.put(rows, cache, if values.is_ok() { fed } else { 0 });
        values
    }

    /// The ids of the tokens that a row is fed, with its class in place of the start token.
    fn row_ids(&self, state: &GptState, row: usize, tokens: &[u32]) -> Result<Vec<i64>> {
        let (len, class) = (state.len(row), state.class(row));
        let end = len + tokens.len();
        self.net.check_context(end.saturating_sub(usize::from(class.is_some())))?;
        let (begun, plain) = match (class, tokens) {
            (Some(class), [start, plain @ ..]) if len == 0 => {
                self.check_start(*start)?;
                (Some(class), plain)
            }
            _ => (None, tokens),
        };
        let plain = plain.iter().map(|&token| {
            self.net.check_token(i64::from(token))?;
            Ok(i64::from(token))
        });
        begun.map(Ok).into_iter().chain(plain).collect()
    }

    fn check_start(&self, got: u32) -> Result<()> {
        let start = self.start_token();
        let same = got == start;
        if same { Ok(()) } else { Err(Error::Start { model: self.net.model, start, got }) }
    }
}

/// Logits row-major, in f32 or f64.
pub(crate) fn readable(logits: &Tensor) -> Result<Tensor> {
    let exact = if logits.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
    Ok(logits.to_dtype(exact)?.contiguous())
}
