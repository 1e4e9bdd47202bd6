//! The masked transformer as a strategy sees it.

use gradus_autograd::no_grad;
use gradus_generate::{Canvas, Cell, Logits, Masked, Pos};
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use crate::error::{Error, Result, for_strategy};
use crate::masked_transformer::MaskedTransformer;
use crate::read_logits::read_logits;

impl Masked for MaskedTransformer {
    fn vocab(&self) -> usize {
        self.config().vocab
    }

    /// # Errors
    /// [`Error::Classes`] if the model knows classes (they are given through
    /// [`MaskedTransformer::conditioned`]), [`Error::Context`], [`Error::Token`], [`Error::Place`].
    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> gradus_generate::Result<()> {
        out.extend(&self.fill_rows(canvas, &[], at).map_err(for_strategy)?)
    }
}

impl MaskedTransformer {
    /// Logits at the places of `at`, one after another. Rows that `at` does not mention are not
    /// computed.
    pub(crate) fn fill_rows(
        &self,
        canvas: &Canvas,
        classes: &[i64],
        at: &[Pos],
    ) -> Result<Vec<f64>> {
        self.net.class_ids(canvas.rows(), classes)?;
        at.iter().try_for_each(|pos| check_place(canvas, *pos))?;
        let mut rows: Vec<usize> = at.iter().map(|pos| pos.row).collect();
        rows.sort_unstable();
        rows.dedup();
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let cells = rows.iter().flat_map(|&row| canvas.row(row));
        let ids = cells.map(|cell| self.id_of(*cell)).collect::<Result<Vec<_>>>()?;
        let tokens = Tensor::from_vec(ids, [rows.len(), canvas.len()])?;
        let classes: Vec<i64> = rows.iter().filter_map(|&row| classes.get(row).copied()).collect();
        let classes = (!classes.is_empty()).then(|| Tensor::from(classes));
        let slot = |row| rows.partition_point(|&r| r < row);
        let places: Vec<usize> =
            at.iter().map(|pos| slot(pos.row) * canvas.len() + pos.at).collect();
        let logits =
            no_grad(|| self.logits_at(&tokens, classes.as_ref(), &places, &mut Ctx::eval()))?;
        read_logits(logits.value())
    }

    fn id_of(&self, cell: Cell) -> Result<i64> {
        let Cell::Known(id) = cell else { return Ok(i64::from(self.mask_id())) };
        self.net.check_token(i64::from(id))?;
        Ok(i64::from(id))
    }
}

fn check_place(canvas: &Canvas, Pos { row, at }: Pos) -> Result<()> {
    let (rows, len) = (canvas.rows(), canvas.len());
    let inside = row < rows && at < len;
    if inside {
        Ok(())
    } else {
        Err(Error::Place { model: "MaskedTransformer", row, at, rows, len })
    }
}
