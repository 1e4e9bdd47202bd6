//! The idle small blocks of a thread, which it reaches without a lock.

use std::cell::RefCell;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

use super::back::{self, Contents};
use super::class::Class;
use super::system::Raw;

/// How many classes a thread keeps: blocks up to 256 KiB.
const CLASSES: usize = 44;

/// How many bytes a thread keeps.
const KEEP: usize = 4 << 20;

/// How far a thread's count may be ahead of [`HELD`], which is shared and so costs more.
const SLACK: isize = 64 << 10;

/// Bytes in the lists of all threads, each of which may be [`SLACK`] off.
static HELD: AtomicIsize = AtomicIsize::new(0);

/// How often [`clear_all`] was called.
static CLEARED: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static FRONT: RefCell<Front> = const { RefCell::new(Front::new()) };
}

struct Front {
    idle: [Vec<Raw>; CLASSES],
    bytes: usize,
    /// What [`HELD`] does not know yet.
    uncounted: isize,
    cleared: usize,
}

/// A block of at least this class, with its class.
pub(super) fn take(class: Class) -> (Raw, Class, Contents) {
    if class.index() < CLASSES {
        // The list is gone only while the thread ends.
        let found = FRONT.try_with(|front| front.borrow_mut().pop(class));
        if let Ok(Some(raw)) = found {
            return (raw, class, Contents::Old);
        }
    }
    back::take(class)
}

/// Keeps a block for its next user.
pub(super) fn give(raw: Raw, class: Class) {
    let mut raw = Some(raw);
    if class.index() < CLASSES {
        let _ = FRONT.try_with(|front| front.borrow_mut().push(&mut raw, class));
    }
    if let Some(raw) = raw {
        back::give(raw, class);
    }
}

/// Bytes in the lists of all threads: exact for this one, nearly so for the others.
pub(super) fn held_bytes() -> usize {
    let _ = FRONT.try_with(|front| front.borrow_mut().count());
    HELD.load(Ordering::Relaxed).max(0) as usize
}

/// Empties the list of this thread into the back, and those of the others when they next free a block.
pub(super) fn clear_all() {
    CLEARED.fetch_add(1, Ordering::Relaxed);
    let _ = FRONT.try_with(|front| front.borrow_mut().clear());
}

impl Front {
    const fn new() -> Self {
        Self { idle: [const { Vec::new() }; CLASSES], bytes: 0, uncounted: 0, cleared: 0 }
    }

    #[inline]
    fn pop(&mut self, class: Class) -> Option<Raw> {
        let raw = self.idle[class.index()].pop()?;
        self.bytes -= class.bytes();
        self.changed(-(class.bytes() as isize));
        Some(raw)
    }

    /// Takes the block out of `raw` if there is room for it.
    #[inline]
    fn push(&mut self, raw: &mut Option<Raw>, class: Class) {
        if self.cleared != CLEARED.load(Ordering::Relaxed) {
            self.clear();
        }
        if self.bytes + class.bytes() > KEEP {
            return;
        }
        self.idle[class.index()].extend(raw.take());
        self.bytes += class.bytes();
        self.changed(class.bytes() as isize);
    }

    #[inline]
    fn changed(&mut self, bytes: isize) {
        self.uncounted += bytes;
        if self.uncounted.abs() > SLACK {
            self.count();
        }
    }

    #[cold]
    fn count(&mut self) {
        HELD.fetch_add(self.uncounted, Ordering::Relaxed);
        self.uncounted = 0;
    }

    #[cold]
    fn clear(&mut self) {
        self.cleared = CLEARED.load(Ordering::Relaxed);
        for (index, idle) in self.idle.iter_mut().enumerate() {
            let class = Class::at(index);
            for raw in idle.drain(..) {
                self.bytes -= class.bytes();
                self.uncounted -= class.bytes() as isize;
                back::give(raw, class);
            }
        }
        self.count();
    }
}

/// A thread that ends leaves its blocks to the others.
impl Drop for Front {
    fn drop(&mut self) {
        self.clear();
    }
}
