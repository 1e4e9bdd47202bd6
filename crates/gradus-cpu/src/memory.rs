//! Recycled blocks of memory.
//!
//! A training step allocates the same sizes again and again. The system takes large blocks back when
//! they are freed, and hands them out page by page and zeroed: on a machine where a fresh 40 MiB block
//! costs 16 ms, a recycled one costs 1 ms. So blocks wait here for their next use, in size classes at
//! quarter powers of two, up to a limit of idle bytes (`GRADUS_POOL_LIMIT`, by default 1 GiB).
//!
//! ```
//! use gradus_cpu::memory;
//! let mut block = memory::take::<f32>(10_000); // whatever it held before, or zeros
//! block.fill(1.0);
//! memory::give(block);
//! assert!(memory::idle_bytes() >= 40_000);
//! memory::trim(); // back to the system
//! ```

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use half::bf16;

/// Blocks below this many bytes are left to the system's allocator, which is quick with them.
const SMALLEST: usize = 4 << 10;

static IDLE: AtomicUsize = AtomicUsize::new(0);

static LIMIT: LazyLock<usize> = LazyLock::new(|| {
    let set = std::env::var("GRADUS_POOL_LIMIT").ok().and_then(|v| v.trim().parse().ok());
    set.unwrap_or(1 << 30)
});

/// Idle blocks by the capacity, in elements, that they have at least.
pub struct Shelf<T>(Mutex<BTreeMap<usize, Vec<Vec<T>>>>);

impl<T> std::fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf").finish_non_exhaustive()
    }
}

impl<T> Shelf<T> {
    const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<usize, Vec<Vec<T>>>> {
        // Nothing panics while the map is changed, so it is whole even after a poisoning.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clear(&self) {
        let blocks = std::mem::take(&mut *self.lock());
        let bytes: usize = blocks.values().flatten().map(bytes).sum();
        IDLE.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// A type whose blocks are recycled.
pub trait Pooled: Copy + Default + Send + 'static {
    /// What a recycled block is filled with in debug builds, so that a kernel which does not write
    /// every element is found.
    const GARBAGE: Self;

    /// Where its idle blocks are.
    fn shelf() -> &'static Shelf<Self>;
}

/// Stamps the shelves.
macro_rules! pooled {
    ($($t:ty = $garbage:expr),*) => {
        $(impl Pooled for $t {
            const GARBAGE: Self = $garbage;

            fn shelf() -> &'static Shelf<Self> {
                static SHELF: Shelf<$t> = Shelf::new();
                &SHELF
            }
        })*

        /// Gives all idle blocks back to the system.
        pub fn trim() {
            $(<$t>::shelf().clear();)*
        }
    };
}
pooled!(f32 = f32::NAN, f64 = f64::NAN, bf16 = bf16::NAN, i64 = i64::MIN, u8 = 0xA5, bool = true);

/// `len` elements of which nothing is known but that they are initialised: the caller writes all.
pub fn take<T: Pooled>(len: usize) -> Vec<T> {
    if len * size_of::<T>() < SMALLEST {
        return vec![T::default(); len];
    }
    let Some(mut block) = recycled(len) else {
        let mut block = vec![T::default(); class_above(len)];
        block.truncate(len);
        return block;
    };
    if cfg!(debug_assertions) {
        block.clear();
        block.resize(len, T::GARBAGE);
    } else {
        block.resize(len, T::default());
    }
    block
}

/// No elements, and room for `capacity` of them.
pub fn reserve<T: Pooled>(capacity: usize) -> Vec<T> {
    if capacity * size_of::<T>() < SMALLEST {
        return Vec::with_capacity(capacity);
    }
    let mut block = recycled(capacity).unwrap_or_else(|| Vec::with_capacity(class_above(capacity)));
    block.clear();
    block
}

/// An idle block with room for `len` elements.
fn recycled<T: Pooled>(len: usize) -> Option<Vec<T>> {
    let block = T::shelf().lock().get_mut(&class_above(len)).and_then(Vec::pop)?;
    IDLE.fetch_sub(bytes(&block), Ordering::Relaxed);
    Some(block)
}

/// `len` elements, all `T::default()`.
pub fn zeroed<T: Pooled>(len: usize) -> Vec<T> {
    let mut block = take(len);
    block.fill(T::default());
    block
}

/// Puts a block where [`take`] finds it.
pub fn give<T: Pooled>(block: Vec<T>) {
    let size = bytes(&block);
    if size < SMALLEST || IDLE.load(Ordering::Relaxed) + size > *LIMIT {
        return;
    }
    IDLE.fetch_add(size, Ordering::Relaxed);
    let class = class_below(block.capacity());
    T::shelf().lock().entry(class).or_default().push(block);
}

/// Bytes of the blocks that wait for their next use.
pub fn idle_bytes() -> usize {
    IDLE.load(Ordering::Relaxed)
}

fn bytes<T>(block: &Vec<T>) -> usize {
    block.capacity() * size_of::<T>()
}

/// The smallest class of at least `len` elements: 4, 5, 6 or 7 times a power of two.
fn class_above(len: usize) -> usize {
    let below = class_below(len);
    if below == len { len } else { below + quarter(below) }
}

/// The largest class of at most `len` elements.
fn class_below(len: usize) -> usize {
    len - len % quarter(len)
}

/// A quarter of the power of two at or below `len`.
fn quarter(len: usize) -> usize {
    (1usize << len.max(4).ilog2()) / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_waste_at_most_a_quarter() {
        for len in 1..10_000 {
            let (below, above) = (class_below(len), class_above(len));
            assert!(below <= len && len <= above, "{len}: {below} {above}");
            assert!(above - len <= len.div_ceil(4), "{len}: {above}");
            assert_eq!((class_below(above), class_above(above)), (above, above));
        }
    }

    /// One test, since the shelves are shared by all threads of the process.
    #[test]
    fn blocks_come_back_and_the_limit_holds() {
        trim();
        let mut block = take::<i64>(5_000);
        assert_eq!(block, vec![0; 5_000]);
        block.fill(7);
        let place = block.as_ptr();
        give(block);
        // A shorter request of the same class gets the same block, then nobody else does.
        let again = take::<i64>(4_900);
        assert_eq!((again.as_ptr(), again.len()), (place, 4_900));
        let other = take::<i64>(4_900);
        assert_ne!(other.as_ptr(), place);
        give(again);
        assert_eq!(zeroed::<i64>(5_000), vec![0; 5_000]);
        let room = reserve::<i64>(5_000);
        assert!(room.is_empty() && room.capacity() >= 5_000);
        give(Vec::<i64>::with_capacity(10));
        give(vec![0u8; *LIMIT + 1]);
        assert!(idle_bytes() <= *LIMIT);
        trim();
    }
}
