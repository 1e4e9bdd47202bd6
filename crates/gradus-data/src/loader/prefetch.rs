//! Threads that make batches ahead of time, in a fixed order.
//!
//! ```text
//! worker w of n makes batches first + w, first + w + n, first + w + 2n, ...
//!               and puts them into its own queue of `prefetch` places
//! batch b is taken from the queue of worker (b - first) mod n
//! ```
//! Each queue is in order, so the whole is, whichever worker is faster. Dropping the queues makes
//! a waiting worker's `send` fail, which ends it.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::batches::Source;
use crate::{Collate, Dataset, Error, Result};

/// Running workers and their queues.
pub(super) struct Prefetch<B> {
    first: usize,
    queues: Vec<Receiver<Result<B>>>,
    handles: Vec<Option<JoinHandle<()>>>,
}

impl<B: Send + 'static> Prefetch<B> {
    /// Starts workers on the batches from `first` on.
    ///
    /// # Errors
    /// [`Error::Worker`]; those that were started have ended by then.
    pub(super) fn start<D, C>(
        source: &Source<D, C>,
        first: usize,
        workers: usize,
        prefetch: usize,
    ) -> Result<Self>
    where
        D: Dataset + Send + Sync + 'static,
        C: Collate<D, Batch = B> + Send + Sync + 'static,
    {
        let workers = workers.min(source.n_batches() - first);
        let mut started = Self { first, queues: Vec::new(), handles: Vec::new() };
        for worker in 0..workers {
            let (sender, queue) = sync_channel(prefetch);
            let source = source.clone();
            let work = move || run(&source, first + worker, workers, &sender);
            started.queues.push(queue);
            let name = format!("gradus-loader-{worker}");
            let handle = thread::Builder::new().name(name).spawn(work);
            let handle = handle.map_err(|source| Error::Worker { worker, workers, source })?;
            started.handles.push(Some(handle));
        }
        Ok(started)
    }

    /// Waits for a batch. Batches must be taken in order, without a gap.
    pub(super) fn take(&mut self, batch: usize) -> Result<B> {
        let worker = (batch - self.first) % self.queues.len();
        self.queues[worker].recv().unwrap_or_else(|_| self.pass_on_panic(worker))
    }

    /// A queue that closes early belongs to a worker that panicked; the panic goes on here, as it
    /// would have without workers.
    fn pass_on_panic(&mut self, worker: usize) -> ! {
        let panic = self.handles[worker].take().and_then(|handle| handle.join().err());
        resume_unwind(panic.unwrap_or_else(|| Box::new("a loader worker ended early")))
    }
}

fn run<D, C>(source: &Source<D, C>, first: usize, step: usize, queue: &SyncSender<Result<C::Batch>>)
where
    D: Dataset,
    C: Collate<D>,
{
    for batch in (first..source.n_batches()).step_by(step) {
        if queue.send(source.batch(batch)).is_err() {
            return;
        }
    }
}

impl<B> Drop for Prefetch<B> {
    fn drop(&mut self) {
        // Closing the queues first wakes the workers that wait for a free place.
        self.queues.clear();
        for handle in self.handles.drain(..).flatten() {
            // A panic on a batch that nobody asked for changes nothing any more.
            let _unused = handle.join();
        }
    }
}
