//! The elements behind a tensor, by dtype.

use gradus_core::{DType, bf16};
use gradus_cpu::memory::{Block, Pooled};

/// A block of elements of one dtype.
#[derive(Debug)]
pub enum Storage {
    /// 32-bit floats.
    F32(Block<f32>),
    /// 64-bit floats.
    F64(Block<f64>),
    /// 16-bit brain floats.
    BF16(Block<bf16>),
    /// 64-bit integers.
    I64(Block<i64>),
    /// Bytes.
    U8(Block<u8>),
    /// Truth values.
    Bool(Block<bool>),
}

impl Storage {
    /// The dtype of the elements.
    pub(crate) fn dtype(&self) -> DType {
        match self {
            Self::F32(_) => DType::F32,
            Self::F64(_) => DType::F64,
            Self::BF16(_) => DType::BF16,
            Self::I64(_) => DType::I64,
            Self::U8(_) => DType::U8,
            Self::Bool(_) => DType::Bool,
        }
    }
}

/// The way from an element type to its arm of [`Storage`]. It seals `Element`.
pub trait Stored: Pooled {
    /// The elements, if the storage holds this type.
    fn of(storage: &Storage) -> Option<&Block<Self>>;

    /// The elements, to be written, if the storage holds this type.
    fn of_mut(storage: &mut Storage) -> Option<&mut Block<Self>>;

    /// A storage of these elements.
    fn store(data: Block<Self>) -> Storage;
}

/// Stamps the arms.
macro_rules! stored {
    ($($t:ident $arm:ident),*) => {$(
        impl Stored for $t {
            fn of(storage: &Storage) -> Option<&Block<Self>> {
                if let Storage::$arm(data) = storage { Some(data) } else { None }
            }

            fn of_mut(storage: &mut Storage) -> Option<&mut Block<Self>> {
                if let Storage::$arm(data) = storage { Some(data) } else { None }
            }

            fn store(data: Block<Self>) -> Storage {
                Storage::$arm(data)
            }
        }
    )*};
}
stored!(f32 F32, f64 F64, bf16 BF16, i64 I64, u8 U8, bool Bool);
