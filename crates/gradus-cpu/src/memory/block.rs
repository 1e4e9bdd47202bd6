//! A recycled piece of memory with its elements.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::back::Contents;
use super::class::{Class, LINE};
use super::front;
use super::pooled::Pooled;
use super::system::{self, Raw};

/// Elements in memory of the pool, where the memory returns when the block is dropped.
///
/// It is a slice that owns its memory; [`Extend`] fills one that was made by [`reserve`]. A `Vec`
/// becomes a block without a copy and is freed as a `Vec`; it need not be aligned to a line.
pub struct Block<T: Pooled> {
    start: NonNull<T>,
    len: usize,
    /// How many elements at `start` are values of `T`, whether they are shown or not.
    capacity: usize,
    origin: Origin,
}

/// Who made the memory.
#[derive(Clone, Copy)]
enum Origin {
    Pool(Class),
    /// The system, for this block alone, so that a sanitizer sees where it ends and when.
    Exact,
    /// A `Vec` with this capacity. What lies beyond its elements is not initialised and never used,
    /// so the block's own capacity is its length.
    Vec(usize),
}

// SAFETY: a block owns its elements, as a `Vec` does, and `Pooled` types are `Send`.
unsafe impl<T: Pooled> Send for Block<T> {}
// SAFETY: as above; shared references only read, and `Pooled` types are `Sync`.
unsafe impl<T: Pooled> Sync for Block<T> {}

/// `len` elements of which nothing is known but that they are initialised: the caller writes all.
///
/// # Panics
/// If so many elements fit in no address space.
pub fn take<T: Pooled>(len: usize) -> Block<T> {
    let (mut block, contents) = uncleared(len);
    if cfg!(debug_assertions) {
        block.fill(T::GARBAGE);
    } else if !T::ANY_BITS && contents == Contents::Old {
        block.fill(T::default());
    }
    block
}

/// `len` elements, all `T::default()`.
///
/// # Panics
/// As [`take`].
pub fn zeroed<T: Pooled>(len: usize) -> Block<T> {
    let (mut block, contents) = uncleared(len);
    if contents == Contents::Old {
        block.fill(T::default());
    }
    block
}

/// `len` elements, all `value`.
///
/// # Panics
/// As [`take`].
pub fn full<T: Pooled>(value: T, len: usize) -> Block<T> {
    let mut block = take(len);
    block.fill(value);
    block
}

/// No elements, and room for `capacity` of them.
///
/// # Panics
/// As [`take`].
pub fn reserve<T: Pooled>(capacity: usize) -> Block<T> {
    let mut block = take(capacity);
    block.len = 0;
    block
}

/// A block whose elements must be overwritten before they are seen, unless `T` takes any bits.
fn uncleared<T: Pooled>(len: usize) -> (Block<T>, Contents) {
    const { assert!(align_of::<T>() <= LINE && LINE.is_multiple_of(size_of::<T>())) };
    if len == 0 {
        return (Vec::new().into(), Contents::Zeros);
    }
    let class =
        len.checked_mul(size_of::<T>()).and_then(Class::of).expect("a block fits in memory");
    if cfg!(gradus_asan) {
        let start = system::exact(len * size_of::<T>()).start().cast();
        return (Block { start, len, capacity: len, origin: Origin::Exact }, Contents::Zeros);
    }
    let (raw, class, contents) = front::take(class);
    let (start, origin) = (raw.start().cast(), Origin::Pool(class));
    let capacity = if T::ANY_BITS { class.bytes() / size_of::<T>() } else { len };
    (Block { start, len, capacity, origin }, contents)
}

impl<T: Pooled> Block<T> {
    /// Adds an element, in new memory if the room is used up.
    #[inline]
    pub fn push(&mut self, element: T) {
        if self.len == self.capacity {
            self.grow(1);
        }
        self.len += 1;
        let last = self.len - 1;
        self[last] = element;
    }

    /// Adds elements, in new memory if the room is used up.
    pub fn extend_from_slice(&mut self, elements: &[T]) {
        if self.capacity - self.len < elements.len() {
            self.grow(elements.len());
        }
        let old = self.len;
        self.len += elements.len();
        self[old..].copy_from_slice(elements);
    }

    /// Room for at least `more` elements.
    #[cold]
    fn grow(&mut self, more: usize) {
        let mut longer = reserve((self.len + more).max(2 * self.len));
        longer.len = self.len;
        longer.copy_from_slice(self);
        *self = longer;
    }
}

impl<T: Pooled> Deref for Block<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: `start` leads to `capacity ≥ len` elements that this block owns, or is dangling and
        // aligned with `len` 0. Fresh memory is zero; old contents of another type are values of `T`,
        // since it takes any bits, or were overwritten in `take` and `zeroed`.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T: Pooled> DerefMut for Block<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`, and the borrow of `self` is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<T: Pooled> Drop for Block<T> {
    #[inline]
    fn drop(&mut self) {
        match self.origin {
            Origin::Pool(class) => {
                // SAFETY: `start` came from a piece of this class, and is not used after this.
                let raw = unsafe { Raw::from_start(self.start.cast()) };
                front::give(raw, class);
            }
            Origin::Exact => {
                // SAFETY: `start` came from a piece that was forgotten, and is not used after this.
                let raw = unsafe { Raw::from_start(self.start.cast()) };
                system::release_exact(raw, self.capacity * size_of::<T>());
            }
            Origin::Vec(capacity) => {
                // SAFETY: the parts are those of the `Vec` that became this block; its length may
                // have been made shorter.
                drop(unsafe { Vec::from_raw_parts(self.start.as_ptr(), self.len, capacity) });
            }
        }
    }
}

impl<T: Pooled> From<Vec<T>> for Block<T> {
    fn from(elements: Vec<T>) -> Self {
        let mut elements = std::mem::ManuallyDrop::new(elements);
        let (len, origin) = (elements.len(), Origin::Vec(elements.capacity()));
        let start = NonNull::new(elements.as_mut_ptr()).expect("a vector's pointer is not null");
        Self { start, len, capacity: len, origin }
    }
}

impl<T: Pooled> Extend<T> for Block<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        let elements = elements.into_iter();
        let (least, most) = elements.size_hint();
        if self.capacity - self.len < least {
            self.grow(least);
        }
        let old = self.len;
        if most != Some(least) {
            return elements.for_each(|element| self.push(element));
        }
        // The count is known: a plain loop over places, which the compiler can vectorise.
        self.len += least;
        let mut written = 0;
        self[old..].iter_mut().zip(elements).for_each(|(place, element)| {
            *place = element;
            written += 1;
        });
        self.len = old + written;
    }
}

impl<T: Pooled> FromIterator<T> for Block<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut block = take(0);
        block.extend(elements);
        block
    }
}

impl<T: Pooled> From<&[T]> for Block<T> {
    fn from(elements: &[T]) -> Self {
        let mut block = take(elements.len());
        block.copy_from_slice(elements);
        block
    }
}

impl<T: Pooled> Clone for Block<T> {
    fn clone(&self) -> Self {
        Self::from(&**self)
    }
}

impl<T: Pooled + fmt::Debug> fmt::Debug for Block<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// What can become a block without a copy.
pub trait IntoBlock {
    /// The type of the elements.
    type Element: Pooled;

    /// The same elements as a block.
    fn into_block(self) -> Block<Self::Element>;
}

impl<T: Pooled> IntoBlock for Block<T> {
    type Element = T;

    fn into_block(self) -> Self {
        self
    }
}

impl<T: Pooled> IntoBlock for Vec<T> {
    type Element = T;

    fn into_block(self) -> Block<T> {
        self.into()
    }
}
