//! Block diffusion as a strategy sees it.

use std::collections::BTreeMap;

use gradus_autograd::no_grad;
use gradus_generate::{Canvas, Cell, Logits, Masked, Pos};
use gradus_nn::Ctx;
use gradus_tensor::Tensor;

use super::model::BlockDiffusion;
use super::sight;
use crate::conditioned::Conditioned;
use crate::error::{Error, Result, for_strategy};
use crate::read_logits::read_logits;

impl Masked for BlockDiffusion {
    fn vocab(&self) -> usize {
        self.config().vocab
    }

    /// A block can be filled when all blocks before it are known; later ones are not looked at.
    ///
    /// # Errors
    /// [`Error::Past`] if a block before is not known; [`Error::Classes`] if the model knows classes (they are given
    /// through [`BlockDiffusion::conditioned`] or [`BlockDiffusion::cached`]); [`Error::Context`],
    /// [`Error::Token`], [`Error::Place`].
    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> gradus_generate::Result<()> {
        let asked = self.asked(canvas, &[], at).map_err(for_strategy)?;
        let logits = asked.answer(|block| self.whole(canvas, &[], block));
        out.extend(&logits.map_err(for_strategy)?)
    }
}

impl Masked for Conditioned<'_, BlockDiffusion> {
    fn vocab(&self) -> usize {
        self.model.config().vocab
    }

    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> gradus_generate::Result<()> {
        let asked = self.model.asked(canvas, &self.classes, at).map_err(for_strategy)?;
        let logits = asked.answer(|block| self.model.whole(canvas, &self.classes, block));
        out.extend(&logits.map_err(for_strategy)?)
    }
}

/// One block of some rows.
pub(super) struct Block {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Rising.
    pub(super) rows: Vec<usize>,
}

/// What is asked for, by block.
pub(super) struct Asked {
    blocks: Vec<Block>,
    /// For each asked place its block, the row in it and the position in that.
    places: Vec<[usize; 3]>,
    vocab: usize,
}

impl Asked {
    /// Logits of all places in their order; `logits` computes those of a block, `[rows, positions, V]`.
    pub(super) fn answer(
        &self,
        mut logits: impl FnMut(&Block) -> Result<Tensor>,
    ) -> Result<Vec<f64>> {
        let answers = self.blocks.iter().map(|block| read_logits(&logits(block)?));
        let answers = answers.collect::<Result<Vec<_>>>()?;
        let mut out = Vec::with_capacity(self.places.len() * self.vocab);
        for &[block, row, at] in &self.places {
            let width = self.blocks[block].end - self.blocks[block].start;
            out.extend(&answers[block][(row * width + at) * self.vocab..][..self.vocab]);
        }
        Ok(out)
    }
}

impl BlockDiffusion {
    /// Checks everything that is asked for and sorts it by block.
    pub(super) fn asked(&self, canvas: &Canvas, classes: &[i64], at: &[Pos]) -> Result<Asked> {
        let (rows, len) = (canvas.rows(), canvas.len());
        self.net.class_ids(rows, classes)?;
        self.net.check_context(len)?;
        let mut blocks = BTreeMap::<usize, Vec<usize>>::new();
        for &Pos { row, at } in at {
            if row >= rows || at >= len {
                return Err(Error::Place { model: self.net.model, row, at, rows, len });
            }
            let start = sight::room(at, self.block, len).start;
            let known = |at: &usize| canvas.row(row)[*at] != Cell::Masked;
            if let Some(unknown) = (0..start).find(|at| !known(at)) {
                return Err(Error::Past { model: self.net.model, row, at: unknown, start });
            }
            blocks.entry(start).or_default().push(row);
        }
        let block = |(start, mut rows): (usize, Vec<usize>)| {
            rows.sort_unstable();
            rows.dedup();
            Block { start, end: sight::room(start, self.block, len).end, rows }
        };
        let blocks: Vec<Block> = blocks.into_iter().map(block).collect();
        let place = |pos: &Pos| {
            let start = sight::room(pos.at, self.block, len).start;
            let block = blocks.partition_point(|block| block.start < start);
            let row = blocks[block].rows.partition_point(|&row| row < pos.row);
            [block, row, pos.at - start]
        };
        let places = at.iter().map(place).collect();
        Ok(Asked { blocks, places, vocab: self.config().vocab })
    }

    /// Logits of a block in one pass over it and all that is before.
    pub(super) fn whole(&self, canvas: &Canvas, classes: &[i64], block: &Block) -> Result<Tensor> {
        let (lead, end) = (self.lead(), block.end);
        let ids = self.ids_of(canvas, &block.rows, 0..end)?;
        let classes: Vec<i64> =
            block.rows.iter().filter_map(|&row| classes.get(row)).copied().collect();
        let classes = (!classes.is_empty()).then(|| Tensor::from(classes));
        let ids = self.net.ids(&ids, classes.as_ref(), Some(self.mask_id()))?;
        let mask = sight::of_past(lead, end, self.block)?;
        no_grad(|| {
            let ctx = &mut Ctx::eval();
            let x = self.net.hidden_masked(&ids, 0..lead + end, &mask, ctx)?;
            let x = x.narrow(1, lead + block.start, end - block.start)?;
            Ok(self.net.logits(&x, ctx)?.into_value())
        })
    }

    /// Ids `[rows, positions]` of a part of a canvas, the mask's where nothing is known.
    pub(super) fn ids_of(
        &self,
        canvas: &Canvas,
        rows: &[usize],
        part: std::ops::Range<usize>,
    ) -> Result<Tensor> {
        let shape = [rows.len(), part.len()];
        let cells = rows.iter().flat_map(|&row| &canvas.row(row)[part.clone()]);
        let id = |cell: &Cell| -> Result<i64> {
            let Cell::Known(id) = *cell else { return Ok(i64::from(self.mask_id())) };
            self.net.check_token(i64::from(id))?;
            Ok(i64::from(id))
        };
        Ok(Tensor::from_vec(cells.map(id).collect::<Result<Vec<_>>>()?, shape)?)
    }
}
