//! The workers and the hand-over of a task.
//!
//! `gate` is one word: `epoch | limit | open | active`. The caller publishes its task and opens the
//! gate; a worker enters by raising `active` while the gate is open, so the task cannot end under
//! it; when the caller finds no chunk left it closes the gate and waits for `active` to fall to
//! zero. A worker that wakes late finds the gate closed, so nobody ever waits for a sleeper.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::Thread;
use std::time::{Duration, Instant};

use super::size::{MAX_THREADS, threads};
use crate::gemm::{MatmulPrecision, float32_matmul_precision, with_float32_matmul_precision};
use crate::isa;

const ACTIVE: u64 = 0xffff;
const OPEN: u64 = 1 << 16;
const LIMIT_SHIFT: u32 = 17;
const EPOCH: u64 = 1 << 33;

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

#[derive(Default)]
struct Crew {
    gate: AtomicU64,
    task: AtomicPtr<()>,
}

struct Worker {
    thread: Thread,
    parked: Arc<AtomicBool>,
}

fn crew() -> &'static Crew {
    static CREW: OnceLock<Crew> = OnceLock::new();
    CREW.get_or_init(Crew::default)
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
        // A held lock means that another thread is using the pool.
        if let Ok(mut workers) = WORKERS.try_lock() {
            return run_task(&mut workers, hands - 1, n, &f);
        }
    }
    (0..n).for_each(f);
}

fn run_task(workers: &mut Vec<Worker>, helpers: usize, n: usize, run: &(dyn Fn(usize) + Sync)) {
    while workers.len() < helpers && workers.len() < MAX_THREADS {
        let index = workers.len() as u64;
        match spawn(index) {
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
    let crew = crew();
    crew.task.store((&raw const task).cast_mut().cast(), Ordering::Relaxed);
    let epoch = (crew.gate.load(Ordering::Relaxed) & !(EPOCH - 1)).wrapping_add(EPOCH);
    crew.gate.store(epoch | ((helpers as u64) << LIMIT_SHIFT) | OPEN, Ordering::SeqCst);
    for worker in &workers[..helpers] {
        if worker.parked.swap(false, Ordering::SeqCst) {
            worker.thread.unpark();
        }
    }
    INSIDE.set(true);
    task.work();
    INSIDE.set(false);
    crew.gate.fetch_and(!OPEN, Ordering::Relaxed);
    let mut spins = 0u32;
    while crew.gate.load(Ordering::Acquire) & ACTIVE != 0 {
        spins += 1;
        // A worker may have lost its core in the middle of a chunk: let it have this one.
        if spins < 2_000 { std::hint::spin_loop() } else { std::thread::yield_now() }
    }
    let payload = task.panic.into_inner().unwrap_or_default();
    if let Some(payload) = payload {
        resume_unwind(payload);
    }
}

fn spawn(index: u64) -> Option<Worker> {
    let parked = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&parked);
    let handle = std::thread::Builder::new()
        .name(format!("gradus-{index}"))
        .spawn(move || serve(index, &flag))
        .ok()?;
    Some(Worker { thread: handle.thread().clone(), parked })
}

/// A worker's life: wait for a task it is wanted for, enter, help, leave.
fn serve(index: u64, parked: &AtomicBool) {
    INSIDE.set(true);
    let crew = crew();
    let mut seen = 0;
    loop {
        let gate = wait(crew, index, seen, parked);
        // Entering fails when the gate has just closed or another worker has just entered.
        if crew
            .gate
            .compare_exchange_weak(gate, gate + 1, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            continue;
        }
        seen = gate & !(EPOCH - 1);
        let task = crew.task.load(Ordering::Relaxed).cast::<Task<'_>>();
        // SAFETY: the pointer was stored before the gate opened, and the caller keeps the task
        // alive until `active`, which this worker has raised, is back to zero.
        let task = unsafe { &*task };
        with_float32_matmul_precision(task.precision, || {
            isa::with_level(task.level, || task.work());
        });
        crew.gate.fetch_sub(1, Ordering::Release);
    }
}

/// Returns a gate that is open for this worker and not the task it has already `seen`.
fn wait(crew: &Crew, index: u64, seen: u64, parked: &AtomicBool) -> u64 {
    let wanted = |gate: u64| {
        gate & OPEN != 0 && gate & !(EPOCH - 1) != seen && index < (gate >> LIMIT_SHIFT) & (ACTIVE)
    };
    let start = Instant::now();
    let mut turns = 0u32;
    loop {
        let gate = crew.gate.load(Ordering::SeqCst);
        if wanted(gate) {
            return gate;
        }
        turns += 1;
        if !turns.is_multiple_of(64) || start.elapsed() < SPIN {
            std::hint::spin_loop();
            continue;
        }
        // The flag is raised before the gate is read again, and the caller opens the gate before
        // it reads the flag: one of the two sees the other, so no task is slept through.
        parked.store(true, Ordering::SeqCst);
        while parked.load(Ordering::SeqCst) && !wanted(crew.gate.load(Ordering::SeqCst)) {
            std::thread::park();
        }
        parked.store(false, Ordering::SeqCst);
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
