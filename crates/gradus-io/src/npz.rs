//! npz files: named arrays, each an npy file in a zip archive.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use gradus_tensor::Tensor;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::error::Place;
use crate::npy::{npy_header, read_npy, write_npy};
use crate::{Error, Result, write_atomic};

/// What NumPy appends to a name.
const SUFFIX: &str = ".npy";
/// From this size on, an entry needs zip's 64-bit fields.
const LARGE: u64 = u32::MAX as u64;

/// Writes tensors as NumPy's `savez` would, without compression, atomically (see
/// [`write_atomic`]). Equal arguments give equal bytes.
///
/// # Errors
/// [`Error::Write`] if the file cannot be written; [`Error::DType`] for bf16, which NumPy lacks.
///
/// # Examples
/// ```
/// use std::collections::BTreeMap;
///
/// use gradus_io::{load_npz, save_npz};
/// use gradus_tensor::Tensor;
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("data.npz");
/// let arrays = BTreeMap::from([("x".to_owned(), Tensor::new([1.0, 2.0]))]);
/// save_npz(&path, &arrays)?; // numpy.load("data.npz")["x"]
/// assert!(load_npz(&path)?["x"].equal(&arrays["x"]));
/// # Ok::<(), gradus_io::Error>(())
/// ```
pub fn save_npz(path: impl AsRef<Path>, tensors: &BTreeMap<String, Tensor>) -> Result<()> {
    let place = Place::file(path.as_ref());
    let headers = tensors
        .iter()
        .map(|(name, tensor)| npy_header(tensor, &place.tensor(name)))
        .collect::<Result<Vec<_>>>()?;
    write_atomic(path, |file| {
        let mut archive = ZipWriter::new(file);
        for ((name, tensor), header) in tensors.iter().zip(&headers) {
            let n_bytes = header.len() + tensor.len() * tensor.dtype().size_in_bytes();
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Stored)
                .last_modified_time(DateTime::default())
                .large_file(n_bytes as u64 >= LARGE);
            archive.start_file(format!("{name}{SUFFIX}"), options)?;
            write_npy(&mut archive, header, tensor)?;
        }
        archive.finish()?;
        Ok(())
    })
}

/// Reads the arrays of an npz file, compressed or not; see [`crate::load_npy`] for the dtypes.
/// Entries that are no arrays are left out.
///
/// # Errors
/// [`Error::Read`] if the file cannot be read or decompressed; [`Error::Format`] if it is not npz
/// or damaged; [`Error::DType`] for other element types.
pub fn load_npz(path: impl AsRef<Path>) -> Result<BTreeMap<String, Tensor>> {
    let place = Place::file(path.as_ref());
    let file = File::open(path).map_err(|e| place.read(e))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|e| zip_error(e, &place))?;
    let mut tensors = BTreeMap::new();
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).map_err(|e| zip_error(e, &place))?;
        let file_name = entry.name().map_err(|e| zip_error(e, &place))?.into_owned();
        let Some(name) = file_name.strip_suffix(SUFFIX) else { continue };
        let tensor = read_npy(&mut entry, &place.tensor(name))?;
        if tensors.insert(name.to_owned(), tensor).is_some() {
            return Err(place.tensor(name).format("distinct names", "this one twice"));
        }
    }
    Ok(tensors)
}

fn zip_error(error: ZipError, place: &Place) -> Error {
    match error {
        ZipError::Io(source) if source.kind() != io::ErrorKind::UnexpectedEof => place.read(source),
        other => place.format("an npz file", other.to_string()),
    }
}
