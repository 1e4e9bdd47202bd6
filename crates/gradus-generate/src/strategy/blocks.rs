//! Block after block.

use crate::request::canvas_of;
use crate::{Draws, Error, Masked, Parallel, Request, Result, Run, Strategy};

use super::parallel::Engine;

/// Blocks from left to right, the positions inside a block as the inner strategy says: semi-AR, block
/// diffusion.
///
/// The inner strategy's number of calls, counts and order are those of one block.
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{Blocks, Parallel, Request, Strategy};
/// let halves = Blocks { size: 4, inner: Parallel { calls: 2, ..Parallel::default() } };
/// let output = halves.run(&Chain::new(0.1)?, Request::blank(8))?.collect_all()?;
/// assert_eq!(output.stats.calls, 4);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Blocks<S = Parallel> {
    /// Positions of a block; the last block may be shorter.
    pub size: usize,
    /// What happens inside a block.
    pub inner: S,
}

impl<M: Masked + ?Sized> Strategy<M> for Blocks<Parallel> {
    type Item = u32;

    fn run_with<'m>(
        &self,
        model: &'m M,
        request: Request,
        draws: impl Draws + 'm,
    ) -> Result<Run<'m>> {
        if self.size == 0 {
            let (name, expected) = ("block size", "at least 1");
            return Err(Error::Parameter { name, expected, got: 0.0 });
        }
        request.refuse_stops()?;
        let cells = request.cells(model.vocab())?;
        let canvas = canvas_of(&cells)?;
        let starts = (0..canvas.len()).step_by(self.size);
        let rooms: Vec<_> =
            starts.map(|start| start..(start + self.size).min(canvas.len())).collect();
        for room in &rooms {
            self.inner.check_in(model.vocab(), &canvas, room.clone())?;
        }
        let engine = Engine::new(self.inner.clone(), model, canvas, rooms, &request);
        Ok(Run::of(&cells, &request, engine, draws))
    }
}
