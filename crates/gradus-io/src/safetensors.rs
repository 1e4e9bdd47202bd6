//! safetensors files, the format of models.
//!
//! ```text
//! 8 bytes   length n of the header, little-endian u64
//! n bytes   header, JSON: name -> dtype, shape, data_offsets; "__metadata__" -> texts
//! the rest  elements, little-endian, row by row
//! ```
//! The header is written here, in sorted order, since the `safetensors` crate keeps metadata in a
//! hash map: the same model would give other bytes in every run. It is parsed and checked by the
//! crate.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use gradus_core::{DType, Shape};
use gradus_tensor::Tensor;
use safetensors::Dtype;
use safetensors::tensor::Metadata;
use serde_json::json;

use crate::element::{Element, write_elements};
use crate::error::Place;
use crate::{Error, Result, write_atomic};

/// The version that [`save_safetensors`] writes into the header. It grows when a file would no
/// longer mean the same.
pub const FORMAT_VERSION: u32 = 1;

/// Where the version is among the metadata.
const VERSION_KEY: &str = "gradus_format";
/// Where the metadata is among the tensors.
const METADATA_KEY: &str = "__metadata__";
/// The `safetensors` crate's limit of the header's length.
const MAX_HEADER: u64 = 100_000_000;
/// What the header's length is a multiple of, so that elements are aligned.
const ALIGNMENT: usize = 8;

/// Writes tensors and texts to a safetensors file, atomically (see [`write_atomic`]).
///
/// Equal arguments give equal bytes. Any other program that reads safetensors can read the file.
///
/// # Errors
/// [`Error::Write`] if the file cannot be written; [`Error::ReservedName`] for a tensor named
/// `__metadata__` or a text named `gradus_format`.
///
/// # Examples
/// ```
/// use std::collections::BTreeMap;
///
/// use gradus_io::{load_safetensors, save_safetensors};
/// use gradus_tensor::Tensor;
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("model.safetensors");
/// let tensors = BTreeMap::from([("head.weight".to_owned(), Tensor::new([[1.0, 2.0]]))]);
/// let metadata = BTreeMap::from([("model".to_owned(), "linear".to_owned())]);
/// save_safetensors(&path, &tensors, &metadata)?;
///
/// let (loaded, texts) = load_safetensors(&path)?;
/// assert!(loaded["head.weight"].equal(&tensors["head.weight"]));
/// assert_eq!(texts, metadata);
/// # Ok::<(), gradus_io::Error>(())
/// ```
pub fn save_safetensors(
    path: impl AsRef<Path>,
    tensors: &BTreeMap<String, Tensor>,
    metadata: &BTreeMap<String, String>,
) -> Result<()> {
    let path = path.as_ref();
    let reserved = [
        (METADATA_KEY, tensors.contains_key(METADATA_KEY)),
        (VERSION_KEY, metadata.contains_key(VERSION_KEY)),
    ];
    if let Some((name, _)) = reserved.into_iter().find(|(_, used)| *used) {
        return Err(Error::ReservedName { place: Place::file(path), name: name.to_owned() });
    }
    // Large elements first, so that all are aligned; then by name.
    let mut ordered: Vec<(&String, &Tensor)> = tensors.iter().collect();
    ordered.sort_by_key(|(name, t)| (std::cmp::Reverse(t.dtype().size_in_bytes()), *name));
    let header = header(&ordered, metadata);
    write_atomic(path, |file| {
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(&header)?;
        ordered.iter().try_for_each(|(_, tensor)| write_elements(tensor, file))
    })
}

fn header(tensors: &[(&String, &Tensor)], metadata: &BTreeMap<String, String>) -> Vec<u8> {
    let mut texts = metadata.clone();
    texts.insert(VERSION_KEY.to_owned(), FORMAT_VERSION.to_string());
    let mut entries = serde_json::Map::from_iter([(METADATA_KEY.to_owned(), json!(texts))]);
    let mut start = 0;
    for (name, tensor) in tensors {
        let end = start + tensor.len() * tensor.dtype().size_in_bytes();
        let info = json!({
            "dtype": name_of(tensor.dtype()),
            "shape": tensor.dims(),
            "data_offsets": [start, end],
        });
        entries.insert((*name).clone(), info);
        start = end;
    }
    let mut header = serde_json::Value::from(entries).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(ALIGNMENT), b' ');
    header
}

const fn name_of(dtype: DType) -> &'static str {
    match dtype {
        DType::F32 => "F32",
        DType::F64 => "F64",
        DType::BF16 => "BF16",
        DType::I64 => "I64",
        DType::U8 => "U8",
        DType::Bool => "BOOL",
    }
}

/// Reads the tensors and texts of a safetensors file, whoever wrote it.
///
/// f16 is widened to f32, and i8, i16, u16, i32 and u32 to i64. The format version is checked and
/// not among the texts; a file without one is taken as it is.
///
/// # Errors
/// [`Error::Read`] if the file cannot be read; [`Error::Format`] if it is truncated or not
/// safetensors; [`Error::DType`] for other element types; [`Error::Version`] if a later Gradus
/// wrote it.
pub fn load_safetensors(
    path: impl AsRef<Path>,
) -> Result<(BTreeMap<String, Tensor>, BTreeMap<String, String>)> {
    let place = Place::file(path.as_ref());
    let file = File::open(path).map_err(|e| place.read(e))?;
    let file_len = file.metadata().map_err(|e| place.read(e))?.len();
    let mut input = BufReader::new(file);
    let header = read_header(&mut input, file_len, &place)?;
    let mut texts: BTreeMap<String, String> =
        header.metadata().iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect();
    if let Some(version) = texts.remove(VERSION_KEY) {
        check_version(version, &place)?;
    }
    Ok((read_tensors(&header, &mut input, &place)?, texts))
}

fn read_tensors(
    header: &Metadata,
    input: &mut impl Read,
    place: &Place,
) -> Result<BTreeMap<String, Tensor>> {
    let mut tensors = BTreeMap::new();
    // The crate has checked that in this order each tensor starts where the last one ends.
    for name in header.offset_keys() {
        let place = place.tensor(&name);
        let info = header.info(&name).expect("the name comes from the header");
        let element = element(info.dtype, &place)?;
        let tensor = element.read(&mut *input, Shape::from(&info.shape[..]), &place)?;
        tensors.insert(name, tensor);
    }
    Ok(tensors)
}

fn read_header(input: &mut impl Read, file_len: u64, place: &Place) -> Result<Metadata> {
    let too_short = || place.format("a safetensors file", format!("{file_len} bytes"));
    let rest = file_len.checked_sub(8).ok_or_else(too_short)?;
    let mut length = [0; 8];
    input.read_exact(&mut length).map_err(|e| place.read(e))?;
    let length = u64::from_le_bytes(length);
    if length > rest.min(MAX_HEADER) {
        let expected = format!("a safetensors header of at most {} bytes", rest.min(MAX_HEADER));
        return Err(place.format(expected, length.to_string()));
    }
    let mut header = vec![0; length as usize];
    input.read_exact(&mut header).map_err(|e| place.read(e))?;
    let header: Metadata = serde_json::from_slice(&header)
        .map_err(|e| place.format("a safetensors header", e.to_string()))?;
    let data_len = header.data_len() as u64;
    if data_len != rest - length {
        let expected = format!("{data_len} bytes of elements");
        return Err(place.format(expected, (rest - length).to_string()));
    }
    Ok(header)
}

fn check_version(version: String, place: &Place) -> Result<()> {
    match version.parse::<u32>() {
        Ok(v) if (1..=FORMAT_VERSION).contains(&v) => Ok(()),
        _ => Err(Error::Version { place: place.clone(), supported: FORMAT_VERSION, got: version }),
    }
}

fn element(dtype: Dtype, place: &Place) -> Result<Element> {
    Ok(match dtype {
        Dtype::BOOL => Element::Bool,
        Dtype::U8 => Element::U8,
        Dtype::I8 => Element::I8,
        Dtype::I16 => Element::I16,
        Dtype::U16 => Element::U16,
        Dtype::F16 => Element::F16,
        Dtype::BF16 => Element::BF16,
        Dtype::I32 => Element::I32,
        Dtype::U32 => Element::U32,
        Dtype::F32 => Element::F32,
        Dtype::F64 => Element::F64,
        Dtype::I64 => Element::I64,
        _ => {
            let expected = "F64 F32 F16 BF16 I64 I32 I16 I8 U32 U16 U8 BOOL";
            return Err(Error::DType { place: place.clone(), expected, dtype: dtype.to_string() });
        }
    })
}
