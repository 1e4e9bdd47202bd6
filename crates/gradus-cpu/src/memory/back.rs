//! The idle blocks of the process, behind a lock.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use crate::environment::number;

use super::class::{CLASSES, Class};
use super::system::{Raw, fresh, release};

static LIMIT: LazyLock<usize> = LazyLock::new(|| number("GRADUS_POOL_LIMIT", 0).unwrap_or(1 << 30));

static BACK: Mutex<Back> = Mutex::new(Back {
    idle: [const { Vec::new() }; CLASSES],
    idle_bytes: 0,
    out_bytes: 0,
    peak_bytes: 0,
});

/// From this size on, a block that is up to three classes too large is taken before a fresh one is
/// made: a page that is there costs nothing, and the process stays smaller.
const LARGE: usize = 1 << 20;

/// Idle blocks by class, and what is counted.
pub(super) struct Back {
    idle: [Vec<Raw>; CLASSES],
    pub(super) idle_bytes: usize,
    /// Bytes of the blocks that are not here: in use, or in the list of a thread.
    pub(super) out_bytes: usize,
    /// The largest `out_bytes` so far.
    pub(super) peak_bytes: usize,
}

pub(super) fn lock() -> MutexGuard<'static, Back> {
    // Nothing panics while the lists are changed, so they are whole even after a poisoning.
    BACK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known of the contents of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Contents {
    Zeros,
    Old,
}

/// A block of at least this class, with its class: a recycled one if there is any.
pub(super) fn take(class: Class) -> (Raw, Class, Contents) {
    if let Some((raw, class)) = lock().pop(class) {
        return (raw, class, Contents::Old);
    }
    // The system is asked without the lock.
    let raw = fresh(class);
    lock().went_out(class.bytes());
    (raw, class, Contents::Zeros)
}

/// Keeps a block for its next user, or gives it to the system if enough are idle.
pub(super) fn give(raw: Raw, class: Class) {
    let mut back = lock();
    back.out_bytes -= class.bytes();
    if back.idle_bytes + class.bytes() > *LIMIT {
        drop(back);
        return release(raw, class);
    }
    back.idle_bytes += class.bytes();
    back.idle[class.index()].push(raw);
}

/// Gives all idle blocks to the system.
pub(super) fn trim() {
    for index in 0..CLASSES {
        let class = Class::at(index);
        let idle = {
            let mut back = lock();
            let idle = std::mem::take(&mut back.idle[index]);
            back.idle_bytes -= idle.len() * class.bytes();
            idle
        };
        idle.into_iter().for_each(|raw| release(raw, class));
    }
}

impl Back {
    fn pop(&mut self, class: Class) -> Option<(Raw, Class)> {
        let more = if class.bytes() >= LARGE { 3 } else { 0 };
        let last = (class.index() + more).min(CLASSES - 1);
        for index in class.index()..=last {
            if let Some(raw) = self.idle[index].pop() {
                let class = Class::at(index);
                self.idle_bytes -= class.bytes();
                self.went_out(class.bytes());
                return Some((raw, class));
            }
        }
        None
    }

    fn went_out(&mut self, bytes: usize) {
        self.out_bytes += bytes;
        self.peak_bytes = self.peak_bytes.max(self.out_bytes);
    }
}
