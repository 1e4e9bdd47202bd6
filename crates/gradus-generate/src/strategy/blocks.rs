//! Block after block.

use std::ops::Range;

use super::on_canvas::OnCanvas;
use super::rooms::{Engine, Room};
use crate::request::canvas_of;
use crate::{Canvas, Draws, Error, Masked, Parallel, Request, Result, Run, Strategy};

/// Blocks from left to right, the positions inside a block as the inner strategy says: semi-AR, block
/// diffusion.
///
/// The inner strategy's number of calls, counts and order are those of one block. A list has one
/// strategy for each block. A model with a cache stores each finished block ([`Masked::settle`]), which is a
/// call of its own.
///
/// The request's [stops](Request::row_stops) end a row at their first occurrence, once the block around
/// it is decoded; what the block holds after it is dropped, and the row's later blocks are not made.
/// With stops, tokens are reported block by block.
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{Blocks, Finish, Parallel, Request, Stops, Strategy};
/// let chain = Chain::new(0.1)?;
/// let halves = Blocks { size: 4, inner: Parallel { calls: 2, ..Parallel::default() } };
/// let output = halves.run(&chain, Request::blank(8))?.collect_all()?;
/// assert_eq!(output.stats.calls, 4);
///
/// let request = Request::new([1]).max(40).row_stops([Stops::at(0)]);
/// let output = halves.run(&chain, request)?.collect_all()?;
/// assert_eq!(output.finish[0], Finish::Stop(0));
/// assert!(output.generated(0).ends_with(&[0]) && output.stats.calls < 20);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
///
/// # Reference
/// Arriola et al. 2025, "Block Diffusion: Interpolating Between Autoregressive and Diffusion Language
/// Models"; one strategy for each block: Borsos et al. 2023, "`SoundStorm`", section 3.3.
#[derive(Debug, Clone)]
pub struct Blocks<S = Parallel> {
    /// Positions of a block; the last block may be shorter.
    pub size: usize,
    /// What happens inside a block.
    pub inner: S,
}

impl<S> Blocks<S> {
    fn ranges(&self, len: usize) -> Result<Vec<Range<usize>>> {
        if self.size == 0 {
            let (name, expected) = ("block size", "at least 1");
            return Err(Error::Parameter { name, expected, got: 0.0 });
        }
        let end = |start: usize| start.saturating_add(self.size).min(len);
        Ok((0..len).step_by(self.size).map(|start| start..end(start)).collect())
    }
}

/// What happens inside each block.
pub trait PerBlock {
    /// The strategy of each of `blocks` blocks.
    ///
    /// # Errors
    /// [`Error::Length`] if there are not as many.
    fn of_blocks(&self, blocks: usize) -> Result<Vec<Parallel>>;
}

impl PerBlock for Parallel {
    fn of_blocks(&self, blocks: usize) -> Result<Vec<Parallel>> {
        Ok(vec![self.clone(); blocks])
    }
}

impl PerBlock for Vec<Parallel> {
    fn of_blocks(&self, blocks: usize) -> Result<Vec<Parallel>> {
        let (what, expected, got) = ("strategies, one for each block", blocks, self.len());
        if expected == got { Ok(self.clone()) } else { Err(Error::Length { what, expected, got }) }
    }
}

impl<S: PerBlock> Blocks<S> {
    /// The blocks, checked.
    fn rooms(&self, vocab: usize, canvas: &Canvas) -> Result<Vec<Room>> {
        let ranges = self.ranges(canvas.len())?;
        let inner = self.inner.of_blocks(ranges.len())?;
        let rooms = ranges.into_iter().zip(inner);
        let rooms: Vec<Room> = rooms.map(|(range, parallel)| Room { range, parallel }).collect();
        for room in &rooms {
            room.parallel.check_in(vocab, canvas, room.range.clone())?;
        }
        Ok(rooms)
    }

    fn begin<'m, M: Masked + ?Sized>(
        &self,
        model: &'m M,
        canvas: Canvas,
        request: &Request,
    ) -> Result<Engine<'m, M>> {
        let rooms = self.rooms(model.vocab(), &canvas)?;
        let ends = request.ends(model.vocab(), canvas.rows())?;
        let engine = Engine::new(model, rooms, request, canvas);
        Ok(if request.has_stops() { engine.stopping(ends) } else { engine })
    }
}

impl<M: Masked + ?Sized, S: PerBlock> Strategy<M> for Blocks<S> {
    type Item = u32;

    fn run_with<'m>(
        &self,
        model: &'m M,
        request: Request,
        draws: impl Draws + 'm,
    ) -> Result<Run<'m>> {
        let cells = request.cells(model.vocab())?;
        let engine = self.begin(model, canvas_of(&cells)?, &request)?;
        Ok(Run::of(&cells, &request, engine, draws))
    }
}

impl<M: Masked + ?Sized, S: PerBlock> OnCanvas<M> for Blocks<S> {
    fn most_calls(&self, model: &M, canvas: &Canvas) -> Result<usize> {
        let rooms = self.rooms(model.vocab(), canvas)?;
        Ok(rooms.iter().map(|room| room.most_calls(canvas)).sum())
    }

    fn engine<'m>(
        &self,
        model: &'m M,
        canvas: Canvas,
        request: &Request,
    ) -> Result<Box<dyn crate::Engine<u32> + 'm>> {
        Ok(Box::new(self.begin(model, canvas, request)?))
    }
}
