//! The workers, and the task that they help with.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, TryLockError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use super::gate::{Gate, Place, Sleeper};
use super::size::{MAX_THREADS, threads};
use crate::gemm::{MatmulPrecision, float32_matmul_precision, with_float32_matmul_precision};
use crate::isa;

/// How long an idle worker spins before it parks.
const SPIN: Duration = Duration::from_micros(30);

/// What the caller shares for the time of one [`for_chunks`]; it lives on the caller's stack.
struct Task<'a> {
    run: &'a (dyn Fn(usize) + Sync),
    next: AtomicUsize,
    n: usize,
    level: isa::Level,
    precision: MatmulPrecision,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Task<'_> {
    /// Takes chunks until none is left. A panic ends the task and is kept for the caller.
    fn work(&self) {
        let result = catch_unwind(AssertUnwindSafe(|| {
            loop {
                let i = self.next.fetch_add(1, Ordering::Relaxed);
                if i >= self.n {
                    break;
                }
                (self.run)(i);
            }
        }));
        if let Err(payload) = result {
            self.next.store(self.n, Ordering::Relaxed);
            if let Ok(mut first) = self.panic.lock() {
                first.get_or_insert(payload);
            }
        }
    }
}

struct Worker {
    thread: Thread,
    sleeper: Arc<Sleeper>,
}

fn gate() -> &'static Gate {
    static GATE: OnceLock<Gate> = OnceLock::new();
    GATE.get_or_init(Gate::new)
}

/// Whoever holds this lock owns the pool.
static WORKERS: Mutex<Vec<Worker>> = Mutex::new(Vec::new());

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Calls `f(0)`, …, `f(n - 1)`, on up to [`threads`] threads, and returns when all are done.
///
/// The order of the calls and their threads are unspecified. A single chunk runs on the caller and
/// may itself use the pool; calls from inside a chunk of a larger task run inline.
///
/// # Panics
/// If a call panics: the first payload is carried to the caller, and chunks that had not started
/// are skipped.
///
/// # Examples
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// let sum = AtomicUsize::new(0);
/// gradus_cpu::pool::for_chunks(10, |i| {
///     sum.fetch_add(i, Ordering::Relaxed);
/// });
/// assert_eq!(sum.into_inner(), 45);
/// ```
pub fn for_chunks(n: usize, f: impl Fn(usize) + Sync) {
    let hands = threads().min(n);
    if hands > 1 && !INSIDE.get() {
        match WORKERS.try_lock() {
            Ok(mut workers) => return run_task(&mut workers, hands - 1, n, &f),
            // A chunk of an earlier task has panicked; the workers are as they were.
            Err(TryLockError::Poisoned(workers)) => {
                return run_task(&mut workers.into_inner(), hands - 1, n, &f);
            }
            // Another thread is using the pool.
            Err(TryLockError::WouldBlock) => {}
        }
    }
    (0..n).for_each(f);
}

fn run_task(workers: &mut Vec<Worker>, helpers: usize, n: usize, run: &(dyn Fn(usize) + Sync)) {
    while workers.len() < helpers && workers.len() < MAX_THREADS {
        match spawn(workers.len()) {
            Some(worker) => workers.push(worker),
            // The system gives no more threads: go on with those at hand.
            None => break,
        }
    }
    let helpers = helpers.min(workers.len());
    let task = Task {
        run,
        next: AtomicUsize::new(0),
        n,
        level: isa::level(),
        precision: float32_matmul_precision(),
        panic: Mutex::new(None),
    };
    let gate = gate();
    gate.open((&raw const task).cast_mut().cast(), helpers);
    for worker in &workers[..helpers] {
        gate.wake(&worker.sleeper, || worker.thread.unpark());
    }
    INSIDE.set(true);
    task.work();
    INSIDE.set(false);
    // A worker may have lost its core in the middle of a chunk: after a while, let it have this one.
    gate.close(
        |turns| if turns < 2_000 { std::hint::spin_loop() } else { std::thread::yield_now() },
    );
    let payload = task.panic.into_inner().unwrap_or_default();
    if let Some(payload) = payload {
        resume_unwind(payload);
    }
}

fn spawn(index: usize) -> Option<Worker> {
    let sleeper = Arc::new(Sleeper::new());
    let flag = Arc::clone(&sleeper);
    let handle = std::thread::Builder::new()
        .name(format!("gradus-{index}"))
        .spawn(move || serve(index, &flag))
        .ok()?;
    Some(Worker { thread: handle.thread().clone(), sleeper })
}

/// A worker's life: wait for a task it is wanted for, enter, help, leave.
fn serve(index: usize, sleeper: &Sleeper) {
    INSIDE.set(true);
    let (gate, mut place) = (gate(), Place::new(index));
    loop {
        let task = gate.enter(&mut place, sleeper, spinner(), std::thread::park);
        // SAFETY: the pointer is that of the task for which the gate is open, and the caller keeps it
        // alive until this worker, which has entered, has left.
        let task = unsafe { &*task.cast::<Task<'_>>() };
        with_float32_matmul_precision(task.precision, || {
            isa::with_level(task.level, || task.work());
        });
        gate.leave();
    }
}

/// Spins for [`SPIN`], and then says that it is enough.
fn spinner() -> impl FnMut() -> bool {
    let (start, mut turns) = (Instant::now(), 0u32);
    move || {
        std::hint::spin_loop();
        turns = turns.wrapping_add(1);
        !turns.is_multiple_of(64) || start.elapsed() < SPIN
    }
}

#[cfg(test)]
mod tests {
    use super::super::with_threads;
    use super::*;

    #[test]
    fn every_chunk_runs_once() {
        for threads in [1, 2, 3, 8] {
            for n in [0, 1, 2, 7, 1000] {
                let counts: Vec<_> = (0..n).map(|_| AtomicUsize::new(0)).collect();
                with_threads(threads, || {
                    for_chunks(n, |i| {
                        counts[i].fetch_add(1, Ordering::Relaxed);
                    });
                });
                assert!(counts.iter().all(|c| c.load(Ordering::Relaxed) == 1));
            }
        }
    }

    #[test]
    fn many_short_tasks_in_a_row_lose_nothing() {
        let total = AtomicUsize::new(0);
        with_threads(3, || {
            for round in 0..3000 {
                if round % 1000 == 0 {
                    std::thread::sleep(Duration::from_millis(2)); // let the workers park
                }
                for_chunks(4, |i| {
                    total.fetch_add(i, Ordering::Relaxed);
                });
            }
        });
        assert_eq!(total.into_inner(), 3000 * 6);
    }

    #[test]
    fn nested_calls_and_other_threads_run_inline() {
        let total = AtomicUsize::new(0);
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    with_threads(3, || {
                        for_chunks(10, |_| {
                            for_chunks(10, |_| {
                                total.fetch_add(1, Ordering::Relaxed);
                            });
                        });
                    });
                });
            }
        });
        assert_eq!(total.into_inner(), 400);
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_lives_on() {
        let caught = catch_unwind(|| {
            with_threads(3, || for_chunks(100, |i| assert_ne!(i, 57, "chunk 57")));
        });
        let payload = caught.unwrap_err();
        assert!(payload.downcast_ref::<String>().unwrap().contains("chunk 57"));
        every_chunk_runs_once();
        // And the other threads still help: somebody else takes one of two chunks that wait for both.
        let arrived = AtomicUsize::new(0);
        let both = || while_helped(&arrived);
        assert!((0..1000).any(|_| both()), "the pool gives no help after a panic");
    }

    /// Whether two chunks were at work at the same time.
    fn while_helped(arrived: &AtomicUsize) -> bool {
        arrived.store(0, Ordering::Relaxed);
        let met = AtomicUsize::new(0);
        with_threads(2, || {
            for_chunks(2, |_| {
                arrived.fetch_add(1, Ordering::SeqCst);
                let start = Instant::now();
                while start.elapsed() < Duration::from_millis(5) {
                    if arrived.load(Ordering::SeqCst) == 2 {
                        met.fetch_add(1, Ordering::SeqCst);
                        break;
                    }
                    std::thread::yield_now();
                }
            });
        });
        met.into_inner() == 2
    }

    #[test]
    fn workers_use_the_level_of_the_caller() {
        isa::with_level(isa::Level::Generic, || {
            with_threads(3, || {
                for_chunks(50, |_| assert_eq!(isa::level(), isa::Level::Generic));
            });
        });
    }
}
