//! Size classes: multiples of 64 bytes up to 256, then 5, 6, 7 and 8 quarters of a power of two.

/// The alignment of every block, and the smallest size: a cache line, and a vector of AVX-512.
pub(super) const LINE: usize = 64;

/// How many classes there are; the last holds half of the address space.
pub(super) const CLASSES: usize = 224;

/// The size of a block, as its place in the list of sizes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Class(u8);

impl Class {
    /// The smallest class of at least `bytes` bytes; `None` if no address space holds it.
    pub(super) fn of(bytes: usize) -> Option<Self> {
        if bytes <= 4 * LINE {
            return Some(Self((bytes.max(1) - 1) as u8 / LINE as u8));
        }
        let last = bytes - 1;
        let log = last.ilog2();
        let class = (log as usize - 8) * 4 + (last >> (log - 2) & 3) + 4;
        (class < CLASSES).then_some(Self(class as u8))
    }

    /// The class at a place.
    pub(super) const fn at(index: usize) -> Self {
        debug_assert!(index < CLASSES);
        Self(index as u8)
    }

    /// The place in the list of sizes.
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    /// The size of its blocks.
    pub(super) const fn bytes(self) -> usize {
        let class = self.0 as usize;
        if class < 4 { (class + 1) * LINE } else { (5 + class % 4) << (class / 4 + 5) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_holds_what_it_is_for_and_wastes_at_most_a_quarter() {
        for bytes in (0..70_000).chain([1 << 40, (1 << 40) + 1, isize::MAX as usize / 2]) {
            let class = Class::of(bytes).unwrap();
            assert!(class.bytes() >= bytes, "{bytes}");
            assert!(class.bytes() - bytes <= LINE.max(bytes / 4), "{bytes}");
            assert_eq!(Class::of(class.bytes()), Some(class));
            assert_eq!(class.bytes() % LINE, 0);
        }
        assert_eq!(Class::of(usize::MAX), None);
    }

    #[test]
    fn classes_grow() {
        for i in 1..CLASSES {
            assert!(Class::at(i).bytes() > Class::at(i - 1).bytes());
        }
    }
}
