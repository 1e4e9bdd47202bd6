//! npy files: one array, as NumPy saves it.
//!
//! ```text
//! 6 bytes        93 'NUMPY'
//! 2 bytes        version: 1.0, 2.0 or 3.0
//! 2 or 4 bytes   length n of the header, little-endian; 2 in version 1.0
//! n bytes        header, padded with spaces so that elements are aligned to 64 bytes
//! the rest       elements
//! ```

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use gradus_core::Shape;
use gradus_tensor::Tensor;

use crate::element::{Element, write_elements};
use crate::error::Place;
use crate::npy_header::{Endian, Fault, Header, Order};
use crate::{Error, Result, write_atomic};

const MAGIC: [u8; 6] = *b"\x93NUMPY";
/// What the elements are aligned to.
const ALIGNMENT: usize = 64;
/// Longer headers belong to record types, which are not read. NumPy's own limit is 10 000.
const MAX_HEADER: usize = 1 << 16;

/// The dtypes that NumPy shares with Gradus, in NumPy's names.
const SUPPORTED: &str = "b1 u1 u2 u4 i1 i2 i4 i8 f2 f4 f8";

/// Writes a tensor as NumPy's `save` would, atomically (see [`write_atomic`]).
///
/// # Errors
/// [`Error::Write`] if the file cannot be written; [`Error::DType`] for bf16, which NumPy lacks.
///
/// # Examples
/// ```
/// use gradus_io::{load_npy, save_npy};
/// use gradus_tensor::Tensor;
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("x.npy");
/// let x = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
/// save_npy(&path, &x)?; // numpy.load("x.npy")
/// assert!(load_npy(&path)?.equal(&x));
/// # Ok::<(), gradus_io::Error>(())
/// ```
pub fn save_npy(path: impl AsRef<Path>, tensor: &Tensor) -> Result<()> {
    let header = npy_header(tensor, &Place::file(path.as_ref()))?;
    write_atomic(path, |file| write_npy(file, &header, tensor))
}

/// Reads the array of an npy file.
///
/// Both byte orders and both orders of dimensions are read. f2 is widened to f32, and integers
/// below 64 bits to i64, but for u1, which stays u8.
///
/// # Errors
/// [`Error::Read`] if the file cannot be read; [`Error::Format`] if it is not npy, or has fewer or
/// more elements than it declares; [`Error::DType`] for other element types. Pickled objects are
/// not read: nothing in a file can run code.
pub fn load_npy(path: impl AsRef<Path>) -> Result<Tensor> {
    let place = Place::file(path.as_ref());
    let file = File::open(path).map_err(|e| place.read(e))?;
    read_npy(&mut BufReader::new(file), &place)
}

/// Everything that precedes the elements.
pub(crate) fn npy_header(tensor: &Tensor, place: &Place) -> Result<Vec<u8>> {
    let text = Header::text(Element::of(tensor.dtype()), tensor.shape());
    let text = text.ok_or_else(|| {
        let (place, dtype) = (place.clone(), tensor.dtype().to_string());
        Error::DType { place, expected: "bool u8 i64 f32 f64", dtype }
    })?;
    let prefix = MAGIC.len() + 4;
    let total = (prefix + text.len() + 1).next_multiple_of(ALIGNMENT);
    let header_len = u16::try_from(total - prefix).map_err(|_| {
        place.format("a rank that npy version 1.0 can hold", tensor.rank().to_string())
    })?;
    let mut header = MAGIC.to_vec();
    header.extend([1, 0]);
    header.extend(header_len.to_le_bytes());
    header.extend(text.as_bytes());
    header.resize(total - 1, b' ');
    header.push(b'\n');
    Ok(header)
}

pub(crate) fn write_npy(output: &mut impl Write, header: &[u8], tensor: &Tensor) -> io::Result<()> {
    output.write_all(header)?;
    write_elements(tensor, output)
}

/// Reads one array, which must end where the input ends.
pub(crate) fn read_npy(input: &mut impl Read, place: &Place) -> Result<Tensor> {
    let Header { element, endian, order, shape } = read_header(input, place)?;
    let n_bytes = element.n_bytes(&shape, place)?;
    let mut bytes = Vec::new();
    // One byte more than expected tells a file that is too long.
    input.take(n_bytes as u64 + 1).read_to_end(&mut bytes).map_err(|e| place.read(e))?;
    if bytes.len() != n_bytes {
        let more = bytes.len() > n_bytes;
        let got = if more { "more".to_owned() } else { bytes.len().to_string() };
        return Err(place.format(format!("{n_bytes} bytes for shape {shape}"), got));
    }
    if endian == Endian::Big {
        bytes.chunks_exact_mut(element.size()).for_each(<[u8]>::reverse);
    }
    match order {
        Order::C => element.tensor(&bytes, shape, place),
        Order::Fortran => {
            let reversed: Shape = shape.dims().iter().rev().copied().collect();
            let dims: Vec<usize> = (0..shape.rank()).rev().collect();
            let tensor = element.tensor(&bytes, reversed, place)?.permute(&dims);
            tensor.map_err(|source| Error::Tensor { place: place.clone(), source })
        }
    }
}

fn read_header(input: &mut impl Read, place: &Place) -> Result<Header> {
    let mut exactly = |n: usize, what: &str| {
        let mut bytes = Vec::with_capacity(n);
        input.by_ref().take(n as u64).read_to_end(&mut bytes).map_err(|e| place.read(e))?;
        let got = || format!("the end of the file after {} bytes of it", bytes.len());
        if bytes.len() == n { Ok(bytes) } else { Err(place.format(what, got())) }
    };
    let start = exactly(8, "the start of an npy file")?;
    if start[..6] != MAGIC {
        return Err(place.format("the start of an npy file", format!("{:02x?}", &start[..6])));
    }
    let length_size = match start[6..] {
        [1, 0] => 2,
        [2 | 3, 0] => 4,
        _ => {
            let got = format!("{}.{}", start[6], start[7]);
            return Err(place.format("npy version 1.0, 2.0 or 3.0", got));
        }
    };
    let length = exactly(length_size, "the length of the header")?;
    let length = length.iter().rev().fold(0, |n, &b| n << 8 | usize::from(b));
    if length > MAX_HEADER {
        return Err(
            place.format(format!("a header of at most {MAX_HEADER} bytes"), length.to_string())
        );
    }
    let header = exactly(length, "the header")?;
    let header = String::from_utf8(header)
        .map_err(|e| place.format("a header in UTF-8", e.utf8_error().to_string()))?;
    Header::parse(&header).map_err(|fault| match fault {
        Fault::Syntax { expected, got } => place.format(format!("{expected} in the header"), got),
        Fault::Element { descr } => {
            Error::DType { place: place.clone(), expected: SUPPORTED, dtype: format!("{descr:?}") }
        }
    })
}
