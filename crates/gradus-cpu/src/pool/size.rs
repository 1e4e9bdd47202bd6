//! How many threads take part.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::environment::{number, unknown};

const NAME: &str = "GRADUS_THREADS";

/// More threads than this never take part.
pub(super) const MAX_THREADS: usize = 256;

/// 0 until the first question or [`set_threads`].
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static OVERRIDE: Cell<usize> = const { Cell::new(0) };
}

/// How many threads a kernel called from this thread may use, the caller included.
///
/// At first the machine's parallelism, or less if the environment variable `GRADUS_THREADS` says so; a
/// value that is no number from 1 on is ignored, and [`unknown_cap`] tells it. [`set_threads`] and
/// [`with_threads`] may also ask for more than there are cores.
pub fn threads() -> usize {
    match OVERRIDE.get() {
        0 => process_threads(),
        n => n,
    }
}

/// The value of `GRADUS_THREADS` if it is no number from 1 on and is therefore ignored.
///
/// A program that reports its machine, such as a benchmark, should report this too, so that a typing
/// error cannot pass for a number of threads.
pub fn unknown_cap() -> Option<String> {
    unknown(NAME, 1)
}

/// Sets the number of threads for the whole process (clamped to `1..=256`).
pub fn set_threads(n: usize) {
    THREADS.store(n.clamp(1, MAX_THREADS), Ordering::Relaxed);
}

/// Runs `f` with `n` threads (clamped to `1..=256`) for the kernels that this thread calls.
///
/// # Examples
/// ```
/// use gradus_cpu::pool;
/// assert_eq!(pool::with_threads(3, pool::threads), 3);
/// ```
pub fn with_threads<R>(n: usize, f: impl FnOnce() -> R) -> R {
    let _restore = Restore(OVERRIDE.replace(n.clamp(1, MAX_THREADS)));
    f()
}

/// Puts the old override back, also when the closure panics.
struct Restore(usize);

impl Drop for Restore {
    fn drop(&mut self) {
        OVERRIDE.set(self.0);
    }
}

fn process_threads() -> usize {
    match THREADS.load(Ordering::Relaxed) {
        0 => {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let n = number(NAME, 1).map_or(cores, |cap| cap.min(cores)).min(MAX_THREADS);
            THREADS.store(n, Ordering::Relaxed);
            n
        }
        n => n,
    }
}
