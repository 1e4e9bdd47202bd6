//! A model whose classes are chosen.

use gradus_generate::{Canvas, Causal, Logits, Masked, Pos, Ragged, Start, Want};

use crate::error::{Result, for_strategy};
use crate::gpt::Gpt;
use crate::gpt_state::GptState;
use crate::masked_transformer::MaskedTransformer;
use crate::transformer::Transformer;

/// A model together with one class for each row of a request, so that a strategy can run it.
///
/// Made by [`Gpt::conditioned`], [`MaskedTransformer::conditioned`],
/// [`RnnLm::conditioned`](crate::RnnLm::conditioned) and
/// [`BlockDiffusion::conditioned`](crate::BlockDiffusion::conditioned).
#[derive(Debug, Clone)]
pub struct Conditioned<'a, M> {
    pub(crate) model: &'a M,
    pub(crate) classes: Vec<i64>,
}

impl<'a, M> Conditioned<'a, M> {
    pub(crate) fn new(model: &'a M, net: &Transformer, classes: Vec<u32>) -> Result<Self> {
        let classes: Vec<i64> = classes.into_iter().map(i64::from).collect();
        net.class_ids(classes.len(), &classes)?;
        Ok(Self::of(model, classes))
    }

    /// With classes that were checked.
    pub(crate) fn of(model: &'a M, classes: Vec<i64>) -> Self {
        Self { model, classes }
    }
}

/// The class stands in for the start token, whose id is the vocabulary size.
impl Causal for Conditioned<'_, Gpt> {
    type State = GptState;

    fn vocab(&self) -> usize {
        self.model.vocab()
    }

    fn start(&self) -> Start {
        Start::Always(self.model.start_token())
    }

    fn context(&self) -> Option<usize> {
        Some(self.model.config().places())
    }

    fn alike(&self, row: usize, other: usize) -> bool {
        self.classes.get(row) == self.classes.get(other)
    }

    /// # Errors
    /// [`crate::Error::Classes`] unless there is one class for each row.
    fn begin(&self, rows: usize) -> gradus_generate::Result<GptState> {
        let ids = self.model.net.class_ids(rows, &self.classes).map_err(for_strategy)?;
        Ok(GptState::new(self.model.net.cache(), ids.into_iter().map(Some)))
    }

    fn feed(
        &self,
        state: &mut GptState,
        tokens: &Ragged,
        want: Want,
        out: &mut Logits,
    ) -> gradus_generate::Result<()> {
        self.model.feed(state, tokens, want, out)
    }
}

impl Masked for Conditioned<'_, MaskedTransformer> {
    fn vocab(&self) -> usize {
        self.model.config().vocab
    }

    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> gradus_generate::Result<()> {
        out.extend(&self.model.fill_rows(canvas, &self.classes, at).map_err(for_strategy)?)
    }
}
