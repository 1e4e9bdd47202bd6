//! Which element types blocks hold.

use half::bf16;

/// A type whose blocks are recycled: plain numbers, of which every pattern of bits is a value, and
/// `bool`.
///
/// The trait is sealed.
pub trait Pooled: sealed::Plain + Copy + Default + Send + Sync + 'static {
    /// What a block is filled with in debug builds, so that a kernel which does not write every
    /// element is found.
    const GARBAGE: Self;
}

pub(super) mod sealed {
    /// A type without padding whose alignment and size divide a line.
    pub trait Plain {
        /// Whether every pattern of bits is a value, so that old contents may be read.
        const ANY_BITS: bool;
    }
}

/// Stamps the element types.
macro_rules! pooled {
    ($($t:ty = $garbage:expr, $any_bits:literal;)*) => {$(
        impl sealed::Plain for $t {
            const ANY_BITS: bool = $any_bits;
        }

        impl Pooled for $t {
            const GARBAGE: Self = $garbage;
        }
    )*};
}
pooled! {
    f32 = f32::NAN, true;
    f64 = f64::NAN, true;
    bf16 = bf16::NAN, true;
    i64 = i64::MIN, true;
    u8 = 0xA5, true;
    bool = true, false;
}
