//! What a strategy is.

use crate::{Draws, Keyed, Request, Result, Run};

/// A way to turn calls of a model into output. Strategies are plain data.
pub trait Strategy<M: ?Sized> {
    /// What is generated: `u32` for tokens.
    type Item: Copy;

    /// Starts a run whose draws are those of the request's seed.
    ///
    /// # Errors
    /// If the request, the strategy and the model contradict each other.
    fn run<'m>(&self, model: &'m M, request: Request) -> Result<Run<'m, Self::Item>> {
        self.run_with(model, request, Keyed)
    }

    /// Starts a run with another source of draws, such as an [`exact::Tape`](crate::exact::Tape).
    ///
    /// # Errors
    /// As [`Strategy::run`].
    fn run_with<'m>(
        &self,
        model: &'m M,
        request: Request,
        draws: impl Draws + 'm,
    ) -> Result<Run<'m, Self::Item>>;
}
