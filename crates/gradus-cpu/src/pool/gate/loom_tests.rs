//! The protocol under loom, which tries the orders in which threads and memory may act.
//!
//! `RUSTFLAGS="--cfg loom" LOOM_MAX_PREEMPTIONS=2 cargo test -p gradus-cpu --release --lib loom_`

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use super::{Gate, Place, Sleeper};
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A task whose chunks each write a cell of their own. Loom reports a cell that two threads reach
/// without an order between them.
struct Task {
    next: AtomicUsize,
    cells: [UnsafeCell<usize>; 2],
    /// Written by the caller when the task has ended; read by all who work on it.
    ended: UnsafeCell<bool>,
}

impl Task {
    fn new() -> Self {
        let cells = [UnsafeCell::new(0), UnsafeCell::new(0)];
        Self { next: AtomicUsize::new(0), cells, ended: UnsafeCell::new(false) }
    }

    fn work(&self) {
        loop {
            // SAFETY: the caller writes only when nobody works; loom checks that this is so.
            assert!(!self.ended.with(|ended| unsafe { *ended }));
            let i = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(cell) = self.cells.get(i) else { return };
            // SAFETY: each index is handed out once; loom checks that nobody else is here.
            cell.with_mut(|cell| unsafe { *cell += 1 });
        }
    }

    /// What the caller does when the gate is closed: every chunk ran once, and the task is gone.
    fn end(&self) {
        for cell in &self.cells {
            // SAFETY: all workers have left; loom checks that this is so.
            assert_eq!(cell.with(|cell| unsafe { *cell }), 1);
        }
        // SAFETY: as above.
        self.ended.with_mut(|ended| unsafe { *ended = true });
    }
}

fn pointer(task: &Task) -> *mut () {
    (&raw const *task).cast_mut().cast()
}

/// A worker helps with what it comes in time for, until `over`, a task that waits for it.
fn worker(gate: &Gate, sleeper: &Sleeper, index: usize, over: &AtomicUsize, last: *mut ()) {
    let mut place = Place::new(index);
    loop {
        let task = gate.enter(&mut place, sleeper, || false, thread::park);
        let is_last = task == last;
        if is_last {
            over.fetch_add(1, Ordering::Relaxed);
        } else {
            // SAFETY: the gate promises that the task lives until `leave`.
            unsafe { &*task.cast::<Task>() }.work();
        }
        gate.leave();
        if is_last {
            return;
        }
    }
}

/// `tasks` tasks with `workers` workers, then one that ends when all workers have come: a wake-up that
/// is lost is a deadlock, which loom reports.
fn check(workers: usize, tasks: usize) {
    loom::model(move || {
        let gate = Arc::new(Gate::new());
        let over = Arc::new(AtomicUsize::new(0));
        // Its address alone is used.
        let last = Arc::new(AtomicBool::new(false));
        let crew: Vec<_> = (0..workers)
            .map(|index| {
                let sleeper = Arc::new(Sleeper::new());
                let (gate, over, last) = (gate.clone(), over.clone(), last.clone());
                let flag = sleeper.clone();
                let handle = thread::spawn(move || {
                    worker(&gate, &flag, index, &over, (&raw const *last).cast_mut().cast());
                });
                (sleeper, handle)
            })
            .collect();
        let open = |task: *mut ()| {
            gate.open(task, workers);
            for (sleeper, handle) in &crew {
                gate.wake(sleeper, || handle.thread().unpark());
            }
        };
        for _ in 0..tasks {
            let task = Task::new();
            open(pointer(&task));
            task.work();
            gate.close(|_| thread::yield_now());
            task.end();
        }
        open((&raw const *last).cast_mut().cast());
        while over.load(Ordering::Relaxed) < workers {
            thread::yield_now();
        }
        gate.close(|_| thread::yield_now());
        for (_, handle) in crew {
            handle.join().unwrap();
        }
    });
}

#[test]
fn loom_one_worker_and_two_tasks() {
    check(1, 2);
}

#[test]
fn loom_two_workers_and_a_task() {
    check(2, 1);
}
