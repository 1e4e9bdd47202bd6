//! Strategies that fill a canvas.

use crate::{Canvas, Engine, Request, Result};

/// A strategy that fills the masked positions of a canvas, and so can be a part of another one:
/// [`Parallel`](crate::Parallel), [`Blocks`](crate::Blocks), [`ReMdm`](crate::ReMdm),
/// [`MaskPredict`](crate::MaskPredict).
pub trait OnCanvas<M: ?Sized> {
    /// Refuses settings that contradict each other or the canvas, and returns the most calls there can
    /// be.
    ///
    /// # Errors
    /// As [`Strategy::run`](crate::Strategy::run).
    fn most_calls(&self, model: &M, canvas: &Canvas) -> Result<usize>;

    /// The working part of a run on a canvas on which what is given is fixed. The seed, the number of
    /// the first row and what is reported are the request's.
    ///
    /// # Errors
    /// As [`Strategy::run`](crate::Strategy::run).
    fn engine<'m>(
        &self,
        model: &'m M,
        canvas: Canvas,
        request: &Request,
    ) -> Result<Box<dyn Engine<u32> + 'm>>;
}
