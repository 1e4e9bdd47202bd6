//! Elements as bytes, little-endian, for every format.

use std::io::{self, Read, Write};

use gradus_core::{DType, Shape, bf16};
use gradus_tensor::{Element as TensorElement, Tensor};
use half::f16;

use crate::error::Place;
use crate::{Error, Result};

/// The element types that files may have. Those that Gradus lacks are widened without loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    Bool,
    U8,
    I8,
    I16,
    U16,
    F16,
    BF16,
    I32,
    U32,
    F32,
    F64,
    I64,
}

impl Element {
    pub(crate) const fn of(dtype: DType) -> Self {
        match dtype {
            DType::F32 => Self::F32,
            DType::F64 => Self::F64,
            DType::BF16 => Self::BF16,
            DType::I64 => Self::I64,
            DType::U8 => Self::U8,
            DType::Bool => Self::Bool,
        }
    }

    pub(crate) const fn size(self) -> usize {
        match self {
            Self::Bool | Self::U8 | Self::I8 => 1,
            Self::I16 | Self::U16 | Self::F16 | Self::BF16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }

    /// How many bytes a tensor has.
    pub(crate) fn n_bytes(self, shape: &Shape, place: &Place) -> Result<usize> {
        // Strides must fit in memory's address space even if another extent is 0.
        let extent = |&d: &usize| d.max(1);
        let largest: Shape = shape.dims().iter().map(extent).chain([self.size()]).collect();
        match largest.checked_len() {
            Some(_) => Ok(shape.len() * self.size()),
            None => Err(place.format("a shape that fits in memory", shape.to_string())),
        }
    }

    /// Reads exactly the elements of a tensor. Memory is asked for as bytes come, so that a forged
    /// shape costs nothing.
    pub(crate) fn read(self, input: impl Read, shape: Shape, place: &Place) -> Result<Tensor> {
        let expected = self.n_bytes(&shape, place)?;
        let mut bytes = Vec::new();
        input.take(expected as u64).read_to_end(&mut bytes).map_err(|e| place.read(e))?;
        if bytes.len() < expected {
            let expected = format!("{expected} bytes for shape {shape}");
            return Err(place.format(expected, bytes.len().to_string()));
        }
        self.tensor(&bytes, shape, place)
    }

    /// A tensor from exactly its bytes.
    pub(crate) fn tensor(self, bytes: &[u8], shape: Shape, place: &Place) -> Result<Tensor> {
        let tensor = match self {
            Self::Bool => {
                if let Some(byte) = bytes.iter().find(|&&b| b > 1) {
                    return Err(place.format("truth values of 0 or 1", byte.to_string()));
                }
                widened(bytes, shape, |[b]: [u8; 1]| b == 1)
            }
            Self::U8 => widened(bytes, shape, u8::from_le_bytes),
            Self::I8 => widened(bytes, shape, |b| i64::from(i8::from_le_bytes(b))),
            Self::I16 => widened(bytes, shape, |b| i64::from(i16::from_le_bytes(b))),
            Self::U16 => widened(bytes, shape, |b| i64::from(u16::from_le_bytes(b))),
            Self::I32 => widened(bytes, shape, |b| i64::from(i32::from_le_bytes(b))),
            Self::U32 => widened(bytes, shape, |b| i64::from(u32::from_le_bytes(b))),
            Self::I64 => widened(bytes, shape, i64::from_le_bytes),
            Self::F16 => widened(bytes, shape, |b| f16::from_le_bytes(b).to_f32()),
            Self::BF16 => widened(bytes, shape, bf16::from_le_bytes),
            Self::F32 => widened(bytes, shape, f32::from_le_bytes),
            Self::F64 => widened(bytes, shape, f64::from_le_bytes),
        };
        tensor.map_err(|source| Error::Tensor { place: place.clone(), source })
    }
}

fn widened<T: TensorElement, const N: usize>(
    bytes: &[u8],
    shape: Shape,
    from_bytes: impl Fn([u8; N]) -> T,
) -> gradus_tensor::Result<Tensor> {
    let values: Vec<T> = bytes.as_chunks::<N>().0.iter().map(|&b| from_bytes(b)).collect();
    Tensor::from_vec(values, shape)
}

/// Writes the elements of a tensor in row-major order.
pub(crate) fn write_elements(tensor: &Tensor, output: &mut impl Write) -> io::Result<()> {
    match tensor.dtype() {
        DType::F32 => write_all(tensor, output, f32::to_le_bytes),
        DType::F64 => write_all(tensor, output, f64::to_le_bytes),
        DType::BF16 => write_all(tensor, output, bf16::to_le_bytes),
        DType::I64 => write_all(tensor, output, i64::to_le_bytes),
        DType::U8 => write_all(tensor, output, u8::to_le_bytes),
        DType::Bool => write_all(tensor, output, |b: bool| [u8::from(b)]),
    }
}

fn write_all<T: TensorElement, const N: usize>(
    tensor: &Tensor,
    output: &mut impl Write,
    to_bytes: impl Fn(T) -> [u8; N],
) -> io::Result<()> {
    /// Elements that are converted at a time.
    const BLOCK: usize = 4096;
    let tensor = tensor.contiguous();
    let values = tensor.as_slice::<T>().expect("contiguous, and T was chosen by the dtype");
    let mut bytes = vec![[0; N]; BLOCK.min(values.len())];
    for block in values.chunks(BLOCK) {
        for (b, &value) in bytes.iter_mut().zip(block) {
            *b = to_bytes(value);
        }
        output.write_all(bytes[..block.len()].as_flattened())?;
    }
    Ok(())
}
