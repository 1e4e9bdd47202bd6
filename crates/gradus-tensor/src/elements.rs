//! The elements of a tensor in row-major order.

use std::ops::Deref;

use gradus_cpu::memory::Block;

use crate::Element;

/// Elements in row-major order: those of the tensor itself, or a copy if they lie otherwise.
pub(crate) enum Elements<'a, T: Element> {
    Borrowed(&'a [T]),
    Gathered(Block<T>),
}

impl<T: Element> Elements<'_, T> {
    /// The elements in a block of their own.
    pub(crate) fn into_owned(self) -> Block<T> {
        match self {
            Self::Gathered(block) => block,
            Self::Borrowed(elements) => elements.into(),
        }
    }
}

impl<T: Element> Deref for Elements<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Borrowed(elements) => elements,
            Self::Gathered(block) => block,
        }
    }
}
