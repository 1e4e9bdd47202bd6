//! The hand-over of a task from the caller to its workers.
//!
//! The gate is one word: `epoch | limit | open | active`. The caller publishes its task and opens the
//! gate; a worker enters by raising `active` while the gate is open, so the task cannot end under it;
//! when the caller finds no chunk left it closes the gate and waits for `active` to fall to zero. A
//! worker that wakes late finds the gate closed, so nobody ever waits for a sleeper.
//!
//! Nothing here knows threads or time, so that loom can try the interleavings: see the tests.

use super::sync::{AtomicBool, AtomicPtr, AtomicU64, Ordering, fence};

const ACTIVE: u64 = 0xffff;
const OPEN: u64 = 1 << 16;
const LIMIT_SHIFT: u32 = 17;
const EPOCH: u64 = 1 << 33;

/// Where a task is handed over.
#[derive(Debug)]
pub(super) struct Gate {
    word: AtomicU64,
    task: AtomicPtr<()>,
}

/// Whether a worker sleeps.
#[derive(Debug)]
pub(super) struct Sleeper(AtomicBool);

/// A worker's place at the gate.
#[derive(Debug)]
pub(super) struct Place {
    /// Which of the workers it is: a task with few helpers takes the first ones.
    index: u64,
    /// The epoch of the task that it helped last, so that it does not help twice.
    seen: u64,
}

impl Place {
    pub(super) const fn new(index: usize) -> Self {
        Self { index: index as u64, seen: 0 }
    }

    /// Whether a gate is open for this worker, and not with the task that it has seen.
    fn is_wanted(&self, word: u64) -> bool {
        let limit = (word >> LIMIT_SHIFT) & ACTIVE;
        word & OPEN != 0 && word & !(EPOCH - 1) != self.seen && self.index < limit
    }
}

impl Sleeper {
    pub(super) fn new() -> Self {
        Self(AtomicBool::new(false))
    }
}

impl Gate {
    pub(super) fn new() -> Self {
        Self { word: AtomicU64::new(0), task: AtomicPtr::new(std::ptr::null_mut()) }
    }

    /// Lets up to `helpers` workers in. Nobody else may open the gate before it is closed.
    pub(super) fn open(&self, task: *mut (), helpers: usize) {
        self.task.store(task, Ordering::Relaxed);
        let epoch = (self.word.load(Ordering::Relaxed) & !(EPOCH - 1)).wrapping_add(EPOCH);
        // A worker that enters has seen this store, and so the task before it.
        self.word.store(epoch | ((helpers as u64) << LIMIT_SHIFT) | OPEN, Ordering::Release);
        // The gate is open before the flags of the sleepers are read; see `wait`.
        fence(Ordering::SeqCst);
    }

    /// Wakes a worker, if it sleeps, after the gate was opened.
    pub(super) fn wake(&self, sleeper: &Sleeper, unpark: impl FnOnce()) {
        if sleeper.0.load(Ordering::Relaxed) && sleeper.0.swap(false, Ordering::Relaxed) {
            unpark();
        }
    }

    /// Lets nobody in any more, and returns when all have left; `pause` is called with the number of
    /// turns so far. What the workers did has then happened for the caller.
    pub(super) fn close(&self, mut pause: impl FnMut(u32)) {
        self.word.fetch_and(!OPEN, Ordering::Relaxed);
        let mut turns = 0;
        while self.word.load(Ordering::Acquire) & ACTIVE != 0 {
            turns = u32::saturating_add(turns, 1);
            pause(turns);
        }
    }

    /// Waits until the gate opens for a worker and enters. The task lives until [`Gate::leave`].
    ///
    /// The worker spins while `spin` says so, and then calls `park` until it is woken.
    pub(super) fn enter(
        &self,
        place: &mut Place,
        sleeper: &Sleeper,
        mut spin: impl FnMut() -> bool,
        mut park: impl FnMut(),
    ) -> *mut () {
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            if !place.is_wanted(word) {
                if !spin() {
                    self.sleep(place, sleeper, &mut park);
                }
                word = self.word.load(Ordering::Relaxed);
                continue;
            }
            // This fails when the gate has just closed or another worker has just entered.
            let entered = self.word.compare_exchange_weak(
                word,
                word + 1,
                Ordering::Acquire,
                Ordering::Relaxed,
            );
            match entered {
                Ok(_) => {
                    place.seen = word & !(EPOCH - 1);
                    return self.task.load(Ordering::Relaxed);
                }
                Err(newer) => word = newer,
            }
        }
    }

    /// Sleeps until the gate is open for this worker.
    fn sleep(&self, place: &Place, sleeper: &Sleeper, park: &mut impl FnMut()) {
        // The flag changes by swaps alone, so that all agree on the order of its changes.
        sleeper.0.swap(true, Ordering::Relaxed);
        // The flag is up before the gate is read again, and the caller opens the gate before it reads
        // the flag: one of the two sees the other, so no task is slept through.
        fence(Ordering::SeqCst);
        while sleeper.0.load(Ordering::Relaxed)
            && !place.is_wanted(self.word.load(Ordering::Relaxed))
        {
            park();
        }
        sleeper.0.swap(false, Ordering::Relaxed);
    }

    /// Leaves; the task may end now.
    pub(super) fn leave(&self) {
        self.word.fetch_sub(1, Ordering::Release);
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
