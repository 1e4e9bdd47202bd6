//! Element types.

use std::fmt;

/// The type of a tensor's elements, known at run time.
///
/// # Examples
/// ```
/// use gradus_core::DType;
/// assert_eq!(DType::F64.size_in_bytes(), 8);
/// assert!(DType::BF16.is_float() && !DType::I64.is_float());
/// assert_eq!(DType::F32.to_string(), "f32");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum DType {
    /// 32-bit float, the default.
    #[default]
    F32,
    /// 64-bit float.
    F64,
    /// 16-bit brain float: 8 bits of exponent, 8 bits of precision.
    BF16,
    /// Signed 64-bit integer: indices, token ids, labels.
    I64,
    /// Unsigned byte: pixels.
    U8,
    /// Truth value: masks.
    Bool,
}

impl DType {
    /// Every dtype.
    pub const ALL: [Self; 6] = [Self::F32, Self::F64, Self::BF16, Self::I64, Self::U8, Self::Bool];

    /// Bytes of one element.
    pub const fn size_in_bytes(self) -> usize {
        match self {
            Self::F64 | Self::I64 => 8,
            Self::F32 => 4,
            Self::BF16 => 2,
            Self::U8 | Self::Bool => 1,
        }
    }

    /// Whether this is a float, that is, whether it can have a gradient.
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64 | Self::BF16)
    }

    /// The name in messages, displays and file headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::BF16 => "bf16",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::Bool => "bool",
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
