//! IDX files, the format of MNIST.
//!
//! ```text
//! byte 0, 1   zero
//! byte 2      element type: 08 u8, 09 i8, 0B i16, 0C i32, 0D f32, 0E f64
//! byte 3      number of dimensions R
//! 4 R bytes   extents, big-endian u32
//! the rest    elements, big-endian, row by row
//! ```

use std::io::{self, Read};
use std::path::Path;

use gradus_core::Shape;
use gradus_tensor::Tensor;

use super::open::open;
use crate::{Error, Result};

/// Reads an IDX file, plain or compressed with gzip (told by its first bytes, not its name).
///
/// u8 elements stay u8; i8, i16 and i32 become i64; f32 and f64 stay what they are.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read or decompressed; [`Error::Format`] if it is not IDX, or
/// has fewer or more elements than it declares. A forged size costs no memory: elements are read
/// as they come.
///
/// # Examples
/// ```no_run
/// use gradus_tensor::DType;
/// let images = gradus_data::read_idx("t10k-images-idx3-ubyte.gz")?;
/// assert_eq!(images.dims(), &[10_000, 28, 28]);
/// let x = images.to_dtype(DType::F32)?.div_scalar(255.0)?;
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn read_idx(path: impl AsRef<Path>) -> Result<Tensor> {
    let path = path.as_ref();
    Reader { input: open(path)?, offset: 0, path }.read()
}

/// The element types of the format.
#[derive(Clone, Copy)]
enum Element {
    U8,
    I8,
    I16,
    I32,
    F32,
    F64,
}

impl Element {
    fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0x08 => Self::U8,
            0x09 => Self::I8,
            0x0B => Self::I16,
            0x0C => Self::I32,
            0x0D => Self::F32,
            0x0E => Self::F64,
            _ => return None,
        })
    }

    const fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    fn tensor(self, bytes: Vec<u8>, shape: Shape) -> Result<Tensor> {
        Ok(match self {
            Self::U8 => Tensor::from_vec(bytes, shape),
            Self::I8 => integers(&bytes, shape, i8::from_be_bytes),
            Self::I16 => integers(&bytes, shape, i16::from_be_bytes),
            Self::I32 => integers(&bytes, shape, i32::from_be_bytes),
            Self::F32 => Tensor::from_vec(elements(&bytes, f32::from_be_bytes).collect(), shape),
            Self::F64 => Tensor::from_vec(elements(&bytes, f64::from_be_bytes).collect(), shape),
        }?)
    }
}

fn elements<T, const N: usize>(
    bytes: &[u8],
    from_be_bytes: fn([u8; N]) -> T,
) -> impl Iterator<Item = T> {
    bytes.as_chunks::<N>().0.iter().map(move |&b| from_be_bytes(b))
}

fn integers<T: Into<i64>, const N: usize>(
    bytes: &[u8],
    shape: Shape,
    from_be_bytes: fn([u8; N]) -> T,
) -> gradus_tensor::Result<Tensor> {
    let values: Vec<i64> = elements(bytes, from_be_bytes).map(Into::into).collect();
    Tensor::from_vec(values, shape)
}

/// Reads on and knows where it is, for the errors.
struct Reader<'a, R> {
    input: R,
    offset: u64,
    path: &'a Path,
}

impl<R: Read> Reader<'_, R> {
    fn read(mut self) -> Result<Tensor> {
        let [zero, also_zero, code, rank] = self.bytes("the four bytes of an IDX magic number")?;
        self.offset = 0;
        let element = Element::from_code(code).filter(|_| zero == 0 && also_zero == 0);
        let element = element.ok_or_else(|| {
            let expected = "an IDX magic number (00 00, 08 to 0E, rank)".to_owned();
            self.error(expected, format!("{zero:02x} {also_zero:02x} {code:02x} {rank:02x}"))
        })?;
        self.offset = 4;
        let extents = (0..rank)
            .map(|_| Ok(u32::from_be_bytes(self.bytes("the extent of a dimension")?) as usize))
            .collect::<Result<Vec<_>>>()?;
        // A shape can be too large with no element in it, if another extent is 0.
        let extent = |&d: &usize| d.max(1);
        let largest: Shape = extents.iter().map(extent).chain([element.size()]).collect();
        let shape = Shape::from(extents);
        if largest.checked_len().is_none() {
            let expected = "extents that fit in memory".to_owned();
            return Err(self.error(expected, shape.to_string()));
        }
        let bytes = self.data(shape.len() * element.size(), &shape)?;
        element.tensor(bytes, shape)
    }

    /// The elements: exactly `expected` bytes up to the end of the file.
    fn data(&mut self, expected: usize, shape: &Shape) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        // One byte more than expected tells a file that is too long.
        let limit = expected as u64 + 1;
        let read = self.input.by_ref().take(limit).read_to_end(&mut bytes);
        read.map_err(|source| self.io(source))?;
        if bytes.len() == expected {
            return Ok(bytes);
        }
        let wanted = format!("{expected} bytes for shape {shape}");
        let got = if bytes.len() < expected { bytes.len().to_string() } else { "more".to_owned() };
        Err(self.error(wanted, got))
    }

    fn bytes<const N: usize>(&mut self, expected: &str) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        match self.input.read_exact(&mut bytes) {
            Ok(()) => {
                self.offset += N as u64;
                Ok(bytes)
            }
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                Err(self.error(expected.to_owned(), "the end of the file".to_owned()))
            }
            Err(source) => Err(self.io(source)),
        }
    }

    fn io(&self, source: io::Error) -> Error {
        Error::Io { path: self.path.to_owned(), source }
    }

    fn error(&self, expected: String, got: String) -> Error {
        Error::Format { path: self.path.to_owned(), offset: self.offset, expected, got }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use gradus_tensor::DType;
    use proptest::prelude::*;

    use super::*;

    fn read_bytes(bytes: &[u8]) -> Result<Tensor> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        read_idx(file.path())
    }

    fn idx(code: u8, extents: &[u32], data: &[u8]) -> Vec<u8> {
        let extents = extents.iter().flat_map(|d| d.to_be_bytes());
        let rank = (extents.clone().count() / 4) as u8;
        [0, 0, code, rank].into_iter().chain(extents).chain(data.iter().copied()).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_element_type_is_read() {
        let x = read_bytes(&idx(8, &[2, 2], &[1, 2, 3, 255])).unwrap();
        assert_eq!((x.dims(), x.to_vec::<u8>().unwrap()), (&[2, 2][..], vec![1, 2, 3, 255]));
        let integers = |code, data: &[u8]| {
            read_bytes(&idx(code, &[2], data)).unwrap().to_vec::<i64>().unwrap()
        };
        assert_eq!(integers(0x09, &[0xff, 2]), [-1, 2]);
        assert_eq!(integers(0x0B, &[0xff, 0xfe, 1, 0]), [-2, 256]);
        assert_eq!(integers(0x0C, &[0xff, 0xff, 0xff, 0xfd, 0, 1, 0, 0]), [-3, 65536]);
        let x = read_bytes(&idx(0x0D, &[1], &1.5f32.to_be_bytes())).unwrap();
        assert_eq!((x.dtype(), x.item().unwrap()), (DType::F32, 1.5));
        let x = read_bytes(&idx(0x0E, &[], &(-2.5f64).to_be_bytes())).unwrap();
        assert_eq!((x.dtype(), x.rank(), x.item().unwrap()), (DType::F64, 0, -2.5));
        assert_eq!(read_bytes(&idx(8, &[3, 0, 2], &[])).unwrap().dims(), &[3, 0, 2]);
    }

    #[test]
    fn errors_tell_what_and_where() {
        let message = |bytes: &[u8]| {
            let text = read_bytes(bytes).unwrap_err().to_string();
            text.split_once(", byte ").unwrap().1.to_owned()
        };
        assert_eq!(
            message(b"PK\x03\x04"),
            "0: expected an IDX magic number (00 00, 08 to 0E, rank), got 50 4b 03 04"
        );
        assert_eq!(
            message(&[0, 0]),
            "0: expected the four bytes of an IDX magic number, got the end of the file"
        );
        assert_eq!(
            message(&[0, 0, 8, 2, 0, 0, 0, 9]),
            "8: expected the extent of a dimension, got the end of the file"
        );
        let data = [0; 3];
        assert_eq!(
            message(&idx(8, &[2, 2], &data)),
            "12: expected 4 bytes for shape [2, 2], got 3"
        );
        assert_eq!(message(&idx(8, &[2], &data)), "8: expected 2 bytes for shape [2], got more");
    }

    #[test]
    fn a_forged_size_costs_no_memory() {
        let huge = idx(8, &[u32::MAX, u32::MAX / 4], &[1, 2, 3]);
        assert!(read_bytes(&huge).unwrap_err().to_string().ends_with("got 3"));
        let wrapped = idx(8, &[u32::MAX, u32::MAX, u32::MAX], &[]);
        assert!(read_bytes(&wrapped).unwrap_err().to_string().contains("fit in memory"));
        assert!(read_bytes(&idx(8, &[0, u32::MAX, u32::MAX, u32::MAX], &[])).is_err());
        assert!(read_bytes(&idx(8, &[1; 255], &[1])).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damaged_files_never_panic(
            data in prop::collection::vec(any::<u8>(), 12), compress: bool,
            cut in 0usize..60, flip in 0usize..480,
        ) {
            let mut bytes = idx(8, &[3, 4], &data);
            if compress {
                bytes = gzip(&bytes);
            }
            let x = read_bytes(&bytes).unwrap();
            prop_assert_eq!(x.dims(), &[3, 4]);
            prop_assert_eq!(x.to_vec::<u8>().unwrap(), data);
            let cut = cut.min(bytes.len() - 1);
            prop_assert!(read_bytes(&bytes[..cut]).is_err());
            bytes[flip / 8 % 24] ^= 1 << (flip % 8);
            let _unused = read_bytes(&bytes);
        }
    }
}
