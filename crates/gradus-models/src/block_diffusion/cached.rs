//! Block diffusion with a memory of what is known.

use std::sync::{Mutex, PoisonError};

use gradus_autograd::no_grad;
use gradus_generate::{Canvas, Cell, Logits, Masked, Pos};
use gradus_nn::{Ctx, KvCache};
use gradus_tensor::Tensor;

use super::fill::Block;
use super::model::BlockDiffusion;
use super::sight;
use crate::error::{Error, Result, for_strategy};

/// A [`BlockDiffusion`] with the keys and values of the blocks that are known, so that a call computes one block alone.
///
/// Its answers are those of the model itself, bit for bit, whatever canvas is asked about: it remembers which
/// tokens it holds, and computes again what differs. [`Blocks`](gradus_generate::Blocks) tells it when a block is
/// done; storing that block is a call that is counted. One canvas is held at a time, so that runs that take turns
/// should each have one of their own.
///
/// Made by [`BlockDiffusion::cached`].
#[derive(Debug)]
pub struct CachedBlocks<'a> {
    model: &'a BlockDiffusion,
    classes: Vec<i64>,
    held: Mutex<Held>,
}

/// Keys and values of all rows of a canvas.
#[derive(Debug)]
struct Held {
    /// The class's position included.
    cache: KvCache,
    /// The tokens of each row.
    tokens: Vec<Vec<Cell>>,
}

impl<'a> CachedBlocks<'a> {
    pub(super) fn new(model: &'a BlockDiffusion, classes: Vec<u32>) -> Result<Self> {
        let classes: Vec<i64> = classes.into_iter().map(i64::from).collect();
        let known = model.config().classes;
        if known == 0 && !classes.is_empty() {
            let (model, got) = (model.net.model, classes.len());
            return Err(Error::Classes { model, expected: 0, got });
        }
        if let Some(&class) = classes.iter().find(|class| !(0..known as i64).contains(class)) {
            return Err(Error::Class { model: model.net.model, class, classes: known });
        }
        let held = Held { cache: model.net.cache(), tokens: Vec::new() };
        Ok(Self { model, classes, held: Mutex::new(held) })
    }

    fn answer(&self, canvas: &Canvas, at: &[Pos]) -> Result<Vec<f64>> {
        let asked = self.model.asked(canvas, &self.classes, at)?;
        // What a call that panicked left behind is checked like anything else.
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        asked.answer(|block| {
            if self.hold(&mut held, canvas, block.start)?.is_none() {
                // A row beside these is not as far: they go alone.
                return self.model.whole(canvas, &self.classes, block);
            }
            self.block(&mut held, canvas, block)
        })
    }

    /// Logits of a block on top of what is held, which is left as it was.
    fn block(&self, held: &mut Held, canvas: &Canvas, block: &Block) -> Result<Tensor> {
        let net = &self.model.net;
        let ids = self.model.ids_of(canvas, &block.rows, block.start..block.end)?;
        let past = self.model.lead() + block.start;
        let all = block.rows.len() == canvas.rows();
        let mut some = match (all, past) {
            (true, _) => None,
            (false, 0) => Some(net.cache()),
            (false, _) => Some(held.cache.clone()),
        };
        if let Some(cache) = some.as_mut().filter(|_| past > 0) {
            cache.retain(&block.rows)?;
        }
        let cache = some.as_mut().unwrap_or(&mut held.cache);
        let logits = no_grad(|| {
            let x = net.hidden_block(&ids, past, cache)?;
            Ok(net.logits(&x, &mut Ctx::eval())?.into_value())
        });
        cache.truncate(past)?;
        logits
    }

    /// Holds the positions before `end` of every row, and no others. How many tokens were fed for it, or nothing
    /// if a row does not know them all.
    fn hold(&self, held: &mut Held, canvas: &Canvas, end: usize) -> Result<Option<usize>> {
        let (rows, lead) = (canvas.rows(), self.model.lead());
        if (0..rows).any(|row| canvas.row(row)[..end].contains(&Cell::Masked)) {
            return Ok(None);
        }
        if held.tokens.len() != rows {
            let tokens = vec![Vec::new(); rows];
            *held = Held { cache: self.model.net.cache(), tokens };
        }
        let mut start = self.shared(held, canvas, end);
        held.tokens.iter_mut().for_each(|row| row.truncate(start));
        held.cache.truncate(held.cache.len().min(lead + start))?;
        let all: Vec<usize> = (0..rows).collect();
        let mut fed = 0;
        if held.cache.is_empty() && lead > 0 {
            let ids = self.model.net.class_ids(rows, &self.classes)?;
            self.feed(held, &Tensor::from_vec(ids, [rows, 1])?, 0)?;
            fed += rows;
        }
        while start < end {
            let room = sight::room(start, self.model.block, end);
            let ids = self.model.ids_of(canvas, &all, room.clone())?;
            self.feed(held, &ids, lead + start)?;
            for (row, tokens) in held.tokens.iter_mut().enumerate() {
                tokens.extend(&canvas.row(row)[room.clone()]);
            }
            fed += rows * room.len();
            start = room.end;
        }
        Ok(Some(fed))
    }

    /// How many positions before `end`, in whole blocks, are held with these tokens.
    fn shared(&self, held: &Held, canvas: &Canvas, end: usize) -> usize {
        let same = |(row, tokens): (usize, &Vec<Cell>)| {
            tokens.iter().zip(&canvas.row(row)[..end]).take_while(|(a, b)| a == b).count()
        };
        let least = held.tokens.iter().enumerate().map(same).min().unwrap_or(0);
        least / self.model.block * self.model.block
    }

    fn feed(&self, held: &mut Held, ids: &Tensor, start: usize) -> Result<()> {
        let done = no_grad(|| self.model.net.hidden_block(ids, start, &mut held.cache));
        if let Err(error) = done {
            held.cache.truncate(start)?;
            return Err(error);
        }
        Ok(())
    }
}

impl Masked for CachedBlocks<'_> {
    fn vocab(&self) -> usize {
        self.model.config().vocab
    }

    /// # Errors
    /// As the model's own.
    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> gradus_generate::Result<()> {
        out.extend(&self.answer(canvas, at).map_err(for_strategy)?)
    }

    fn settle(&self, canvas: &Canvas, end: usize) -> gradus_generate::Result<usize> {
        let whole = end.min(canvas.len()) / self.model.block * self.model.block;
        let run = || -> Result<usize> {
            self.model.net.class_ids(canvas.rows(), &self.classes)?;
            self.model.net.check_context(canvas.len())?;
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(self.hold(&mut held, canvas, whole)?.unwrap_or(0))
        };
        run().map_err(for_strategy)
    }
}
